import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

total_energy = eqx.filter_jit(lambda system, m: system.total_energy(m))


def energy_by_hand(m, A, Ms, mesh, between=None, regions=None, scale=1.0):
    """Σ over pairs of neighbours of A_face |Δm|²/d² · V, one pair at a time."""
    nx, ny, nz = mesh.cells
    total = 0.0
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                for axis, (di, dj, dk) in zip("xyz", np.eye(3, dtype=int), strict=True):
                    to = [i + di, j + dj, k + dk]
                    for a, (n, name) in enumerate(zip(mesh.cells, "xyz", strict=True)):
                        if to[a] == n and name in mesh.periodic:
                            to[a] = 0
                    if any(t >= n for t, n in zip(to, mesh.cells, strict=True)):
                        continue
                    here, there = (k, j, i), tuple(reversed(to))
                    if Ms[here] == 0 or Ms[there] == 0:
                        continue
                    stiffness = 2 * A[here] * A[there] / (A[here] + A[there])
                    if regions is not None and regions[here] != regions[there]:
                        stiffness = scale * stiffness if between is None else between
                    d = mesh.cell_size["xyz".index(axis)]
                    difference = m[(slice(None), *here)] - m[(slice(None), *there)]
                    total += stiffness * float(difference @ difference) / d**2 * mesh.cell_volume
    return total


@pytest.mark.parametrize("periodic", ["", "x", "y", "z", "xyz"])
@pytest.mark.parametrize("kind", ["number", "cells", "between", "scaled"])
def test_energy_is_that_of_explicit_loops(kind, periodic, bench):
    varies = kind in ("cells", "scaled")
    A = bench.rng.uniform(1e-11, 2e-11, (2, 3, 4)) if varies else np.full((2, 3, 4), 1.3e-11)
    between = -3e-12 if kind == "between" else None
    scale = 0.3 if kind == "scaled" else 1.0
    term = mj.Exchange(
        A if varies else 1.3e-11,
        between=between and {("right", "left"): between},
        scale={("right", "left"): scale} if kind == "scaled" else None,
    )
    system = bench.system(term, periodic=periodic, holes=True)
    m = bench.spins(system)
    side = np.broadcast_to(np.arange(4) < 2, (2, 3, 4))
    expected = energy_by_hand(np.asarray(m), A, np.asarray(system.Ms), system.mesh, between, side, scale)
    assert float(total_energy(system, m)) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("periodic", ["", "x", "yz"])
