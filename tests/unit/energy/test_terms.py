"""What every energy term owes: its field is the gradient of its energy, and its parameters have derivatives."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.material.gradient import parameters

BENCH = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
TILTED = (0.3, -0.5, 0.8)
GAUSSIAN = mj.drive.gaussian(t0=1e-11, width=1e-11)


class Sextic(mj.EnergyTerm):
    """A user's own term, which also couples neighbours in an unusual way."""

    K: jax.Array
    axis: jax.Array

    def energy_density(self, m, sample):
        along = (m * sample.vector(self.axis)).sum(0)
        return sample.value(self.K) * (along**6 + jnp.roll(along, 1, axis=-1) * along**2)


def in_x(low, high):
    """A parameter that varies along x."""
    return lambda x, y, z: low + (high - low) * (x + 1e-9) / 8e-9


RANDOM = np.random.default_rng(3)
TERMS = {
    "exchange": lambda: mj.Exchange(A=1.3e-11),
    "exchange-varying": lambda: mj.Exchange(A=in_x(1e-11, 2e-11)),
    "exchange-cells": lambda: mj.Exchange(A=RANDOM.uniform(1e-11, 2e-11, (2, 3, 4))),
    "exchange-regions": lambda: mj.Exchange(A={"left": 1e-11, "right": 2e-11}),
    "exchange-between": lambda: mj.Exchange(A=1.3e-11, between={("left", "right"): -4e-12}),
    "exchange-scaled": lambda: mj.Exchange(
        A=RANDOM.uniform(1e-11, 2e-11, (2, 3, 4)), scale={("left", "right"): in_x(-0.4, 0.3)}
    ),
    "uniaxial": lambda: mj.UniaxialAnisotropy(K=5e5, axis=TILTED),
    "uniaxial-second": lambda: mj.UniaxialAnisotropy(K=in_x(-2e5, 5e5), axis=TILTED, K2=1e5),
    "uniaxial-grains": lambda: mj.UniaxialAnisotropy(
        K={"left": 1e5, "right": 3e5}, axis=RANDOM.normal(size=(3, 2, 3, 4))
    ),
    "uniaxial-driven": lambda: mj.UniaxialAnisotropy(K=GAUSSIAN * 5e5, axis=TILTED),
    "cubic": lambda: mj.CubicAnisotropy(Kc1=4.8e4, axis1=TILTED, axis2=(1, 0, 0)),
    "cubic-all": lambda: mj.CubicAnisotropy(Kc1=in_x(1e4, 4e4), Kc2=-2e4, Kc3=3e4, axis1=TILTED, axis2=(1, 0.2, 0)),
    "dmi-interfacial": lambda: mj.DMI(D=3e-3, kind="interfacial", normal=TILTED),
    "dmi-bulk": lambda: mj.DMI(D=in_x(-1e-3, 3e-3), kind="bulk", between={("left", "right"): -1e-3}),
    "dmi-scaled": lambda: mj.DMI(D=in_x(1e-3, 3e-3), kind="interfacial", scale={("right", "left"): 0.3}),
    "dmi-free": lambda: mj.DMI(D=in_x(1e-3, 3e-3), kind="D2d", boundary="free", A=1.3e-11),
    "dmi-vectors": lambda: mj.DMI(D=3e-3, vectors={"x": TILTED, "z": (0, 1, 0)}, boundary="free", A=in_x(1e-11, 2e-11)),
    "interlayer": lambda: mj.InterlayerExchange(J1=in_x(-1e-3, 2e-3), J2=-5e-4, layers=(0, 1)),
    "interlayer-x": lambda: mj.InterlayerExchange(J1=1e-3, J2=GAUSSIAN * 5e-4, layers=(3, 1), axis="x"),
    "magnetoelastic": lambda: mj.Magnetoelastic(-8.8e6, 5e6, strain=(1e-3, -4e-4, 2e-4), shear=(3e-4, -2e-4, 5e-4)),
    "magnetoelastic-varying": lambda: mj.Magnetoelastic(
        in_x(1e6, 5e6), strain=GAUSSIAN * (lambda x, y, z: (1e5 * x, 2e5 * y, 0 * z))
    ),
    "magnetoelastic-shear": lambda: mj.Magnetoelastic(0.0, -5e6, shear=RANDOM.normal(scale=1e-3, size=(3, 2, 3, 4))),
    "magnetoelastic-turned": lambda: mj.Magnetoelastic(
        in_x(1e6, 5e6), -5e6, strain=GAUSSIAN * (1e-3, 2e-4, 0), shear=(3e-4, 0, 5e-4), axis1=TILTED, axis2=(1, 0.2, 0)
    ),
    "oersted": lambda: mj.Oersted(BENCH, j=RANDOM.normal(scale=1e13, size=(3, 2, 3, 4))),
    "oersted-driven": lambda: mj.Oersted(BENCH, j=GAUSSIAN * {"left": (1e13, 0, 2e13), "right": (0, -1e13, 0)}),
    "oersted-pillar": lambda: mj.OerstedPillar(I=GAUSSIAN * 1e-3, radius=3e-9, center=(1e-9, 5e-9, 0)),
    "zeeman": lambda: mj.Zeeman(B=(0.1, -0.2, 0.3)),
    "zeeman-space": lambda: mj.Zeeman(B=lambda x, y, z: (1e7 * x, 0 * y, 2e7 * z)),
    "zeeman-time": lambda: mj.Zeeman(B=GAUSSIAN * (0.1, 0.2, -0.3) + (0, 0, 0.05)),
    "zeeman-H": lambda: mj.Zeeman(H={"left": (1e4, 0, 0), "right": (0, 3e4, 0)}),
    "users-own": lambda: Sextic(K=mj.parameter(1e4), axis=mj.parameter(TILTED)),
    "sum": lambda: mj.Exchange(A=1.3e-11) + mj.UniaxialAnisotropy(K=5e5, axis=TILTED) + mj.Zeeman(B=(0, 0.1, 0)),
}
LOCAL = [name for name in TERMS if name.startswith(("magnetoelastic", "oersted-pillar"))]
EXCHANGES = [name for name in TERMS if name.startswith(("exchange", "dmi", "interlayer"))]
T = 5e-12


