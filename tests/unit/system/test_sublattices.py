import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics.langevin import langevin_term
from magjax.numerics.sphere import cross
from magjax.system import AbstractPrepared, AbstractSystem, PreparedSublattices

MESH = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
EXCHANGE = mj.Exchange(A=6e-12)
EASY = mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1))
A = mj.System(MESH, Ms=4e5, alpha=0.02, energy=EXCHANGE + EASY)
B = mj.System(MESH, Ms=3e5, alpha=0.01, gamma=1.9e11, energy=EASY)
PAIR = mj.Sublattices({"a": A, "b": B}, coupling=mj.Coupling(J=1e7, A=-2e-12), energy=mj.Demag(MESH))


@pytest.fixture
def m(rng):
    m = rng.normal(size=PAIR.state_shape)
    return jnp.asarray(m / np.linalg.norm(m, axis=1, keepdims=True))


# --------------------------------------------------------------------------------------------------------- composition
@pytest.mark.slow
def test_names_and_parts(m):
    assert isinstance(PAIR, AbstractSystem)
    assert PAIR.sublattices == ("a", "b")
    assert PAIR.state_shape == m.shape == (2, 3, 2, 3, 4)
    more = PAIR + mj.Zeeman(B=(0, 0, 1.0))
    assert more.names == (
        "exchange_a", "uniaxial_anisotropy_a", "uniaxial_anisotropy_b", "coupling_a_b", "demag", "zeeman",
    )  # fmt: skip
    assert set(more.energies(m)) == set(more.fields(m)) == set(more.energy_density(m)) == set(more.names)
    assert more["b"].Ms == 3e5
    assert PAIR.index("b") == 1
    assert more.has_nonlocal
    for words in ("Sublattices a, b in 4×3×2 cells", "coupling_a_b  J = 1e+07 J/m³, A = -2e-12 J/m", "gamma "):
        assert words in repr(more)
    with pytest.raises(KeyError, match=r"one of the sublattices \['a', 'b'\], but got 'c'"):
        PAIR["c"]
    with pytest.raises(TypeError):
        PAIR + 1


def test_names_keep_their_order_through_a_program(m):
    """In a program jax sorts the keys of dictionaries: sublattices are no dictionary."""
    turned = mj.Sublattices({"b": B, "a": A}, coupling=mj.Coupling(J=1e7))
    through = jax.tree_util.tree_map(lambda x: x, turned)
    assert through.sublattices == ("b", "a")
    assert through["a"].Ms == 4e5
    state = turned.state(a=m[0], b=m[1])
    np.testing.assert_array_equal(state[turned.index("a")], m[0])
    with pytest.raises(ValueError, match=r"spins of the sublattices \['b', 'a'\], but got \['a'\]"):
        turned.state(a=m[0])


@pytest.mark.slow
def test_three_sublattices_are_coupled_pair_by_pair(m):
    three = mj.Sublattices({"a": A, "b": B, "c": A}, coupling=mj.Coupling(J=1e7))
    assert three.pairs == ((0, 1), (0, 2), (1, 2))
    some = mj.Sublattices({"a": A, "b": B, "c": A}, coupling={("c", "a"): mj.Coupling(J=1e7)})
    assert some.names[-1] == "coupling_c_a"
    m = jnp.concatenate([m, m[:1]])
    np.testing.assert_allclose(some.fields(m)["coupling_c_a"][:, 2, 0, 0, 0], -1e7 / 4e5 * np.array(
        [m[2, 2, 0, 0, 0], 0, m[0, 2, 0, 0, 0]]), rtol=1e-14, atol=1e-14)  # fmt: skip
    assert set(three.averages(m)) == {"m", "m_a", "m_b", "m_c"}