def test_scaled_energy_and_its_slope_are_those_of_explicit_loops(periodic, bench):
    """The factor times the harmonic mean of stiffnesses that differ in all cells; the energy is linear in it."""
    A = bench.rng.uniform(1e-11, 2e-11, (2, 3, 4))
    system = bench.system(mj.Exchange(A, scale={("right", "left"): -0.3}), periodic=periodic, holes=True)
    m = bench.spins(system)
    side = np.broadcast_to(np.arange(4) < 2, (2, 3, 4))
    by_hand = [energy_by_hand(*map(np.asarray, (m, A, system.Ms)), system.mesh, None, side, k) for k in (-0.3, 0.7)]

    @jax.jit
    def energy(factor):
        term = mj.Exchange(A, scale={("left", "right"): factor})
        return mj.System(system.mesh, Ms=system.Ms, energy=term, regions=system.regions).total_energy(m)

    value, slope = jax.value_and_grad(energy)(-0.3)
    assert float(value) == pytest.approx(by_hand[0], rel=1e-13, abs=0)
    assert float(slope) == pytest.approx(by_hand[1] - by_hand[0], rel=1e-12, abs=0)
    assert float(total_energy(system, m)) == pytest.approx(by_hand[0], rel=1e-13, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("term", [lambda **k: mj.Exchange(1e-11, **k), lambda **k: mj.DMI(2e-3, "bulk", **k)])
def test_a_factor_of_equal_cells_is_a_value(term, bench):
    """Where both regions are alike, 0.25 of the mean is a quarter of the value; 1 changes nothing."""
    base = 1e-11 if isinstance(term(), mj.Exchange) else 2e-3
    pair = ("left", "right")
    scaled, explicit, same, plain = (
        bench.system(each, periodic="y")
        for each in (term(scale={pair: 0.25}), term(between={pair: 0.25 * base}), term(scale={pair: 1}), term())
    )
    m = bench.spins(scaled)
    np.testing.assert_allclose(scaled.field(m), explicit.field(m), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(same.field(m), plain.field(m), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("argument", ["between", "scale"])
def test_values_that_differ_across_a_face_are_averaged(argument, bench):
    """Both cells of a face see one coupling, so that the energy's parts of both sides are −½ Ms m·B in all."""
    value = bench.rng.uniform(0.1, 0.9, (2, 3, 4)) * (1e-11 if argument == "between" else 1)
    system = bench.system(mj.Exchange(1.3e-11, **{argument: {("left", "right"): value}}), periodic="x", holes=True)
    m = bench.spins(system)
    half = -0.5 * float(jnp.sum(jnp.asarray(system.Ms)[None] * m * system.field(m))) * system.mesh.cell_volume
    assert float(total_energy(system, m)) == pytest.approx(half, rel=1e-12, abs=0)


@pytest.mark.slow
def test_uniform_spins_cost_nothing_exactly(bench, dtype):
    system = bench.system(mj.Exchange(A=1.3e-11), periodic="x", holes=True)
    m = mj.textures.uniform(system.mesh, (0.6, 0, 0.8), dtype=dtype) * system.occupied.value[None]
    assert float(system.total_energy(m)) == 0
    assert np.all(np.asarray(system.field(m)) == 0)


def test_uniform_spins_have_no_field_where_only_the_magnetisation_varies(bench):
    """One stiffness, no empty cell, and free ends: nothing lies beyond them whatever Ms is."""
    Ms = bench.rng.uniform(5e5, 1e6, (2, 3, 4))
    system = mj.System(bench.mesh(), Ms=Ms, energy=mj.Exchange(A=1.3e-11))
    assert np.all(np.asarray(system.field(mj.textures.uniform(system.mesh, "z"))) == 0)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_helix_is_exact_on_the_lattice(axis, precision):
    """Spins turning by q d from cell to cell: w = 2A(1 − cos q d)/d², B = −(2A/Ms) · 2(1 − cos q d)/d² · m."""
    n, d, A, Ms = 12, (2e-9, 3e-9, 2.5e-9)["xyz".index(axis)], 1.3e-11, 8e5
    cells = tuple(n if a == axis else 1 for a in "xyz")
    mesh = mj.Mesh(cells, (2e-9, 3e-9, 2.5e-9), periodic=axis)
    angle = 2 * np.pi * 2 / n * np.arange(n)
    turning = np.stack([np.cos(angle), np.zeros(n), np.sin(angle)]).reshape(3, *mesh.shape)
    m = jnp.asarray(turning, precision.dtype)
    system = mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=A))
    lattice = 2 * (1 - np.cos(2 * np.pi * 2 / n)) / d**2
    assert float(system.total_energy(m)) == pytest.approx(
        A * lattice * n * mesh.cell_volume, rel=precision.stencil, abs=0
    )
    np.testing.assert_allclose(system.field(m), -2 * A / Ms * lattice * m, atol=precision.stencil * 2 * A / Ms / d**2)


def test_field_converges_to_the_continuum_at_second_order():
    """B = (2A/Ms) ∇²m of a smooth periodic texture: halving the cells quarters the error."""
    A, Ms, length = 1.3e-11, 8e5, 100e-9

    def error(n):
        mesh = mj.Mesh((n, 1, 1), (length / n, 3e-9, 2e-9), periodic="x")
        x = mesh.coordinates("x")
        q = 2 * np.pi / length
        angle = np.sin(q * x)
        m = np.stack([np.cos(angle), np.sin(angle), 0 * x])
        slope, bend = q * np.cos(q * x), -(q**2) * np.sin(q * x)
        laplacian = bend * np.stack([-np.sin(angle), np.cos(angle), 0 * x]) - slope**2 * m
        field = mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=A)).field(jnp.asarray(m.reshape(3, 1, 1, n)))
        return np.abs(np.asarray(field).reshape(3, n) - 2 * A / Ms * laplacian).max()

    errors = [error(n) for n in (16, 32, 64, 128)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders[1:] - 2) < 0.05), orders


@pytest.mark.slow
def test_harmonic_mean_conducts_as_two_halves_in_series():
    """Across an interface the flux A ∂m/∂x is continuous.

    A rotation in the plane by a small angle obeys (A φ')' = 0: φ is piecewise linear, and the stencil with the harmonic
    mean at the interface holds it in equilibrium exactly, whatever the ratio of the two stiffnesses.
    """
    n, A1, A2 = 8, 5e-12, 2e-11
    mesh = mj.Mesh((2 * n, 1, 1), (2e-9, 3e-9, 2.5e-9))
    left = np.broadcast_to(np.arange(2 * n) < n, mesh.shape)
    regions = mj.Regions(mesh, {"soft": left, "stiff": ~left})
    system = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A={"soft": A1, "stiff": A2}), regions=regions)
    x = mesh.coordinates("x") - n * 2e-9
    slope = 1e4  # a total angle of a few 1e-4 rad: sin φ = φ to 1e-8
    angle = np.where(x < 0, slope * x, slope * A1 / A2 * x)
    m = jnp.asarray(np.stack([np.cos(angle), np.sin(angle), 0 * x]).reshape(3, 1, 1, 2 * n))
    torque = np.asarray(system.field(m))[1, 0, 0]
    one_sided = 2 * A1 / 8e5 * slope / 2e-9  # what an unbalanced face would give
    assert np.abs(torque[1:-1]).max() < 1e-6 * one_sided
    assert np.abs(torque[0]) == pytest.approx(one_sided, rel=1e-6, abs=0)  # the free end feels its missing neighbour