@eqx.filter_jit
def _field_and_slope(system: mj.System, m: jax.Array) -> tuple[jax.Array, jax.Array]:
    return system.field(m, T), jax.grad(lambda spins: system.total_energy(spins, T) / system.mesh.cell_volume)(m)


def two_fields(system: mj.System, m: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """The field, and −(1/Ms) ∂E/∂m over the cell volume with 1/Ms taken from the system's own numbers by hand."""
    field, slope = _field_and_slope(system, m)
    Ms = np.broadcast_to(np.asarray(system.Ms), system.mesh.shape)
    inverse = np.where(Ms > 0, 1 / np.where(Ms > 0, Ms, 1), 0)
    return np.asarray(field), -np.asarray(slope) * inverse[None]


def assert_close(found, expected, tolerance):
    """Equal to `tolerance` of the largest value."""
    assert np.abs(np.asarray(found) - np.asarray(expected)).max() <= tolerance * np.abs(np.asarray(expected)).max()


@pytest.mark.slow
@pytest.mark.parametrize("holes", [False, True], ids=["full", "holes"])
@pytest.mark.parametrize("name", TERMS)
def test_field_is_the_gradient_of_the_energy(name, holes, bench, precision):
    """All built-in terms, an EnergyTerm, and a Sum.

    Exchange, InterlayerExchange, DMI, UniaxialAnisotropy, CubicAnisotropy, Magnetoelastic, Oersted, OerstedPillar,
    Zeeman.
    """
    system = bench.system(TERMS[name](), holes=holes)
    m = bench.spins(system, precision.dtype)
    field, expected = two_fields(system, m)
    assert field.shape == m.shape
    assert field.dtype == precision.dtype
    assert_close(field, expected, precision.stencil)
    if holes:
        assert np.all(field[:, ~np.asarray(system.occupied.value)] == 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "periodic"),
    [(name, "xyz") for name in EXCHANGES + LOCAL] + [("exchange-between", axis) for axis in "xyz"],
)
def test_field_is_the_gradient_on_periodic_meshes(name, periodic, bench):
    """With holes, so that neighbours across the border may be empty."""
    system = bench.system(TERMS[name](), periodic=periodic, holes=True)
    m = bench.spins(system)
    assert_close(*two_fields(system, m), 1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMS)
