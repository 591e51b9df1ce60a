"""Spins with inertia: nutation, precession slowed by it, energy, and the limit without it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import inertial as theory
from magjax.analytic import macrospin
from magjax.constants import GAMMA

MESH = mj.Mesh((1, 1, 1), 5e-9)
ETA = 100e-15


def column(*parts):
    """One vector as a field of one cell."""
    return jnp.asarray(parts, float).reshape(3, 1, 1, 1)


@jax.jit
def path(m0, velocity, eta, times, alpha=0.0, B=1.0, easy=0.0, hard=0.0):
    """⟨m⟩ at 100 times, in a field B and with an easy axis 2K/Ms along z and a hard one along x, all in T."""
    anisotropies = (mj.UniaxialAnisotropy(K=b * 8e5 / 2, axis=u) for b, u in ((easy, (0, 0, 1)), (-hard, (1, 0, 0))))
    energy = mj.Zeeman(B=jnp.zeros(3).at[2].set(B)) + sum(anisotropies)
    system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=energy)
    inertial = mj.dynamics.Inertial(eta, velocity)
    return mj.evolve(
        system, m0, times[-1], save_at=times, dynamics=inertial, tolerance=1e-11, adjoint="forward"
    ).average  # fmt: skip


def times_to(end):
    """A hundred times."""
    return jnp.linspace(0, end, 101)[1:]


def transverse(*args, **kwargs):
    """m_x + i m_y."""
    m = np.asarray(path(*args, **kwargs))
    return m[:, 0] + 1j * m[:, 1]


@pytest.mark.slow
def test_free_nutation_at_any_angle():
    """Without field and damping m turns about L = m − η m×ṁ at |L|/η, however fast it starts.

    Layout: ηv = 0.5, four turns. Error control allows 1e-11 in each of some thousand steps, and errors add to 1e-8.
    """
    m0, velocity, times = (0.6, 0.0, 0.8), (4e12, 0.0, -3e12), times_to(2e-12)
    found = path(column(*m0), column(*velocity), ETA, times, B=0.0)
    np.testing.assert_allclose(found, theory.free_nutation(times, m0, velocity, ETA), rtol=0, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_small_motions_are_precession_and_nutation(alpha):
    """A start of any velocity is a sum of both modes; a start in one of them stays there.

    Theory: ψ = c₊exp(iω₊t) + c₋exp(iω₋t). Layout: ψ₀ = 1e-4 at rest for 4 ps, a tenth of a precession and six
    nutations; then each mode alone. Terms of third order are 1e-8 of ψ. Frequencies are read from the phase over the
    whole time, 0.7 rad and 42 rad, right to 1e-8 of either: 1e-5 is asked for, the size of what is left.
    """
    size, times = 1e-4, times_to(4e-12)
    slow, fast = theory.modes(1.0, ETA, alpha)
    m0 = column(size, 0.0, np.sqrt(1 - size**2))
    found = transverse(m0, column(0, 0, 0), ETA, times, alpha)
    c = fast / (fast - slow)
    expected = size * (c * jnp.exp(1j * slow * times) + (1 - c) * jnp.exp(1j * fast * times))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * size)
    for omega in (slow, fast):
        start = 1j * omega * size
        velocity = column(start.real, start.imag, -size * start.real)
        psi = transverse(m0, velocity, ETA, times, alpha) / size
        rate = -1j * (jnp.log(jnp.abs(psi[-1])) + 1j * np.unwrap(np.angle(psi))[-1]) / times[-1]
        assert abs(complex(rate) / complex(omega) - 1) < 1e-5


@pytest.mark.slow
def test_precession_at_a_large_angle():
    """At any θ a spin that starts with ω from ηω² cos θ + ω = γB goes round without nutation.

    Layout: θ = 1 and 2 rad, ηγB = 0.18: the frequencies are 8 % below and 8 % above γB. Twenty ps are three radians;
    the phase is right to 1e-8 of them.
    """
    times = times_to(20e-12)
    for angle in (1.0, 2.0):
        omega = float(theory.steady_precession(np.cos(angle), 1.0, 1e-12))
        start = column(np.sin(angle), 0, np.cos(angle))
        psi = transverse(start, column(0, omega * np.sin(angle), 0), 1e-12, times)
        np.testing.assert_allclose(np.abs(psi), np.full(100, np.sin(angle)), rtol=0, atol=1e-7)
        phase = np.unwrap(np.angle(psi))[-1]
        assert phase == pytest.approx(omega * 20e-12, rel=1e-6, abs=0)


@pytest.mark.slow
def test_resonance_of_an_ellipsoid_with_inertia():
    """Two unequal stiffnesses, of an easy axis and a hard one: both frequencies of the biquadratic equation.

    Layout: 2K/Ms = 0.4 T along z, easy; 1.5 T along x, hard; start at rest 1e-4 rad off z along y. Undamped, m_y is
    then a sum of two cosines with the weights that m_y(0) = 1, m̈_y(0) give; terms of third order are 1e-8 of it.
    """
    size, times = 1e-4, times_to(20e-12)
    start = column(0, size, np.sqrt(1 - size**2))
    found = path(start, column(0, 0, 0), ETA, times, B=0.0, easy=0.4, hard=1.5)
    low, high = theory.frequencies(1.9, 0.4, ETA)
    kick = -GAMMA * 0.4 / ETA  # m̈_y of a spin at rest: η m×m̈ = γ m×B
    a = (kick + high**2) / (high**2 - low**2)
    expected = a * jnp.cos(low * times) + (1 - a) * jnp.cos(high * times)
    np.testing.assert_allclose(found[:, 1] / size, expected, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_without_inertia_it_is_the_llg():
    """From rest, m nutates about the LLG's path with an amplitude ηγB, and precesses slower by ηγB cos θ, both ∝ η."""
    start, times = (1.0, 0.0, 0.0), times_to(10e-12)

    def distance(eta):
        found = path(column(*start), column(0, 0, 0), eta, times, alpha=0.1)
        return float(jnp.abs(found - macrospin.relaxation(times, start, (0, 0, 1.0), 0.1)).max())

    coarse, fine = distance(4e-14), distance(1e-14)
    assert fine < 3 * GAMMA * 1e-14
    assert coarse / fine == pytest.approx(4, rel=0.2, abs=0)


