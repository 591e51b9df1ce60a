"""One quantum spin, and a few, against closed forms: precession, Rabi flips, equilibrium, Berry's phase."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax import constants, quantum
from magjax.analytic import macrospin, spin_half
from magjax.quantum import Spins
from magjax.results import Outcome

#: Steps of Dopri8 at the default tolerance of 1e-11 each, some hundred of them: the bound that was asked for.
ODE = 1e-8
#: Operators and superoperators: rounding of products of matrices of at most 16 rows.
OPERATOR = 1e-12

directions = (
    st.tuples(*[st.floats(-1, 1)] * 3)
    .filter(lambda v: np.linalg.norm(v) > 0.1)
    .map(lambda v: np.array(v) / np.linalg.norm(v))
)
TIMES = np.linspace(0, 2e-10, 5)


@functools.partial(jax.jit, static_argnums=0)
def _precess(
    spins: Spins, n0: jax.Array, B: jax.Array, gamma: jax.Array | float = constants.GAMMA
) -> tuple[jax.Array, jax.Array]:
    run = quantum.schrodinger(quantum.Zeeman(spins, B=B, gamma=gamma), quantum.coherent_state(spins, n0), TIMES)
    return run.spin_vectors, run.outcome


@pytest.mark.slow
@given(directions, directions, st.floats(0.01, 2), st.sampled_from([0.5, 1.0]))
@settings(max_examples=10)
def test_larmor_precession(n0: np.ndarray, axis: np.ndarray, strength: float, S: float) -> None:
    """⟨S⟩ of Schrödinger's equation is the classical precession, for any S (Ehrenfest; row A1).

    Theory: [S_a, H] is linear in S for H = ħγ S·B, so d⟨S⟩/dt = −γ⟨S⟩×B holds exactly. Layout: up to 11 turns at 28.025
    GHz/T from a random direction about a random field. The engine's own closed form for m = −⟨S⟩/S says the same.
    """
    B = strength * axis
    vectors, outcome = _precess(Spins(S), jnp.asarray(n0), jnp.asarray(B))
    assert int(outcome) == Outcome.SUCCESS
    np.testing.assert_allclose(vectors[:, 0] / S, spin_half.precession(TIMES, n0, B), atol=ODE)
    np.testing.assert_allclose(-vectors[:, 0] / S, macrospin.relaxation(TIMES, -n0, B), atol=ODE)


@pytest.mark.slow
def test_sense_of_rotation_of_electrons_and_of_moments_along_the_spin() -> None:
    """Electrons turn from x to y about B along z; the paper's d⟨S⟩/dt = +γ⟨S⟩×B, from x to −y, is a moment along S."""
    quarter = np.pi / 2 / (constants.GAMMA * TIMES[-1])
    for sign in (1, -1):
        gamma = sign * constants.GAMMA
        vectors, _ = _precess(Spins(0.5), jnp.asarray([1.0, 0, 0]), jnp.asarray([0, 0, quarter]), gamma)
        np.testing.assert_allclose(vectors[-1, 0], [0, sign / 2, 0], atol=ODE)


@pytest.mark.slow
@given(st.floats(0.5e-3, 20e-3), st.floats(-1, 1))
@settings(max_examples=8)
def test_rabi_flips(B1: float, detuning: float) -> None:
    """A field that rotates with the spin flips it as Rabi's formula says (row B1, H depends on time).

    Theory: in the frame of the field the spin sees B1 and the detuning δ/γ along z, both constant. Electrons turn
    counter-clockwise about B, and so does the field. Layout: B = 0.3 T, 1 ns; δ up to twice γB1.
    """
    up, down = _rabi(B1, 2 * detuning * constants.GAMMA * B1)
    expected = spin_half.rabi_probability(1e-9, B1, 2 * detuning * constants.GAMMA * B1)
    assert float(up) == pytest.approx(float(expected), rel=0, abs=ODE)
    assert float(up + down) == pytest.approx(1, rel=0, abs=ODE)