def test_derivatives_by_parameters_agree_with_finite_differences(name, bench):
    """Every leaf of the system, along a random direction relative to its own size, in double precision.

    Central differences with a relative step of 1e-4: truncation is of order 1e-8 for the least smooth dependence,
    rounding 1e-12.
    """
    system = bench.system(TERMS[name](), holes=True)
    m = bench.spins(system)
    moving, fixed = eqx.partition(system, parameters(system))
    leaves, tree = jax.tree_util.tree_flatten(moving)

    @jax.jit
    @jax.value_and_grad
    def energy(leaves):
        whole = eqx.combine(jax.tree_util.tree_unflatten(tree, leaves), fixed)
        return whole.total_energy(m, T) / whole.mesh.cell_volume

    value, slopes = energy(leaves)
    scale = abs(float(value))
    for i, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True)):
        direction = np.asarray(leaf) * bench.rng.uniform(0.5, 1.5, leaf.shape)
        up, down = (energy([*leaves[:i], leaf + s * 1e-4 * direction, *leaves[i + 1 :]])[0] for s in (1, -1))
        expected = float(up - down) / 2e-4
        assert abs(np.sum(np.asarray(slope) * direction) - expected) <= 1e-7 * max(abs(expected), scale), leaf


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMS)
def test_energies_do_not_depend_on_the_precision(name, bench):
    system = bench.system(TERMS[name](), holes=True)
    m = bench.spins(system)
    both = eqx.filter_jit(lambda system, m: (system.total_energy(m, T), sum(system.energy_density(m, T).values())))
    double, density = both(system, m)
    single, _ = both(system, m.astype(np.float32))
    assert double.dtype == np.float64
    assert single.dtype == np.float32
    size = float(np.sum(np.abs(np.asarray(density))) * system.mesh.cell_volume)
    assert abs(float(single) - float(double)) <= 100 * np.finfo(np.float32).eps * size


@pytest.mark.parametrize("name", [name for name in TERMS if name != "users-own"])
def test_bound_is_never_below_the_field_it_bounds(name, bench):
    """Gershgorin and maxima: for small deviations from any uniform state, and for those states themselves."""
    system = bench.system(TERMS[name](), holes=True)
    m = bench.spins(system)
    uniform = jnp.broadcast_to(m[:, :1, :1, :1], m.shape)

    @eqx.filter_jit
    def linearised(system):
        prepared = system.energy.prepare(system.sample(T))
        return prepared.bound(), *jax.jvp(prepared, (uniform,), (m,))

    bound, field, tangent = linearised(system)
    assert np.linalg.norm(np.asarray(field), axis=0).max() <= bound * (1 + 1e-12)
    assert np.linalg.norm(np.asarray(tangent), axis=0).max() <= bound * (1 + 1e-12)


def test_sum_of_a_list_is_a_sum_and_flat(bench):
    terms = [TERMS["exchange"](), TERMS["zeeman"](), TERMS["zeeman"]()]
    energy = sum(terms)
    assert energy.names == ("exchange", "zeeman", "zeeman_2")
    more = energy + (TERMS["cubic"]() + TERMS["uniaxial"]())
    assert more.names == ("exchange", "zeeman", "zeeman_2", "cubic_anisotropy", "uniaxial_anisotropy")
    system = bench.system(energy)
    m = bench.spins(system)
    parts = system.fields(m)
    assert list(parts) == list(energy.names)
    assert_close(sum(parts.values()), system.field(m), 1e-15)
    assert_close(sum(system.energies(m).values()), system.total_energy(m), 1e-15)
    assert_close(energy.energy_density(m, system.sample()), sum(system.energy_density(m).values()), 1e-15)


@pytest.mark.slow
def test_adding_something_else_is_refused():
    with pytest.raises(TypeError):
        TERMS["exchange"]() + 1.0
    with pytest.raises(TypeError):
        1.0 + TERMS["exchange"]()