@pytest.mark.slow
def test_energy_balance():
    """d(E + T)/dt = −(α/γ) Σ Ms V|ṁ|² on a chain with exchange, anisotropy and η of its own in each cell.

    Undamped the sum stays to the tolerance. Damped, it is compared at two times 2δ apart with the loss in the middle:
    central differences are wrong by δ²/η², 1e-6 at δ = 0.1 fs.
    """
    mesh = mj.Mesh((3, 1, 1), (2e-9, 3e-9, 4e-9))
    energy = mj.Exchange(A=1e-12) + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.Zeeman(B=(0.5, 0, 0.1))
    eta = jnp.asarray([100e-15, 150e-15, 200e-15]).reshape(1, 1, 3)
    m0 = mj.textures.random(mesh, 3)
    inertial = mj.dynamics.Inertial(eta)

    @jax.jit
    def at(duration, alpha):
        system = mj.System(mesh, Ms=8e5, alpha=alpha, energy=energy)
        run = mj.evolve(system, m0, duration, dynamics=inertial, tolerance=1e-10, adjoint="forward")
        total = system.total_energy(run.m) + inertial.kinetic_energy(system, run.velocity)
        return total, system.total_energy(run.m), jnp.sum(run.velocity**2)

    first = float(mj.System(mesh, Ms=8e5, energy=energy).total_energy(m0))
    total, potential, _ = map(float, at(1e-12, 0.0))
    assert abs(potential - first) > 1e-22  # J: some has become kinetic
    assert total == pytest.approx(first, rel=0, abs=1e-7 * abs(potential - first))
    alpha, middle, delta = 0.05, 0.5e-12, 1e-16
    before, here, after = (at(middle + k * delta, alpha) for k in (-1, 0, 1))
    loss = float(after[0] - before[0]) / (2 * delta)
    assert loss == pytest.approx(-alpha * 8e5 * mesh.cell_volume / GAMMA * float(here[2]), rel=1e-4, abs=0)


def end(eta, alpha, speed, adjoint):
    """⟨m_y⟩ after thirty fixed steps."""
    system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=mj.Zeeman(B=(0, 0, 1.0)))
    inertial = mj.dynamics.Inertial(eta * ETA, column(0, 1e12, 0) * speed)
    return mj.evolve(
        system, column(0.6, 0, 0.8), 0.3e-12, dynamics=inertial, dt=10e-15, adjoint=adjoint
    ).average[-1, 1]  # fmt: skip


@pytest.mark.parametrize("adjoint", ["forward", pytest.param("checkpointed", marks=pytest.mark.slow)])
def test_derivatives_through_inertia(adjoint):
    """By η, α and the first velocity, in forward and in reverse mode, against central differences at fixed steps."""
    at = (1.0, 0.1, 1.0)
    derivative = jax.jacfwd if adjoint == "forward" else jax.grad
    found = jax.jit(derivative(lambda *x: end(*x, adjoint), argnums=(0, 1, 2)))(*at)
    value = jax.jit(lambda *x: end(*x, "forward"))
    for i in range(3):
        up, down = ([x + s * 1e-5 * (j == i) for j, x in enumerate(at)] for s in (1, -1))
        assert float(found[i]) == pytest.approx(float(value(*up) - value(*down)) / 2e-5, rel=1e-6, abs=1e-9)