@jax.jit
def _rabi(B1: jax.Array, detuning: jax.Array) -> tuple[jax.Array, jax.Array]:
    spin, B0 = Spins(0.5), 0.3
    f = (constants.GAMMA * B0 + detuning) / (2 * np.pi)
    turning = mj.drive.cos(frequency=f) * (1.0, 0, 0) + mj.drive.sin(frequency=f) * (0, 1.0, 0)
    H = quantum.Zeeman(spin, B=turning * mj.drive.constant(B1) + (0, 0, B0))
    state = quantum.schrodinger(H, quantum.basis_state(spin, (-0.5,)), (0, 1e-9)).states[-1]
    return jnp.abs(state[0]) ** 2, jnp.abs(state[1]) ** 2


@given(st.floats(0.05, 3), st.floats(0.1, 30))
@settings(max_examples=10)
def test_thermal_polarisation(B: float, T: float) -> None:
    """ρ = exp(−H/kT)/Z magnetises as Brillouin's function (row A2), its free energy gives the same moment."""
    for S in (0.5, 2.0):
        M, moment = _thermal(Spins(S), B, T)
        saturated = constants.HBAR * constants.GAMMA * S
        assert float(M[2]) / saturated == pytest.approx(float(spin_half.brillouin(B, T, S)), rel=0, abs=OPERATOR)
        # A derivative of the logarithm of a sum of exponentials: some more rounding.
        assert float(moment) / saturated == pytest.approx(float(spin_half.brillouin(B, T, S)), rel=0, abs=10 * OPERATOR)


@functools.partial(jax.jit, static_argnums=0)
def _thermal(spins: Spins, B: jax.Array, T: jax.Array) -> tuple[jax.Array, jax.Array]:
    def H(B: jax.Array) -> quantum.Zeeman:
        return quantum.Zeeman(spins, B=jnp.stack([jnp.zeros_like(B), jnp.zeros_like(B), B]))

    M = quantum.magnetisation(spins, quantum.thermal_state(H(B), T), volume=1.0)
    return M, -jax.grad(lambda B: quantum.free_energy(H(B), T))(B)


def _pair(B: jax.Array, J: jax.Array) -> quantum.Sum:
    spins = Spins((0.5, 1.0))
    return quantum.Zeeman(spins, B=B) + quantum.Exchange(spins, J=J, pairs=[(0, 1)])


@jax.jit
def _three_ways(rho: jax.Array, B: jax.Array, J: jax.Array) -> tuple[jax.Array, ...]:
    H, t = _pair(B, J), 3e-11
    run = quantum.liouville(H, rho, (0, t))
    by_superoperator = (quantum.liouville_propagator(H, t) @ rho.reshape(-1)).reshape(rho.shape)
    U = quantum.propagator(H, (0, t)).states[-1]
    return run.states[-1], by_superoperator, U, quantum.liouvillian(H)


@pytest.mark.slow
@given(directions, st.floats(-3e-24, 3e-24), st.integers(0, 99))
@settings(max_examples=5)
def test_density_matrices_three_ways(axis: np.ndarray, J: float, seed: int) -> None:
    """Liouville–von Neumann by ODE, by the exponential of the superoperator, and as UρU† agree (rows A2, B1).

    The superoperator is anti-Hermitian, keeps trace, Hermiticity and entropy, and leaves equilibrium alone.
    """
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(6, 6)) + 1j * rng.normal(size=(6, 6))
    rho = A @ A.conj().T / np.trace(A @ A.conj().T)
    by_ode, by_superoperator, U, L = _three_ways(jnp.asarray(rho), jnp.asarray(axis), J)
    np.testing.assert_allclose(by_ode, by_superoperator, atol=ODE)
    np.testing.assert_allclose(U @ rho @ U.conj().T, by_superoperator, atol=ODE)
    scale = float(jnp.abs(L).max())
    np.testing.assert_allclose((L + L.conj().T) / scale, 0, atol=OPERATOR)
    np.testing.assert_allclose(np.trace((L @ rho.reshape(-1)).reshape(6, 6)) / scale, 0, atol=OPERATOR)
    np.testing.assert_allclose(np.trace(by_superoperator), 1, atol=OPERATOR)
    np.testing.assert_allclose(by_superoperator, np.asarray(by_superoperator).conj().T, atol=OPERATOR)
    before, after = (float(quantum.von_neumann_entropy(r)) / constants.KB for r in (rho, by_superoperator))
    assert after == pytest.approx(before, rel=0, abs=10 * OPERATOR)
    equilibrium = quantum.thermal_state(_pair(jnp.asarray(axis), J), T=0.5)
    np.testing.assert_allclose(L @ equilibrium.reshape(-1) / scale, 0, atol=OPERATOR)


