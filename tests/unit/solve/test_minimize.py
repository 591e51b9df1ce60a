"""`minimize`: what it finds, what it admits, and how its result follows the system."""

from collections.abc import Callable

import equinox as eqx
import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import magjax as mj
from magjax.observe import max_torque
from magjax.solve.descent.implicit import conjugate_residuals
from magjax.solve.descent.preconditioner import Preconditioner
from magjax.solve.equilibrium import Equilibrium, smallest_torque
from magjax.solve.minimize import minimize

MS, K = 8e5, 4e4
POINT = mj.Mesh((1, 1, 1), (5e-9, 4e-9, 3e-9))


def macrospin(B, K=K, dtype=jnp.float64) -> mj.System:
    """Uniaxial along z, in a field B in the x-z plane."""
    easy = mj.UniaxialAnisotropy(K=jnp.asarray(K, dtype), axis=(0, 0, 1))
    return mj.System(POINT, Ms=jnp.asarray(MS, dtype), energy=easy + mj.Zeeman(B=B))


def spin_at(theta, dtype=jnp.float64):
    return jnp.asarray([np.sin(theta), 0, np.cos(theta)], dtype).reshape(3, 1, 1, 1)


def chain(A=1.3e-11, K=2e4, B=(0.02, 0.05, 0.0), Ms=MS, **mesh) -> mj.System:
    """Exchange against an anisotropy whose axis turns along the chain: nothing in it is uniform."""
    mesh = mj.Mesh((12, 3, 1), (4e-9, 5e-9, 3e-9), **mesh)
    x, _, z = mesh.centers()
    axis = jnp.asarray(np.stack([np.cos(x / 9e-9), np.sin(x / 9e-9), 0.5 + 0 * z]))
    return mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=axis) + mj.Zeeman(B=B))


def start(system: mj.System, dtype=jnp.float64):
    return mj.textures.uniform(system.mesh, (1, 0.2, 0.1), dtype=dtype)


@eqx.filter_jit
def settle(system, m0):
    return minimize(system, m0, tolerance=1e-10)


@pytest.mark.slow
@hypothesis.given(h=st.floats(0.0, 3.0), psi=st.floats(0.0, np.pi), theta=st.floats(0.05, np.pi - 0.05))
def test_macrospin_ends_in_a_minimum_of_stoner_and_wohlfarth(h: float, psi: float, theta: float) -> None:
    """The torque vanishes, the energy has not risen, and no direction nearby is lower."""
    B = h * 2 * K / MS

    def energy(angle):
        return K * np.sin(angle) ** 2 - MS * B * np.cos(angle - psi)

    state = settle(macrospin(jnp.array([B * np.sin(psi), 0.0, B * np.cos(psi)])), spin_at(theta))
    found = float(jnp.arctan2(state.m[0, 0, 0, 0], state.m[2, 0, 0, 0]))
    assert state.result is mj.Outcome.SUCCESS
    # Energies are differences of numbers of the size K: rounding is 1e-15 of that, 1e-12 is generous.
    assert energy(found) <= energy(theta) + 1e-12 * K * (1 + h)
    assert energy(found) <= min(energy(found + 1e-3), energy(found - 1e-3)) + 1e-12 * K * (1 + h)


@pytest.mark.slow
def test_random_texture_ends_below_its_start(rng: np.random.Generator) -> None:
    system = chain()
    m0 = jnp.asarray(rng.normal(size=(3, *system.mesh.shape)))
    m0 = m0 / jnp.sqrt(jnp.sum(m0**2, axis=0, keepdims=True))
    state = mj.minimize(system, m0)
    assert state.converged
    assert float(state.torque) == pytest.approx(float(max_torque(0.0, state.m, system)), rel=1e-6, abs=0)
    assert float(state.energy) < float(system.total_energy(m0))
    assert float(state.energy) == float(system.total_energy(state.m))


@pytest.mark.slow
def test_both_precisions_reach_their_default(precision) -> None:
    """1e-6 μ0 Ms, or the rounding of the fields where that is more; spins stay unit vectors of the caller's type."""
    system = chain()
    state = mj.minimize(system, start(system, precision.dtype))
    wanted = max(1e-6 * mj.constants.MU0 * MS, float(smallest_torque(system, dtype=precision.dtype)))
    assert state.m.dtype == precision.dtype
    assert state.converged
    assert float(state.torque) <= float(state.tolerance) == pytest.approx(wanted, rel=1e-5, abs=0)
    np.testing.assert_allclose(jnp.sqrt(jnp.sum(state.m**2, axis=0)), 1, atol=precision.exact)


