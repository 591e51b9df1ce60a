"""Spins that precess at different rates: decay of the average, echoes, and what damping takes away (row A7)."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax.analytic import dephasing, macrospin
from magjax.kinetics import Bloch, Damped, Pulse, macrospins, pulse_train, signal
from magjax.kinetics.frequencies import Discrete, Gaussian, Lorentzian, Mixture, Rectangular, Tabulated

FEW = settings(max_examples=10)
CENTRE, WIDTH = 2e11, 2e10
unit = st.floats(0.2, 2.0)


def distribution(kind, width):
    """One of each kind, with a width that may be traced."""
    w = WIDTH * width
    table = (CENTRE + w * jnp.asarray([-1.0, -0.2, 0.5, 1.4]), jnp.asarray([0.1, 1.0, 0.3, 0.7]))
    return {
        "rectangular": lambda: Rectangular(CENTRE, w),
        "gaussian": lambda: Gaussian(CENTRE, w),
        "tabulated": lambda: Tabulated(*table),
        "mixture": lambda: Mixture([Gaussian(CENTRE - w, w / 5), Rectangular(CENTRE + w, w / 3)], (1.0, 2.0)),
        "discrete": lambda: Discrete(CENTRE + w * jnp.asarray([-1.0, 0.3, 0.9]), jnp.asarray([1.0, 3.0, 2.0])),
    }[kind]()


@eqx.filter_jit
def decays(width, times):
    """⟨m⟩ and χ of every kind of distribution."""
    kinds = ("rectangular", "gaussian", "tabulated", "mixture", "discrete")
    every = {kind: distribution(kind, width) for kind in kinds}
    return {kind: (signal(p, times, spins=400).m, p.characteristic(times)) for kind, p in every.items()}


@FEW
@given(width=unit)
def test_decay_is_the_characteristic_function(width):
    """M(t) = ∫p cos ωt dω for any p, by turning 400 spins one by one.

    The nodes of each distribution integrate it to rounding until neighbours have dephased; with 400 of them that is
    some 50 radians across the distribution at the widest, against the 16 that are looked at. Phases reach 200 rad, so
    rounding is 1e-13.
    """
    times = jnp.linspace(0.0, 0.4e-9, 41)
    for kind, (m, chi) in decays(jnp.asarray(width), times).items():
        np.testing.assert_allclose(m[:, 0], chi.real, atol=1e-10, err_msg=kind)
        np.testing.assert_allclose(m[:, 1], chi.imag, atol=1e-10, err_msg=kind)


def test_rectangle_is_the_papers_curve():
    """Eq. 9 of the seed paper, with Δω the half width: M = sin(Δωt)/(Δωt) cos ω0t; with the whole width it fails."""
    times = np.linspace(1e-12, 1e-9, 301)
    found = signal(Rectangular(CENTRE, WIDTH), times, spins=256).m[:, 0]
    paper = np.sin(WIDTH * times) / (WIDTH * times) * np.cos(CENTRE * times)
    np.testing.assert_allclose(found, paper, atol=1e-10)
    whole = np.sin(WIDTH * times / 2) / (WIDTH * times / 2) * np.cos(CENTRE * times)
    assert np.abs(found - whole).max() > 0.3


@pytest.mark.slow
def test_lorentzian_converges_slowly_and_to_the_exponential():
    """Equal weights on n quantiles: the essential singularity of the tails leaves an error of order n^{−3/4}."""
    times = jnp.linspace(0.0, 3 / WIDTH, 13)
    exact = dephasing.lorentzian(times, CENTRE, WIDTH).real
    errors = [
        float(jnp.abs(signal(Lorentzian(CENTRE, WIDTH), times, spins=n).m[:, 0] - exact).max()) for n in (300, 30_000)
    ]
    assert errors[0] < 3 * 300**-0.75
    assert errors[1] < 3 * 30_000**-0.75


@pytest.mark.slow
def test_random_spins_agree_within_their_statistics(key):
    """20 000 spins drawn at random: the mean of cosines errs by at most 1/√(2n) = 0.005 (one σ); five are allowed."""
    times = jnp.linspace(0.0, 0.2e-9, 5)
    for kind in ("rectangular", "gaussian", "tabulated", "mixture", "discrete"):
        p = distribution(kind, 1.0)
        m = signal(p, times, spins=20_000, key=key).m
        np.testing.assert_allclose(m[:, 0], p.characteristic(times).real, atol=0.025, err_msg=kind)


@eqx.filter_jit
def echoes(width, tau, angle, T2, times):
    """⟨m_x⟩ and ⟨m_y⟩ after a pulse, simulated and closed."""
    p = distribution("mixture", width)
    found = signal(p, times, [Pulse(tau, angle)], motion=Bloch(T2=T2), spins=600).m
    return found, dephasing.echo(p.characteristic, times, tau, angle) * jnp.exp(-times / T2)


@FEW
@given(width=unit, angle=st.floats(0.0, 2 * np.pi), delay=st.floats(0.1, 0.3), T2=st.floats(0.2, 5.0))
def test_echo_of_any_angle(width, angle, delay, T2):
    """cos²(θ/2) χ(t) + sin²(θ/2) χ(t − 2τ), faded by e^{−t/T₂}, which no pulse brings back.

    A doublet of a Gaussian and a rectangle, 600 spins: the nodes are exact to rounding, as in the decay.
    """
    tau = delay * 1e-9
    times = tau * jnp.linspace(1.0, 2.5, 31)
    found, closed = echoes(*(jnp.asarray(x) for x in (width, tau, angle, T2 * 1e-9)), times)
    np.testing.assert_allclose(found[:, 0] + 1j * found[:, 1], closed, atol=1e-10)


@pytest.mark.slow
def test_a_pi_pulse_brings_every_ensemble_back(key):
    """At 2τ the average is whole again whatever the distribution, also of random spins; T₂ takes e^{−2τ/T₂}.

    Every phase is ω(t − 2τ) = 0 at the echo: the only error is rounding of phases of some 200 rad. The Lorentzian's
    farthest of 500 spins has a phase of 3e5 rad.
    """
    tau = 0.5e-9
    for p, each in ((distribution("tabulated", 1.0), None), (Lorentzian(CENTRE, WIDTH), key)):
        seen = signal(p, [tau, 2 * tau], [Pulse(tau)], spins=498, key=each)
        assert float(seen.envelope[0]) < 0.2
        np.testing.assert_allclose(seen.m[1], [1, 0, 0], atol=1e-9)
        # Nothing was lost in between: every spin kept its length, and only the average did not show it.
        np.testing.assert_allclose(seen.transverse, [1, 1], atol=1e-12)
        faded = signal(p, [tau, 2 * tau], [Pulse(tau)], spins=498, key=each, motion=Bloch(T2=1e-9, T1=1e-9))
        np.testing.assert_allclose(faded.envelope[1], np.exp(-1.0), atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("angles", [(np.pi / 2, np.pi / 2, np.pi / 2), (0.7, 2.0, 1.1)])
def test_hahn_and_stimulated_echoes(angles):
    """Amplitudes of two and three pulses of any angles.

    Theory: |sin θ₁| sin²(θ₂/2) and |sin θ₁ sin θ₂ sin θ₃|/2 where all else has dephased. Layout: a rectangle of half
    width Δω and pulses at multiples of π/Δω, where its χ vanishes exactly; so every other coherence does, too.
    """
    first, second, third = angles
    tau = np.pi / WIDTH
    pulses = [Pulse(0.0, first, (0, 1, 0)), Pulse(tau, second), Pulse(5 * tau, third)]
    p, start = Rectangular(CENTRE, WIDTH), (0.0, 0.0, 1.0)
    hahn = signal(p, [2 * tau], pulses[:2], start=start, spins=256).envelope[0]
    stimulated = signal(p, [6 * tau], pulses, start=start, spins=256).envelope[0]
    assert float(hahn) == pytest.approx(float(dephasing.hahn_amplitude(first, second)), abs=1e-10)
    assert float(stimulated) == pytest.approx(float(dephasing.stimulated_amplitude(*angles)), abs=1e-10)


@pytest.mark.slow
def test_pulse_trains_and_their_errors():
    """With pulses 3° short of π, the second echo of Meiboom and Gill errs by ε⁴, that of Carr and Purcell by ε².

    Measured against a half as large error: 1 − M falls by 16 and by 4, to corrections of relative order ε² = 3e-3.
    Pulses about x and about y; spins start along x; at 4τ all else has dephased (zeros of the rectangle's χ).
    """
    tau = np.pi / WIDTH

    def lost(axis, error):
        train = pulse_train(tau, 2, np.pi - error, axis)
        return 1 - float(signal(Rectangular(CENTRE, WIDTH), [4 * tau], train, spins=256).envelope[0])

    ratios = [lost(axis, 0.05) / lost(axis, 0.025) for axis in ((1, 0, 0), (0, 1, 0))]
    assert ratios[0] == pytest.approx(16, rel=0.02, abs=0)
    assert ratios[1] == pytest.approx(4, rel=0.02, abs=0)


@jax.jit
def engine(alpha, m0, signs):
    """Spins in their own fields by the engine, 32 of them over a rectangle; the spread is reversed by the signs."""
    half = 0.1e-9
    spread = mj.drive.steps(times=jnp.asarray([0.0, half]), values=signs)
    system = macrospins(Rectangular(CENTRE, WIDTH), 32, alpha=alpha, spread=spread)
    run = mj.evolve(
        system, m0, 2 * half, save_at=half * jnp.asarray([0.5, 1, 1.5, 2]), tolerance=1e-8, adjoint="forward"
    )
    return run.average, run.m, run.steps


X = jnp.zeros((3, 1, 1, 32)).at[0].set(1.0)


@pytest.mark.slow
def test_the_engine_dephases_as_the_closed_form_says():
    """The equation of motion, integrated for 32 spins in their own fields, against Eq. 9.

    Forty radians of precession with steps wrong by at most 1e-8 rad, some 1000 of them: 1e-6 is allowed. 32 nodes of
    Gauss and Legendre are exact for the 8 rad by which the spins spread.
    """
    average, _, _ = engine(0.0, X, jnp.asarray([1.0, 1.0]))
    times = 0.1e-9 * np.array([0.5, 1, 1.5, 2])
    closed = dephasing.rectangular(times, CENTRE, WIDTH)
    np.testing.assert_allclose(average[:, 0] + 1j * average[:, 1], closed, atol=2e-6)
    np.testing.assert_allclose(average[:, 2], np.zeros(4), atol=1e-12)


@pytest.mark.slow
def test_reversing_the_spread_echoes_precession_but_not_damping():
    """Turn the deviations of the fields round at τ: at 2τ every spin has felt the mean field, and so all meet.

    Theory: phase and damping are both linear in ∫B dt, so at 2τ all spins are where one spin in the mean field is. The
    visible part is 1/cosh(2αω0τ/(1+α²)): dephasing is undone and damping is not. Same accuracy as above.
    """
    back = jnp.asarray([1.0, -1.0])
    for alpha in (0.0, 0.02):
        average, _, _ = engine(alpha, X, back)
        alone = macrospin.relaxation(0.2e-9, (1.0, 0, 0), (0, 0, CENTRE / mj.constants.GAMMA), alpha)
        np.testing.assert_allclose(average[-1], alone, atol=2e-6)
        assert np.hypot(*average[-1, :2]) > np.hypot(*average[1, :2]) + 0.1
    visible = 1 / np.cosh(0.02 * CENTRE * 0.2e-9 / (1 + 0.02**2))
    assert np.hypot(*average[-1, :2]) == pytest.approx(visible, abs=2e-6)
    assert visible < 0.8


@pytest.mark.slow
def test_a_pi_pulse_undoes_even_damping_in_a_constant_field():
    """The damping torque is linear in B, so turning spins by π about x is as good as turning time round.

    With R B = −B, R dm/dt(m; B) = dm/dt(Rm; −B) = −dm/dt(Rm; B). Then at 2τ m is the start, also for α = 0.1, in the
    engine and in the exact propagator. What a π pulse cannot bring back is relaxation by noise (T₂), or damping towards
    a field that reverses with the spin, such as that of anisotropy. Two runs of the engine, each right to 2e-6; the
    second amplifies errors of the first by e^{αωt} < 10.
    """
    alpha, still = 0.1, jnp.asarray([1.0, 1.0])
    _, there, _ = engine(alpha, X, still)
    turned = Pulse(0.0, np.pi).turn(there.reshape(3, -1)).reshape(there.shape)
    average, _, _ = engine(alpha, turned, still)
    assert float(jnp.mean(there[2])) > 0.9
    np.testing.assert_allclose(average[-1], [1, 0, 0], atol=2e-5)
    seen = signal(Rectangular(CENTRE, WIDTH), [0.2e-9, 0.4e-9], [Pulse(0.2e-9)], motion=Damped(alpha), spins=64)
    np.testing.assert_allclose(seen.m[-1], [1, 0, 0], atol=1e-12)
    assert float(seen.m[0, 2]) < -0.9  # just after the pulse: turned against the field


@pytest.mark.slow
def test_derivatives_of_an_echo():
    """d/d(width, time and angle of the pulse, T₂) through all spins, against finite differences of the closed form.

    Central differences with steps of 1e-5 of each parameter err by 1e-9 of derivatives of order 10.
    """
    t = jnp.asarray([0.55e-9])

    def simulated(q):
        p = Rectangular(CENTRE, WIDTH * q[0])
        return signal(p, t, [Pulse(0.3e-9 * q[1], 2.5 * q[2])], motion=Bloch(T2=1e-9 * q[3]), spins=128).m[0, 0]

    def closed(q):
        free = lambda t: dephasing.rectangular(t, CENTRE, WIDTH * q[0])  # noqa: E731
        return (dephasing.echo(free, t, 0.3e-9 * q[1], 2.5 * q[2])[0] * jnp.exp(-t[0] / (1e-9 * q[3]))).real

    q = jnp.ones(4)
    found = np.asarray(jax.jit(jax.grad(simulated))(q))
    steps = 1e-5 * np.eye(4)
    expected = [float(closed(q + s) - closed(q - s)) / 2e-5 for s in steps]
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    batch = jax.vmap(simulated)(jnp.stack([q, 1.1 * q]))
    assert float(batch[0]) == pytest.approx(float(simulated(q)), abs=1e-12)