def test_negative_coupling_prefers_antiparallel_regions(bench):
    system = bench.system(mj.Exchange(A=1e-11, between={("left", "right"): -5e-12}))
    up = mj.textures.uniform(system.mesh, (0, 0, 1))
    split = jnp.where(jnp.arange(4)[None, None, None] < 2, up, -up)
    faces = 3 * 2
    expected = -5e-12 * 4 / (2e-9) ** 2 * faces * system.mesh.cell_volume
    assert float(system.total_energy(split)) == pytest.approx(expected, rel=1e-13, abs=0)
    assert float(system.total_energy(up)) == 0


def test_bloch_wall_energy():
    """4√(AK) per area for the profile m_z = tanh(x/Δ), Δ = √(A/K): the lattice's is lower by (d/Δ)²/24-ish parts.

    Δ = 8.06 nm and d = 0.5 nm: the second-order error of the stencil is below 2e-4.
    """
    A, K, Ms = 1.3e-11, 2e5, 8e5
    mesh = mj.Mesh((400, 1, 1), (0.5e-9, 3e-9, 2e-9))
    x = mesh.coordinates("x") - mesh.center[0]
    width = np.sqrt(A / K)
    m = np.stack([0 * x, 1 / np.cosh(x / width), np.tanh(x / width)]).reshape(3, 1, 1, 400)
    system = mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
    area = 3e-9 * 2e-9
    assert float(system.total_energy(jnp.asarray(m))) / area == pytest.approx(4 * np.sqrt(A * K), rel=5e-4, abs=0)


@pytest.mark.slow
def test_derivative_by_the_stiffness_has_no_nan_beside_empty_cells(bench):
    """Stiffness 0 in a cell: the harmonic mean is 0, and so is its derivative's denominator."""
    A = np.full((2, 3, 4), 1.3e-11)
    A[0, 0, 0] = A[0, 0, 1] = 0
    system = bench.system(mj.Exchange(A), holes=True)
    m = bench.spins(system)
    slope = mj.grad(lambda s: s.total_energy(m))(system)
    assert all(np.all(np.isfinite(x)) for x in jax.tree_util.tree_leaves(slope))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mj.Exchange(A=np.nan), "`A` must be finite"),
        (lambda: mj.Exchange(A="iron"), "`A` must hold real numbers"),
        (lambda: mj.Exchange(A=1e-11, between={"left": 1e-12}), "`between` must have pairs of region names"),
        (lambda: mj.Exchange(A=1e-11, scale={"left": 0.1}), "`scale` must have pairs of region names"),
        (lambda: mj.Exchange(A=1e-11, scale={("a", "b"): "half"}), "must hold real numbers"),
        (lambda: mj.Exchange(A=1e-11, scale={("a", "b"): 1e-12}), "factors, without a unit, but got 1e-12"),
        (lambda: mj.Exchange(A=1e-11, scale={("a", "b"): 1, ("b", "a"): 2}), "`scale` must name each pair of regions"),
        (lambda: mj.Exchange(A=1e-11, between={("a", "b"): 0}, scale={("b", "a"): 1}), "must not name pairs that"),
        (lambda: mj.DMI(1e-3, "bulk", between={("a", "b"): 0}, scale={("b", "a"): 1}), "must not name pairs that"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_regions_are_needed_for_couplings_between_them(bench):
    system = mj.System(bench.mesh(), Ms=8e5, energy=mj.Exchange(A=1e-11, between={("a", "b"): 1e-12}))
    with pytest.raises(ValueError, match="`between` names the regions 'a' and 'b', but the system has no regions"):
        system.field(bench.spins(system))
    system = mj.System(bench.mesh(), Ms=8e5, energy=mj.Exchange(A=1e-11, scale={("a", "b"): 0.5}))
    with pytest.raises(ValueError, match="`scale` names the regions"):
        system.field(bench.spins(system))


def test_stiffness_in_picojoules_is_noticed():
    with pytest.raises(ValueError, match="pJ/m"):
        mj.Exchange(A=13)