@pytest.mark.slow
def test_few_steps_are_not_called_converged() -> None:
    system = chain()
    state = mj.minimize(system, start(system), max_steps=2)
    assert state.result is mj.Outcome.NOT_CONVERGED
    assert not state.converged
    assert "NOT_CONVERGED" in repr(state)
    with pytest.raises(mj.SolveError, match="`m0` failed") as caught:
        mj.evolve(system, state, duration=1e-12)
    assert caught.value.outcome is mj.Outcome.NOT_CONVERGED
    # To go on with it is no mistake, and to insist is possible.
    assert mj.minimize(system, state).converged
    assert mj.evolve(system, state.m, duration=1e-13).result.succeeded


@pytest.mark.slow
def test_tolerance_beyond_single_precision_is_not_called_converged() -> None:
    """It ends, and says so, with the torque at the level of rounding."""
    system = chain()
    state = mj.minimize(system, start(system, jnp.float32), tolerance=1e-9, max_steps=200)
    assert state.result is mj.Outcome.NOT_CONVERGED
    assert float(state.torque) < 10 * float(smallest_torque(system, dtype=jnp.float32))


@pytest.mark.slow
def test_start_at_a_maximum_stays() -> None:
    """No torque, nothing to descend: stated in the docstring, and the reason to tilt such a start."""
    system = macrospin((0.0, 0.0, -1.0))
    state = mj.minimize(system, spin_at(0.0))
    assert state.converged
    assert int(state.steps) == 0
    assert float(mj.minimize(system, spin_at(1e-3)).m[2, 0, 0, 0]) == pytest.approx(-1, rel=1e-6, abs=0)


@pytest.mark.slow
def test_infinite_field_is_reported() -> None:
    class Broken(mj.EnergyTerm):
        K: jax.Array
        function: Callable = eqx.field(static=True)

        def energy_density(self, m, sample):
            return sample.value(self.K) * self.function(m[0] - 2)

    # The square root has no slope there; the logarithm has one, and only its value is none.
    for function in (jnp.sqrt, jnp.log):
        system = mj.System(POINT, Ms=MS, energy=Broken(mj.parameter(1.0), function))
        assert mj.minimize(system, spin_at(0.3)).result is mj.Outcome.NOT_FINITE


@pytest.mark.parametrize("wrong", [{"tolerance": 0.0}, {"tolerance": -1e-5}, {"max_steps": 0}])
def test_wrong_arguments(wrong: dict) -> None:
    with pytest.raises(ValueError, match=f"Argument `{next(iter(wrong))}` must be"):
        mj.minimize(chain(), start(chain()), **wrong)


@pytest.mark.slow
def test_batch_equals_loop() -> None:
    """Lanes that are done wait for the others unchanged; a batch only reorders sums."""
    system = chain()
    fields = jnp.asarray([[0.0, 0.05, 0.0], [0.3, 0.0, 0.1], [-0.2, 0.1, 0.0]])

    def settled(B):
        return mj.minimize(system + mj.Zeeman(B=B), start(system), tolerance=1e-9)

    batch = jax.vmap(settled)(fields)
    assert batch.converged.shape == (3,)
    assert batch.result is mj.Outcome.SUCCESS
    assert "…" in repr(batch)
    for i, B in enumerate(fields):
        # Two states with torques of 1e-9 T differ by that over the softest curvature, some 0.01 T.
        np.testing.assert_allclose(batch.m[i], settled(B).m, atol=1e-6)


@pytest.mark.slow
def test_empty_cells_and_varied_magnetisation() -> None:
    """Empty cells hold exact zeros; where Ms differs the same torque is reached."""
    mesh = mj.Mesh((10, 6, 2), (4e-9, 5e-9, 3e-9), periodic="x")
    x, y, _ = mesh.centers()
    Ms = np.where(y > 20e-9, 0.0, np.where(x > 20e-9, 2e5, 1.4e6))
    system = mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=1e-11) + mj.Demag(mesh))
    state = mj.minimize(system, mj.textures.uniform(mesh, (1, 0.3, 0.2)), tolerance=1e-8)
    assert state.converged
    assert np.all(np.asarray(state.m)[:, Ms == 0] == 0)
    np.testing.assert_allclose(np.linalg.norm(state.m, axis=0)[Ms > 0], 1, rtol=1e-14)


