"""Master equations against closed forms, and against arithmetic of 60 digits where rates span many decades."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax import constants
from magjax.analytic import two_state
from magjax.kinetics import (
    MasterEquation,
    arrhenius,
    entropy_production,
    evolve_populations,
    free_energy,
    mean_first_passage,
    rate_matrix,
    relaxation_rates,
    stationary,
)

KT = constants.KB * 300.0
LINKS = ((0, 1), (1, 2), (2, 3), (3, 4), (0, 3))
DECADES = np.array([0.0, 1e-9, 1e-4, 1.0, 1e7])


def pair(E_up, E_down, E_top):
    """Two states, traced."""
    return MasterEquation(jnp.stack([E_up, E_down]), ((0, 1),), E_top[None])


@jax.jit
def two_states(E_up, E_down, E_top, T, start):
    """What the master equation of two states gives: relaxation, rate, end, entropy production."""
    equation = pair(E_up, E_down, E_top)
    p0 = jnp.stack([1 + start, 1 - start]) / 2
    p = evolve_populations(equation, p0, DECADES, T).p
    end = stationary(equation, T)
    produced = entropy_production(equation, p0, T)
    return p[:, 0] - p[:, 1], relaxation_rates(equation, T)[0], end[0] - end[1], produced


@jax.jit
def network(energies, tops, T):
    """Rates, populations and first passages of five states."""
    equation = MasterEquation(energies, LINKS, tops)
    start = jnp.zeros(5).at[jnp.argmax(energies)].set(1)
    p = evolve_populations(equation, start, DECADES, T).p
    return relaxation_rates(equation, T), p, mean_first_passage(equation, 2, T), rate_matrix(equation, T)


def random_network(rng, spread, height):
    """Energies up to `spread` kT, and barriers up to `height` kT above them."""
    energies = rng.uniform(0, spread, 5) * KT
    tops = np.array([max(energies[i], energies[j]) for i, j in LINKS]) + rng.uniform(0, height, len(LINKS)) * KT
    return energies, tops


def exact_matrix(energies, tops, T):
    """W in arithmetic of many digits."""
    kT, W = mpmath.mpf(constants.KB) * T, mpmath.zeros(5)
    for (i, j), top in zip(LINKS, tops, strict=True):
        for a, b in ((i, j), (j, i)):
            rate = mpmath.mpf(1e9) * mpmath.exp(-(mpmath.mpf(float(top)) - mpmath.mpf(float(energies[a]))) / kT)
            W[b, a] += rate
            W[a, a] -= rate
    return W


@settings(max_examples=15)
@given(bias=st.floats(-20, 20), barrier=st.floats(0.5, 60), T=st.floats(50, 900), start=st.floats(-0.99, 0.99))
def test_two_states_relax_as_a_hyperbolic_tangent_says(bias, barrier, T, start):
    """⟨s⟩ goes to tanh((E↓ − E↑)/2kT) at the rate Γ of paper A's Eq. 15, the signs of Eq. 13 to 15 being right.

    Theory: two states, energies ±bias/2 kT(300 K), a top above both. Layout: sixteen decades of time. Rates carry the
    rounding of exponents up to 400, 1e-13, and thirty squarings of the propagator as much; 1e-11 allows for both.
    """
    E_up, E_down = bias / 2 * KT, -bias / 2 * KT
    top = abs(bias) / 2 * KT + barrier * KT
    s, rate, end, produced = two_states(E_up, E_down, top, T, start)
    closed = two_state.magnetization(DECADES, start, E_up, E_down, top, T)
    np.testing.assert_allclose(s, closed, atol=1e-11)
    assert float(end) == pytest.approx(float(two_state.equilibrium(E_up, E_down, T)), rel=1e-12, abs=1e-15)
    assert float(rate) == pytest.approx(float(two_state.rate(E_up, E_down, top, T)), rel=1e-11, abs=0)
    expected = float(two_state.entropy_production(start, E_up, E_down, top, T))
    assert float(produced) == pytest.approx(expected, rel=1e-9, abs=1e-12 * constants.KB * float(rate))


def test_a_symmetric_well_relaxes_twice_as_fast_as_it_is_left():
    """Γ = 2Γ0 exp(−Ea/kT): both ways lead to equilibrium. Rounding only."""
    rate = float(relaxation_rates(MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19), 300.0)[0])
    assert rate == pytest.approx(float(two_state.symmetric_rate(1e-19, 300.0)), rel=1e-13, abs=0)
    assert rate == pytest.approx(2 * float(arrhenius(1e-19, 300.0)), rel=1e-13, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("height", [5, 60])
def test_slow_rates_keep_their_digits(height, rng):
    """Five states in a ring with a tail, energies up to 20 kT and barriers up to 60 kT above them.

    Against eigenvalues, exponentials and linear solves of 60 digits. Rates of 1e-20/s stand beside 1e9/s: what is lost
    is the rounding of exponents up to 80 and of some hundred operations, all of one sign, 1e-12.
    """
    energies, tops = random_network(rng, 20, height)
    rates, p, passage, W = network(energies, tops, 300.0)
    with mpmath.workdps(60):
        exact = exact_matrix(energies, tops, 300)
        values, vectors = mpmath.eig(exact)
        inverse, start = mpmath.inverse(vectors), int(np.argmax(energies))
        slow = sorted(float(-mpmath.re(v)) for v in values)[1:]
        np.testing.assert_allclose(rates, slow, rtol=1e-12)
        for t, found in zip(DECADES, p, strict=True):
            flow = vectors * mpmath.diag([mpmath.exp(v * t) for v in values]) * inverse
            np.testing.assert_allclose(
                found, [float(mpmath.re(flow[i, start])) for i in range(5)], rtol=2e-12, atol=1e-50
            )
        others = [0, 1, 3, 4]
        backward = mpmath.matrix([[-exact[j, i] for j in others] for i in others])
        times = mpmath.lu_solve(backward, mpmath.matrix([1] * 4))
        np.testing.assert_allclose(np.asarray(passage)[others], [float(t) for t in times], rtol=1e-12)
    boltzmann = np.asarray(stationary(MasterEquation(energies, LINKS, tops), 300.0))
    flows = np.asarray(W) * boltzmann[None]
    np.testing.assert_allclose(flows, flows.T, rtol=1e-12, atol=1e-30)  # detailed balance
    np.testing.assert_allclose(np.asarray(W).sum(0), np.zeros(5), atol=1e-6)


@pytest.mark.slow
def test_nothing_overflows_at_700_kT():
    """Barriers and energies of 700 kT: logarithms of rates, the stationary state and passages stay exact."""
    far = MasterEquation((0.0, 700 * KT, 0.0), ((0, 1), (1, 2)), tops=(710 * KT, 700 * KT))
    there, back = far.log_rates(300.0)
    np.testing.assert_allclose(there, np.log(1e9) - np.array([710, 0]), rtol=1e-13)
    np.testing.assert_allclose(back, np.log(1e9) - np.array([10, 700]), rtol=1e-13)
    p = np.asarray(stationary(far, 300.0))
    np.testing.assert_allclose(np.log(p[1] / p[0]), -700, rtol=1e-12)
    time = float(mean_first_passage(far, 2, 300.0)[0])
    # Out by e^710, and back to the start from the middle with the odds e^−10.
    assert np.log(time) + np.log(1e9) == pytest.approx(710 + np.log(1 + np.exp(-10)), rel=1e-12, abs=0)


@pytest.mark.slow
def test_driven_wells_follow_their_exact_solution():
    """A barrier lowered in time: ⟨s⟩ = s0 exp(−∫Γ dt) without bias, by the implicit method.

    Theory: two wells without bias have one rate, Γ(t) = 2Γ0 exp(−Ea(t)/kT), and a linear equation. Layout: Ea falls in
    one second from 25 kT to 15 kT, Γ from 0.03/s to 600/s; Γ0/Γ reaches 1e10, stiff. ∫Γ dt in closed form. The local
    tolerance of 1e-11 in some hundred steps is right to 1e-8.
    """
    slope = 10 * KT

    def wells(t):
        return MasterEquation(jnp.zeros(2), ((0, 1),), (25 * KT - slope * t)[None])

    times = jnp.array([0.25, 0.5, 0.6, 0.7])
    run = jax.jit(lambda T: evolve_populations(wells, (1.0, 0.0), times, T, tolerance=1e-11))(300.0)
    integral = 2e9 * np.exp(-25) * np.expm1(10 * np.asarray(times)) / 10
    assert run.result is mj.Outcome.SUCCESS
    np.testing.assert_allclose(run.p[:, 0] - run.p[:, 1], np.exp(-integral), atol=1e-8)


@pytest.mark.slow
def test_a_constant_drive_is_no_drive():
    """The implicit method and the exponential agree; local errors of 1e-11 in a hundred steps add up to below 1e-8."""
    grain = MasterEquation((0.0, 0.0), ((0, 1),), tops=8e-20, moments=(1e-19, -1e-19))
    times = (0.0, 1e-3, 5e-3, 1.0)
    exact = evolve_populations(grain, (0.0, 1.0), times, T=300.0, B=0.02).p
    steps = {name: mj.drive.steps((0.0,), (value,)) for name, value in (("T", 300.0), ("B", 0.02))}
    implicit = jax.jit(lambda p0: evolve_populations(grain, p0, times, **steps, tolerance=1e-11).p)(
        jnp.array([0.0, 1.0])
    )
    np.testing.assert_allclose(implicit, exact, atol=1e-8)


@pytest.mark.slow
def test_free_energy_falls_as_entropy_is_made(rng):
    """dF/dt = −T × entropy production ≤ 0 from any populations: both are sums of a few terms, equal to rounding."""
    energies, tops = random_network(rng, 6, 8)
    equation = MasterEquation(energies, LINKS, tops)
    p = jnp.asarray(rng.dirichlet(np.ones(5), 20))

    @jax.jit
    def both(p):
        gradient = jax.vmap(jax.grad(lambda q: free_energy(equation, q, 300.0)))(p)
        change = jnp.einsum("ki,ij,kj->k", gradient, rate_matrix(equation, 300.0), p)
        return change, entropy_production(equation, p, 300.0)

    change, produced = both(p)
    assert (np.asarray(produced) > 0).all()
    np.testing.assert_allclose(-change / 300.0, produced, rtol=1e-10)
    end = stationary(equation, 300.0)
    assert float(entropy_production(equation, end, 300.0)) < 1e-12 * float(produced.min())
    Z = np.sum(np.exp(-energies / KT))
    assert float(free_energy(equation, end, 300.0)) == pytest.approx(-KT * np.log(Z), rel=1e-12, abs=0)


@pytest.mark.slow
def test_ten_thousand_models_are_one_batch(rng):
    """Heights, energies and temperatures of 10 000 models in one `vmap`; a few of them against single calls."""
    tops, T = rng.uniform(10, 40, 10_000) * KT, rng.uniform(200, 400, 10_000)

    @jax.jit
    @jax.vmap
    def models(top, T):
        equation = pair(0.0 * top, 0.2 * KT + 0.0 * top, top)
        return relaxation_rates(equation, T)[0], evolve_populations(equation, (1.0, 0.0), (1e-3,), T).p[0, 0]

    rates, up = models(tops, T)
    np.testing.assert_allclose(rates, two_state.rate(0.0, 0.2 * KT, tops, T), rtol=1e-12)
    s = two_state.magnetization(1e-3, 1.0, 0.0, 0.2 * KT, tops, T)
    np.testing.assert_allclose(2 * up - 1, s, atol=1e-11)


@pytest.mark.slow
def test_gradients_by_energies_and_barriers(rng):
    """Derivatives of logarithms by every energy (in kT) against central differences, whose own error is 1e-8.

    A slow rate's derivative has no noise of the fast ones: it is a sum of squares.
    """
    energies, tops = random_network(rng, 4, 25)
    x = jnp.concatenate([jnp.asarray(energies), jnp.asarray(tops)]) / KT

    def f(x):
        equation = MasterEquation(x[:5] * KT, LINKS, x[5:] * KT)
        p = evolve_populations(equation, jnp.eye(5)[0], (1e-4,), 300.0).p[0, 3] * 10
        return jnp.stack(
            [jnp.log(relaxation_rates(equation, 300.0)[0]), jnp.log(mean_first_passage(equation, 2, 300.0)[0]), p]
        )

    found = jax.jit(jax.jacrev(f))(x)
    value, h = jax.jit(jax.vmap(f)), 1e-5
    both = value(jnp.concatenate([x[None] + h * jnp.eye(10), x[None] - h * jnp.eye(10)]))
    np.testing.assert_allclose(found.T, (both[:10] - both[10:]) / (2 * h), atol=3e-8)
    assert (np.abs(np.asarray(found)).max(1) > 1e-4).all()