@pytest.mark.parametrize(
    ("sublattices", "options", "error", "message"),
    [
        ({"a": A}, {}, ValueError, r"at least two systems, but got \['a'\]; one alone is a `System`"),
        ({"a": A, "b": 3}, {}, TypeError, "must hold systems by name"),
        ([A, B], {}, TypeError, "must hold systems by name"),
        ({"a": A, "b 1": B}, {}, ValueError, "names of letters and digits.*'b 1'"),
        ({"x": A, "y": B}, {}, ValueError, "the name of an axis, but got 'x': `m_x` is a component"),
        ({"a": A, "b": mj.System(mj.Mesh((4, 3, 1), 2e-9), Ms=1e5)}, {}, ValueError, "on one mesh, but 'b' has"),
        ({"a": A, "b": B + mj.Demag(MESH)}, {}, ValueError, "'b' has one: it would see .* sublattice alone"),
        ({"a": A, "b": B}, {"coupling": {("a", "x"): mj.Coupling(J=1e7)}}, ValueError, r"\['a', 'b'\] as keys"),
        ({"a": A, "b": B}, {"coupling": {("a", "a"): mj.Coupling(J=1e7)}}, ValueError, r"\['a', 'b'\] as keys"),
        (
            {"a": A, "b": B},
            {"coupling": {("a", "b"): mj.Coupling(J=1e7), ("b", "a"): mj.Coupling(J=1e7)}},
            ValueError,
            "in both orders",
        ),
        ({"a": A, "b": B}, {"coupling": 1e7}, TypeError, "must be a `mj.Coupling`, or several by pairs"),
        ({"a": A, "b": B}, {"coupling": {("a", "b"): 1e7}}, TypeError, "must hold `mj.Coupling`s, but got 1"),
        ({"a": A, "b": B}, {"energy": EASY}, ValueError, "`Zeeman` and `Demag`, but got `uniaxial_anisotropy`"),
        ({"a": A, "b": B}, {"energy": mj.Demag(mj.Mesh((4, 3, 1), 2e-9))}, ValueError, "its term `demag` was made"),
    ],
)
def test_what_cannot_be_meant_is_refused(sublattices, options, error, message):
    with pytest.raises(error, match=message):
        mj.Sublattices(sublattices, **options)


def test_states_of_another_shape_are_refused(m):
    with pytest.raises(TypeError, match="the torque `zhang_li`; add it to a sublattice's `System`"):
        PAIR + mj.ZhangLi((1.0, 0, 0))
    with pytest.raises(ValueError, match=r"shape \(sublattices, 3, nz, ny, nx\) = \(2, 3, 2, 3, 4\)"):
        mj.evolve(PAIR, m[0], 1e-12)
    with pytest.raises(ValueError, match="1 cells hold zero vectors"):
        mj.evolve(PAIR, m.at[1, :, 0, 0, 0].set(0), 1e-12)