@pytest.mark.slow
def test_driven_terms_are_taken_at_their_time() -> None:
    system = macrospin(mj.drive.gaussian(t0=1e-9, width=1e-10) * (0.08, 0.0, 0.0))
    state = mj.minimize(system, spin_at(0.1), t=1e-9, tolerance=1e-10)
    assert float(state.m[0, 0, 0, 0]) == pytest.approx(MS * 0.08 / 2 / K, rel=1e-6, abs=0)
    assert float(mj.minimize(system, spin_at(0.1), t=0.0).m[0, 0, 0, 0]) == pytest.approx(0, abs=1e-4)


@pytest.mark.slow
def test_term_of_ones_own() -> None:
    """A cubic-like quartic written by its density alone."""

    class Quartic(mj.EnergyTerm):
        K: jax.Array

        def energy_density(self, m, sample):
            return sample.value(self.K) * (m[0] ** 4 + m[1] ** 4 + m[2] ** 4)

    mesh = mj.Mesh((4, 1, 1), 3e-9)
    system = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=1e-11) + Quartic(mj.parameter(5e4)))
    state = mj.minimize(system, mj.textures.uniform(mesh, (0.9, 0.5, 0.2)), tolerance=1e-9)
    np.testing.assert_allclose(state.m, 1 / np.sqrt(3), atol=1e-7)


@pytest.mark.slow
def test_number_of_evaluations_does_not_grow_with_the_number_of_cells() -> None:
    """A domain wall in cells of 2 nm and of 0.25 nm: the preconditioner removes the stiffness of exchange."""
    counts = []
    for n in (50, 400):
        mesh = mj.Mesh((n, 1, 1), (100e-9 / n, 3e-9, 3e-9))
        wire = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=1.3e-11) + mj.UniaxialAnisotropy(K=2e5, axis=(0, 0, 1)))
        x = mesh.centers()[0] - 50e-9
        m0 = np.stack([np.exp(-(x**2) / (30e-9) ** 2), 0.2 + 0 * x, x / 20e-9])
        state = mj.minimize(wire, m0 / np.linalg.norm(m0, axis=0))
        assert state.converged
        counts.append(int(state.evaluations))
    assert max(counts) <= 1.3 * min(counts)
    assert max(counts) < 80


# --------------------------------------------------------------------------------------------------- derivatives
def _mx(B, K):
    return minimize(macrospin(jnp.stack([B, 0 * B, 0 * B]), K), spin_at(0.1), tolerance=1e-13).m[0, 0, 0, 0]


@pytest.mark.slow
def test_gradients_of_a_macrospin() -> None:
    """Field across the axis: sin θ = Ms B / 2K, so ∂/∂B = Ms/2K, ∂/∂K = −Ms B/2K², ∂²/∂B∂K = −Ms/2K²."""
    B = jnp.asarray(0.06)
    by_B, by_K = jax.jit(jax.grad(_mx, argnums=(0, 1)))(B, jnp.asarray(K))
    assert float(by_B) == pytest.approx(MS / 2 / K, rel=1e-9, abs=0)
    assert float(by_K) == pytest.approx(-MS * 0.06 / 2 / K**2, rel=1e-9, abs=0)
    forward = jax.jvp(lambda B: _mx(B, jnp.asarray(K)), (B,), (jnp.ones_like(B),))[1]
    assert float(forward) == pytest.approx(MS / 2 / K, rel=1e-9, abs=0)
    batch = jax.vmap(jax.grad(_mx), in_axes=(0, None))(jnp.asarray([0.02, 0.06]), jnp.asarray(K))
    np.testing.assert_allclose(batch, MS / 2 / K, rtol=1e-9)