@pytest.mark.slow
def test_coarse_grained_entropy_rises_while_the_fine_grained_stays() -> None:
    """Two coupled spins ½ from |↑↓⟩: looking at the first alone, order is lost and comes back (row A2).

    Theory: the state stays pure, S = 0. The first spin is up with probability cos²(Jt/ħ), and within each grain the
    second is unknown, ln 2: S/k = ln 2 − Σ p ln p, largest at 2 ln 2.
    """
    pair, J = Spins(0.5, n=2), 1e-23
    beat = constants.PI * constants.HBAR / J  # of probabilities
    H = quantum.Exchange(pair, J=J, pairs=[(0, 1)])
    run = quantum.schrodinger(H, quantum.basis_state(pair, (0.5, -0.5)), np.linspace(0, beat, 9))
    np.testing.assert_allclose(run.spin_vectors[:, 0, 2], spin_half.singlet_triplet_beat(run.t, J), atol=ODE)
    first = jnp.stack([jnp.diag(d) for d in (jnp.array([1.0, 1, 0, 0]), jnp.array([0, 0, 1.0, 1]))])
    up = np.cos(J * np.asarray(run.t) / constants.HBAR) ** 2
    for state, p in zip(run.states, up, strict=True):
        rho = jnp.outer(state, state.conj())
        expected = np.log(2) - sum(x * np.log(x) for x in (p, 1 - p) if x > 1e-15)
        found = float(quantum.coarse_grained_entropy(rho, first)) / constants.KB
        assert found == pytest.approx(expected, rel=0, abs=10 * ODE)
        assert float(quantum.von_neumann_entropy(rho)) / constants.KB == pytest.approx(0, rel=0, abs=10 * ODE)


@given(st.floats(0.05, np.pi - 0.05), st.floats(-np.pi, np.pi))
@settings(max_examples=10)
def test_berry_phase_of_a_cone(theta: float, gauge: float) -> None:
    """−π(1 − cosθ), whatever the phase of each state on the way (row A3).

    The rest of a loop of n points falls as 1/n² (measured 4.2/n² at worst); extrapolating n = 200 and 400 leaves 1/n⁴,
    below 1e-7.
    """
    phases = [_cone(theta, gauge, n) for n in (200, 400)]
    best = (4 * phases[1] - phases[0]) / 3
    expected = float(spin_half.berry_phase(theta))
    assert abs(phases[0] - expected) < 10 / 200**2
    assert float(best) == pytest.approx(expected, rel=0, abs=1e-7)


def _cone(theta: float, gauge: float, n: int) -> float:
    phase = float(_cone_phase(theta, gauge, n))
    # Modulo 2π; on the lower hemisphere the solid angle is above 2π.
    return phase - 2 * np.pi * np.round((phase - float(spin_half.berry_phase(theta))) / (2 * np.pi))


@functools.partial(jax.jit, static_argnums=2)
def _cone_phase(theta: jax.Array, gauge: jax.Array, n: int) -> jax.Array:
    phi = 2 * np.pi * np.arange(n) / n
    path = jnp.stack(
        [jnp.sin(theta) * jnp.cos(phi), jnp.sin(theta) * jnp.sin(phi), jnp.cos(theta) * np.ones(n)], axis=1
    )
    states = jax.vmap(lambda u: quantum.coherent_state(Spins(0.5), u))(path)
    return quantum.berry_phase(states * jnp.exp(1j * gauge * jnp.arange(n))[:, None])