# ------------------------------------------------------------------------------------------------- fields and energies
@pytest.mark.slow
@pytest.mark.parametrize("holes", [False, True])
def test_field_is_the_gradient_of_the_energy(rng, m, holes):
    """All terms at once, at dx ≠ dy ≠ dz, with cells where one sublattice is missing."""
    Ms = np.full(MESH.shape, 3e5)
    if holes:
        Ms[0, 1, 2] = Ms[1, 0, 0] = 0
    first = mj.System(MESH, Ms=rng.uniform(3e5, 5e5, MESH.shape), energy=EXCHANGE + EASY + mj.Zeeman(B=(0, 0, 2.0)))
    coupling = mj.Coupling(J=1e7, A=-2e-12, D=(1e5, 0, 2e5))
    energy = mj.Demag(MESH) + mj.Zeeman(B=(0.1, 0.2, 0))
    pair = mj.Sublattices({"a": first, "b": mj.System(MESH, Ms=Ms, energy=EXCHANGE)}, coupling=coupling, energy=energy)
    if holes:
        m = jnp.where(pair.occupied.value[:, None], m, 0)

    def total(m):
        return sum(jnp.sum(density) for density in pair.energy_density(m).values())

    Ms = pair.magnetisation()
    expected = np.asarray(-jax.grad(total)(m) / jnp.where(Ms > 0, Ms, 1) * (Ms > 0))
    np.testing.assert_allclose(pair.field(m), expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    np.testing.assert_allclose(sum(pair.fields(m).values()) * (Ms > 0), expected, rtol=0, atol=1e-13 * 200)
    assert float(pair.total_energy(m)) == pytest.approx(float(total(m)) * MESH.cell_volume, rel=1e-13, abs=0)


def test_demag_is_that_of_the_sum(m):
    """Parallel sublattices are a ferromagnet of the sum of their magnetisations; opposite equal ones have no field."""
    whole = mj.System(MESH, Ms=7e5, energy=mj.Demag(MESH))
    pair = mj.Sublattices({"a": mj.System(MESH, Ms=4e5), "b": mj.System(MESH, Ms=3e5)}, energy=mj.Demag(MESH))
    both = jnp.stack([m[0], m[0]])
    np.testing.assert_allclose(pair.field(both)[1], whole.field(m[0]), rtol=0, atol=1e-14)
    assert float(pair.total_energy(both)) == pytest.approx(float(whole.total_energy(m[0])), rel=1e-13, abs=0)
    np.testing.assert_allclose(pair.average(both), whole.average(m[0]), atol=1e-15)


def test_drives_are_followed(m):
    """Ms, coupling and common field that depend on time, at an epoch and between jumps."""
    ramp = mj.drive.ramp(0.0, 10e-12, end=1.0)
    a = mj.System(MESH, Ms=4e5 * (1 + ramp), energy=EXCHANGE)
    energy = mj.Zeeman(B=ramp * (0, 0, 1.0))
    pair = mj.Sublattices({"a": a, "b": B}, coupling=mj.Coupling(J=1e7 * ramp), energy=energy)
    prepared = pair.prepare(m.dtype).starting_at(2e-12)
    assert isinstance(prepared, PreparedSublattices)
    assert isinstance(prepared, AbstractPrepared)
    np.testing.assert_allclose(prepared.field(3e-12, m), pair.field(m, 5e-12), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(pair.fields(m, 5e-12)["zeeman"][:, 2], 0.5, rtol=1e-12, atol=0)
    held = prepared.between(jnp.asarray(0.0), jnp.asarray(4e-12))
    np.testing.assert_allclose(held.field(3e-12, m), pair.field(m, 4e-12), rtol=1e-12, atol=1e-12)
    assert prepared.coefficients(0.0)[0].shape == (2, 1, 1, 1, 1)


# ----------------------------------------------------------------------------------------- everything takes sublattices
@pytest.mark.slow
def test_uncoupled_sublattices_are_two_ferromagnets(m):
    """Each goes its own way, with its own damping and γ. At a fixed step: the step-size control would join them."""
    pair = mj.Sublattices({"a": A, "b": B})
    run = mj.evolve(pair, m, 1e-12, dt=1e-14)
    for i, system in enumerate((A, B)):
        alone = mj.evolve(system, m[i], 1e-12, dt=1e-14)
        np.testing.assert_allclose(run.m[i], alone.m, rtol=0, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("find", [mj.relax, mj.minimize])
def test_equilibria(m, find):
    """Whatever the start, the torque ends below the tolerance, and the energy below where it was."""
    end = find(PAIR, m)
    assert end.result is mj.Outcome.SUCCESS
    assert float(end.energy) < float(PAIR.total_energy(m))


@pytest.mark.slow
def test_heat(m):
    """Noise of its own for each sublattice; at 0 K none."""
    hot = mj.evolve(PAIR, jnp.stack([m[0], m[0]]), 20e-15, dynamics=mj.Langevin(T=1e4, seed=3), dt=1e-15)
    assert hot.result is mj.Outcome.SUCCESS
    cold = mj.evolve(PAIR, m, 20e-15, dynamics=mj.Langevin(T=0.0), dt=1e-15)
    np.testing.assert_allclose(cold.m, mj.evolve(PAIR, m, 20e-15, dt=1e-15).m, rtol=0, atol=1e-6)
    bare = mj.Sublattices({"a": A, "b": A})
    dynamics = mj.Langevin(T=300.0)
    thermal = langevin_term(dynamics, bare.prepare()).thermal(0.0, jnp.asarray(1e-15), bare.prepare(), jnp.uint32(0))
    alone = langevin_term(dynamics, A.prepare()).thermal(0.0, jnp.asarray(1e-15), A.prepare(), jnp.uint32(0))
    np.testing.assert_allclose(thermal[0], alone, rtol=1e-14, atol=0)
    assert abs(np.corrcoef(thermal[0].ravel(), thermal[1].ravel())[0, 1]) < 0.4


@pytest.mark.slow
def test_gradients_and_batches_go_through():
    """Derivatives by the exchange, one sublattice's Ms and the other's damping, against central differences.

    The differences are made as one batch, at the same fixed steps. Relative steps of 1e-4 leave a truncation of 1e-8
    and a rounding of 1e-11.
    """
    mesh = mj.Mesh((2, 1, 1), 2e-9)
    m0 = mj.textures.antiparallel(mj.textures.random(mesh, key=1))
    given = jnp.asarray([1e7, 4e5, 0.1])

    def final(p):
        a = mj.System(mesh, Ms=p[1], alpha=0.02, energy=EXCHANGE + EASY)
        b = mj.System(mesh, Ms=3e5, alpha=p[2], energy=EASY)
        pair = mj.Sublattices({"a": a, "b": b}, coupling=mj.Coupling(J=p[0], A=-2e-12))
        return mj.evolve(pair, m0, 0.3e-12, dt=1e-14).m[0, 0].sum()

    slope = np.asarray(jax.grad(final)(given) * given)
    shifts = 1e-4 * np.concatenate([np.eye(3), -np.eye(3)])
    ends = np.asarray(jax.vmap(final)(given[None] * (1 + shifts)))
    np.testing.assert_allclose(slope, (ends[:3] - ends[3:]) / 2e-4, rtol=0, atol=1e-6 * np.abs(slope).max())
    pair = mj.Sublattices({"a": A, "b": B}, coupling=mj.Coupling(J=1e7), energy=mj.Demag(MESH))
    state = jnp.broadcast_to(jnp.asarray([0, 0.6, 0.8]).reshape(1, 3, 1, 1, 1), pair.state_shape)
    found = mj.grad(lambda s: s.total_energy(state))(pair)
    assert float(found.couplings[0].J) == pytest.approx(MESH.n_cells * MESH.cell_volume, rel=1e-13, abs=0)
    assert found.energy.terms[0].kernel.value.spectrum is None


@pytest.mark.slow
@pytest.mark.parametrize("implicit", [False, True])
def test_equations_of_ones_own_see_each_sublattice(m, implicit):
    """A D-term that acts within cells gives each sublattice what it gives a ferromagnet."""
    if implicit:
        dynamics = mj.dynamics.DTerm(lambda t, m, v, B, p: p * cross(m, v), 0.1, implicit=True)
    else:
        dynamics = mj.dynamics.DTerm(lambda t, m, B, p: p * cross(m, B), 1e10)
    field = PAIR.field(m)
    gamma, alpha = PAIR.prepare().coefficients(0.0)
    found = dynamics.torque(m, field, gamma, alpha)
    for i in range(2):
        alone = dynamics.torque(m[i], field[i], gamma[i], alpha[i])
        np.testing.assert_allclose(found[i], alone, rtol=0, atol=1e-12 * np.abs(alone).max())
        np.testing.assert_allclose(
            dynamics.stretching(m, field, gamma, alpha)[i],
            dynamics.stretching(m[i], field[i], gamma[i], alpha[i]),
            rtol=0,
            atol=1e-3,
        )