@pytest.mark.slow
def test_second_derivative_of_a_macrospin() -> None:
    """m_z = √(1 − (Ms B/2K)²): its second derivative needs the tangent spaces to turn with the spins."""

    def mz(B):
        system = macrospin(jnp.stack([B, 0 * B, 0 * B]))
        return minimize(system, spin_at(0.1), tolerance=1e-13).m[2, 0, 0, 0]

    def exact(B):
        return jnp.sqrt(1 - (MS * B / 2 / K) ** 2)

    B = jnp.asarray(0.06)
    assert float(jax.grad(jax.grad(mz))(B)) == pytest.approx(float(jax.grad(jax.grad(exact))(B)), rel=1e-8, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("periodic", ["", "x"])
def test_gradient_of_a_chain_against_finite_differences(periodic: str) -> None:
    """Every parameter of an inhomogeneous state.

    Central differences with steps of 1e-4 have a truncation error near 1e-8 of the second derivative's scale; minima
    are converged to 1e-12 T, over a softest curvature of 0.01 T. 1e-6 covers both.
    """

    def loss(p):
        system = chain(A=1.3e-11 * p[0], K=2e4 * p[1], B=0.05 * jnp.stack([p[2], p[3], 0 * p[3]]), periodic=periodic)
        return jnp.sum(minimize(system, start(system), tolerance=1e-12).m[:, 0, 1, 3:7] * jnp.arange(1.0, 5.0)[None])

    p, h = jnp.asarray([1.0, 1.2, 0.4, 1.0]), 1e-4
    slope = jax.jit(jax.grad(loss))(p)
    value = jax.jit(loss)
    for i in range(4):
        e = jnp.zeros(4).at[i].set(h)
        assert float(slope[i]) == pytest.approx(float((value(p + e) - value(p - e)) / 2 / h), rel=1e-6, abs=1e-7)


@pytest.mark.slow
def test_system_gradient_skips_what_is_derived() -> None:
    """`mj.grad` through a state of exchange and stray field: of the energy, its slope with the spins held fixed."""
    mesh = mj.Mesh((6, 3, 1), (4e-9, 5e-9, 3e-9))
    film = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=1.3e-11) + mj.Demag(mesh) + mj.Zeeman(B=(0.0, 0.1, 0.0)))
    m0 = mj.textures.uniform(mesh, (1, 0.3, 0.1))
    slope = mj.grad(lambda s: mj.minimize(s, m0, tolerance=1e-11).energy)(film)
    m = mj.minimize(film, m0, tolerance=1e-11).m
    explicit = mj.grad(lambda s: s.total_energy(m))(film)
    # At a minimum the state's own change costs nothing (the envelope theorem).
    for got, wanted in zip(*map(jax.tree_util.tree_leaves, (slope, explicit)), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-9 * np.max(np.abs(wanted)))


@pytest.mark.slow
def test_zero_mode_leaves_the_determined_part() -> None:
    """A macrospin in an easy plane may point anywhere in it: m_z follows a field along z, the azimuth stays."""

    def settled(B):
        plane = mj.UniaxialAnisotropy(K=-K, axis=(0, 0, 1)) + mj.Zeeman(B=jnp.stack([0 * B, 0 * B, B]))
        system = mj.System(POINT, Ms=MS, energy=plane)
        return minimize(system, spin_at(1.3), tolerance=1e-13).m.ravel()

    slope = jax.jacrev(settled)(jnp.asarray(0.02))
    m = settled(jnp.asarray(0.02))
    # m_z = Ms B/2K; in the plane m_x² = 1 − m_z².
    np.testing.assert_allclose(slope, [-m[2] / m[0] * MS / 2 / K, 0.0, MS / 2 / K], rtol=1e-8, atol=1e-9)


def test_singular_systems_give_the_pseudo_inverse(rng: np.random.Generator) -> None:
    """Also for right-hand sides that reach into the null space; indefinite matrices, as at a saddle, are solved too."""
    q, _ = np.linalg.qr(rng.normal(size=(12, 12)))
    for values in ([0, 0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13], [-3, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13]):
        A = jnp.asarray(q @ np.diag(values) @ q.T)
        b = jnp.asarray(rng.normal(size=(3, 1, 2, 2)))
        x = conjugate_residuals(lambda v, A=A: (A @ v.reshape(12)).reshape(v.shape), b)
        np.testing.assert_allclose(x.ravel(), np.linalg.pinv(A, rcond=1e-10) @ b.ravel(), rtol=1e-8, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("periodic", ["", "y", "xy"])
def test_preconditioner_inverts_exchange(periodic: str, rng: np.random.Generator) -> None:
    """On a box of one material it is the exact inverse of c − B_exchange, whatever the cells and periodic axes."""
    mesh = mj.Mesh((7, 6, 2), (4e-9, 5e-9, 3e-9), periodic=periodic)
    system = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=1.3e-11) + mj.Zeeman(B=(0, 0, 0.3)))
    inverse = Preconditioner(system.prepare())
    v = jnp.asarray(rng.normal(size=(3, *mesh.shape)))
    exchange = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=1.3e-11))
    back = inverse.symbol[0, 0, 0, 0] * v - exchange.field(v)
    np.testing.assert_allclose(inverse(back), v, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
def test_equilibrium_prints_under_a_transformation() -> None:
    seen = []

    def settled(m):
        state = mj.minimize(macrospin((0.1, 0, 0)), m)
        seen.append(repr(state))
        assert isinstance(state, Equilibrium)
        return state.m

    jax.jit(settled)(spin_at(0.3))
    assert seen == ["Equilibrium(traced)"]