@pytest.mark.slow
def test_berry_phase_of_an_adiabatic_turn() -> None:
    """A spin that follows a slowly turning field comes back with the dynamical phase and −Ω/2 (row A3).

    Layout: 1 T on a cone of 60°, once round in 20 ns, 560 Larmor turns. The state that follows exactly tilts by ω/γB,
    1.8e-3 rad, out of the field: the phase differs by order 2π·ω/γB ≈ 5e-3, and the state does not quite close.
    """
    spin, theta, T = Spins(0.5), np.pi / 3, 20e-9
    round_z = mj.drive.cos(frequency=1 / T) * (1, 0, 0) + mj.drive.sin(frequency=1 / T) * (0, 1, 0)
    H = quantum.Zeeman(spin, B=np.sin(theta) * round_z + (0, 0, np.cos(theta)))
    start = quantum.coherent_state(spin, (-np.sin(theta), 0, -np.cos(theta)))  # ground state: against B
    run = quantum.schrodinger(H, start, np.linspace(0, T, 201))
    assert run.result.succeeded
    phase = float(quantum.berry_phase(run.states[:-1]))
    assert abs(jnp.vdot(run.states[0], run.states[-1])) == pytest.approx(1, rel=0, abs=1e-4)
    # The spin goes round on the opposite cone, of solid angle 2π(1 + cosθ): modulo 2π that is +π(1 − cosθ).
    assert np.angle(np.exp(1j * (phase - np.pi * (1 - np.cos(theta))))) == pytest.approx(0, rel=0, abs=2e-2)


@pytest.mark.slow
def test_derivatives_of_a_dynamic_expectation_value() -> None:
    """d⟨S_z⟩/dB and d/dJ by reverse mode against central differences of the solution.

    Both share the step sequence's noise, 1e-9 of ⟨S⟩; differences over 1e-4 of each parameter leave 1e-5 of the
    derivative.
    """
    scales = {"B": 1.0, "J": 1e-24}

    @jax.jit
    def value(x: dict[str, jax.Array]) -> jax.Array:
        B = x["B"] * scales["B"] * jnp.array([0.6, 0, 0.8])
        H = _pair(B, x["J"] * scales["J"])
        run = quantum.schrodinger(H, quantum.basis_state(H.spins, (0.5, -1)), (0, 4e-11))
        return run.spin_vectors[-1, 0, 2]

    here = {"B": jnp.asarray(0.7), "J": jnp.asarray(1.3)}
    gradient = jax.grad(value)(here)
    for name in here:
        by = 1e-4 * float(here[name])
        ahead, behind = ({**here, name: here[name] + sign * by} for sign in (1, -1))
        difference = (float(value(ahead)) - float(value(behind))) / (2 * by)
        assert float(gradient[name]) == pytest.approx(difference, rel=1e-5, abs=1e-6)


@pytest.mark.slow
def test_a_batch_of_fields_is_a_loop_over_them() -> None:
    """`vmap` steps each member on its own; the results are the same to rounding of the steps."""
    fields = jnp.asarray([[0, 0, 0.1], [0.5, 0, 0], [0.2, 0.3, 1.0]])
    batch, outcome = jax.vmap(lambda B: _precess(Spins(0.5), jnp.asarray([1.0, 0, 0]), B))(fields)
    assert Outcome.worst(outcome) is Outcome.SUCCESS
    for B, vectors in zip(fields, batch, strict=True):
        np.testing.assert_allclose(vectors, _precess(Spins(0.5), jnp.asarray([1.0, 0, 0]), B)[0], atol=ODE)


@pytest.mark.slow
def test_single_precision_precesses() -> None:
    """In float32 a turn is right to the tolerance of its steps, some 1e-5; nothing is lost to the size of ħ."""
    spin = Spins(0.5)
    B = jnp.asarray([0, 0, 1.0], jnp.float32)
    run = quantum.schrodinger(quantum.Zeeman(spin, B=B), jnp.asarray([1, 1], jnp.complex64) / 2**0.5, TIMES)
    assert run.states.dtype == jnp.complex64
    expected = spin_half.precession(TIMES, (1.0, 0, 0), (0, 0, 1.0))
    np.testing.assert_allclose(2 * run.spin_vectors[:, 0], expected, atol=5e-5)
