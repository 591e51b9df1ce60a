"""One spin, or many that stay parallel, against closed forms."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.analytic import macrospin

MESH = mj.Mesh((2, 1, 1), (4e-9, 5e-9, 3e-9))
EXCHANGE = mj.Exchange(A=1e-11)


@eqx.filter_jit
def averages(system, m0, times, tolerance_is_tight, solver=None):
    """⟨m⟩ at the given times."""
    tolerance = 1e-9 if tolerance_is_tight else 1e-5
    return mj.evolve(
        system, m0, times[-1], save_at=times, tolerance=tolerance, adjoint="forward", solver=solver
    ).average  # fmt: skip


@pytest.mark.slow
def test_larmor_precession():
    """A moment in a field of 1 T turns at 28.025 GHz, whatever its angle to the field.

    Theory: dm/dt = −γ m×B, a rotation by γBt about B. Layout: two parallel spins at 1 rad to the field, 1 ns, 28 turns.
    The phase is compared, 176 rad; RK43 with a local error of 1e-9 in each of some 2000 steps is right to 1e-6 of it.
    """
    system = mj.System(MESH, Ms=8e5, alpha=0.0, energy=EXCHANGE + mj.Zeeman(B=(0, 0, 1.0)))
    m0 = mj.textures.uniform(MESH, (np.sin(1.0), 0, np.cos(1.0)))
    times = jnp.linspace(0, 1e-9, 101)[1:]
    m = np.asarray(averages(system, m0, times, True))
    phase = np.unwrap(np.arctan2(m[:, 1], m[:, 0]))  # 10 ps are 1.76 rad: no turn is missed
    rate = np.polyfit(times, phase, 1)[0] / (2 * np.pi)
    assert rate == pytest.approx(28.02495e9, rel=2e-7, abs=0)
    assert rate == pytest.approx(float(macrospin.larmor_frequency(1.0)) / (2 * np.pi), rel=1e-8, abs=0)
    np.testing.assert_allclose(m[:, 2], np.full(100, np.cos(1.0)), atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.02, 0.5, 2.0])
def test_relaxation_along_any_axis(alpha, precision):
    """A spin that starts nearly against a tilted field falls along it as a hyperbolic tangent.

    Theory: m·b = tanh(artanh(m0·b) + αγBt/(1+α²)), turning by γBt/(1+α²). Layout: two parallel spins, a field of 0.7 T
    along (1, −2, 2)/3, twelve radians of precession. Double precision with local errors of 1e-9 is right to 1e-6. In
    single precision the local error is 1e-5 in each of some tens of steps; rounding is 1e-7 a step, below it.
    """
    tight = precision.dtype == np.float64
    B = 0.7 * np.array([1, -2, 2]) / 3
    system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=EXCHANGE + mj.Zeeman(B=B))
    start = -0.9 * B / 0.7 + np.array([0.3, 0.1, 0.0])
    m0 = mj.textures.uniform(MESH, tuple(start), dtype=precision.dtype)
    times = jnp.linspace(0, 0.1e-9 * (1 + alpha**2), 21, dtype=precision.dtype)[1:]
    found = averages(system, m0, times, tight)
    expected = macrospin.relaxation(np.asarray(times, float), m0[:, 0, 0, 0].astype(float), B, alpha)
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, expected, atol=1e-6 if tight else 2e-4)


@pytest.mark.slow
def test_a_spin_exactly_along_the_field_stays():
    """Both poles are fixed points, in the simulation and in the closed form, at early and at late times."""
    B = (0.0, 0.0, 1.0)
    system = mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=B))
    for pole in (1.0, -1.0):
        m = averages(system, mj.textures.uniform(MESH, (0, 0, pole)), jnp.asarray([1e-9]), False)
        np.testing.assert_array_equal(m[0], [0, 0, pole])
        np.testing.assert_array_equal(macrospin.relaxation(jnp.asarray(1e-9), (0, 0, pole), B, 0.1), [0, 0, pole])
    late = macrospin.relaxation(1e-3, (1.0, 0, 0), B, 0.1)
    np.testing.assert_allclose(late, [0, 0, 1], atol=1e-15)
    np.testing.assert_array_equal(macrospin.relaxation(1e-9, (1.0, 0, 0), (0, 0, 0), 0.1), [1, 0, 0])


@pytest.mark.slow
def test_small_precession_decays_in_tau():
    """Paper A's decay time with its exact prefactor, τ = (1+α²)/(αγB).

    A cone of 1 mrad decays exponentially to parts in 1e-6 (the cone's square); the fit is over two τ.
    """
    alpha, B = 0.3, 1.5
    system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=mj.Zeeman(B=(0, 0, B)))
    tau = float(macrospin.decay_time(B, alpha))
    times = jnp.linspace(0, 2 * tau, 21)[1:]
    m = np.asarray(averages(system, mj.textures.uniform(MESH, (1e-3, 0, 1)), times, True))
    found = -1 / np.polyfit(times, np.log(np.hypot(m[:, 0], m[:, 1])), 1)[0]
    assert found == pytest.approx(tau, rel=3e-6, abs=0)


@pytest.mark.slow
def test_switching_time():
    """From −0.99 to 0.99 in the closed time, α = 1 being the fastest.

    The same run, stopped by a condition, ends within one step (at most 0.4 ps of 60 ps) after the closed time.
    """
    closed = {a: float(macrospin.switching_time(-0.99, 0.99, 1.0, a)) for a in (0.5, 1.0, 2.0)}
    assert closed[1.0] == min(closed.values())
    system = mj.System(MESH, Ms=8e5, alpha=1.0, energy=mj.Zeeman(B=(0, 0, 1.0)))
    m0 = mj.textures.uniform(MESH, (np.sqrt(1 - 0.99**2), 0, -0.99))
    arrived = mj.stop.when(lambda t, m, system: system.average(m)[2] >= 0.99)
    run = mj.evolve(system, m0, 1e-9, stop=arrived, adjoint="forward")
    assert run.result is mj.Outcome.STOPPED
    assert 0 <= float(run.end) - closed[1.0] < 2e-12


class Shape(mj.EnergyTerm):
    """Self-energy ½ μ0 Ms² Σ Nᵢ mᵢ² of an ellipsoid whose spins are parallel."""

    factors: jax.Array

    def energy_density(self, m, sample):
        return 0.5 * constants.MU0 * sample.Ms**2 * (sample.vector(self.factors) * m**2).sum(0)


@pytest.mark.slow
def test_kittel_resonance():
    """An ellipsoid with three different axes and an easy axis along the field resonates as Kittel says.

    Theory: ω = γ√[(B + 2K/Ms + μ0(Nx−Nz)Ms)(B + 2K/Ms + μ0(Ny−Nz)Ms)]. Layout: parallel spins, a cone of 1 mrad about
    z, no damping, ten periods; the frequency from a fit of the phase of the ellipse made round. The cone shifts it by
    parts in 1e-6 (its square).
    """
    B, Ms, K, N = 0.2, 8e5, 5e4, (0.2, 0.7, 0.1)
    energy = Shape(jnp.asarray(N)) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, B))
    system = mj.System(MESH, Ms=Ms, alpha=0.0, energy=energy)
    omega = float(macrospin.resonance_frequency(B, Ms, N, K))
    times = jnp.linspace(0, 20 * np.pi / omega, 101)[1:]
    m = np.asarray(averages(system, mj.textures.uniform(MESH, (1e-3, 0, 1)), times, True))
    stiff = B + 2 * K / Ms - constants.MU0 * N[2] * Ms
    ellipticity = np.sqrt((stiff + constants.MU0 * N[0] * Ms) / (stiff + constants.MU0 * N[1] * Ms))
    phase = np.unwrap(np.arctan2(m[:, 1] / ellipticity, m[:, 0]))
    assert np.polyfit(times, phase, 1)[0] == pytest.approx(omega, rel=3e-6, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("solver", [None, diffrax.Tsit5()], ids=["RK43", "Tsit5"])
def test_derivatives_of_a_trajectory(solver):
    """d⟨m⟩(t) by α, γ, every component of B and the start, against the derivative of the closed form.

    Through all steps under control of their size, which is held fixed in the derivative. Local errors of 1e-9 in a few
    hundred steps leave 1e-7 in m; its derivatives by these parameters, each times its parameter, are of order ten.
    """

    def simulated(p):
        gamma = p["gamma"] * constants.GAMMA
        system = mj.System(MESH, Ms=8e5, alpha=p["alpha"], gamma=gamma, energy=mj.Zeeman(B=p["B"]))
        m0 = jnp.broadcast_to(p["m0"][:, None, None, None], (3, *MESH.shape))
        return mj.evolve(system, m0, 30e-12, tolerance=1e-10, adjoint="forward", solver=solver).average[-1]

    def closed(p):
        direction = p["m0"] / jnp.linalg.norm(p["m0"])
        return macrospin.relaxation(30e-12, direction, p["B"], p["alpha"], p["gamma"] * constants.GAMMA)

    numbers = {"alpha": 0.2, "gamma": 1.0, "B": [0.3, -0.4, 0.8], "m0": [1.0, 0.5, -0.3]}
    p = {name: jnp.asarray(value) for name, value in numbers.items()}
    found, expected = jax.jit(jax.jacfwd(simulated))(p), jax.jacfwd(closed)(p)
    for name in p:
        np.testing.assert_allclose(found[name], expected[name], atol=2e-6, err_msg=name)


@pytest.mark.slow
def test_energy_is_conserved_without_damping_and_falls_with_it():
    """Exchange, anisotropy and a field, spins in disorder.

    Without damping the energy is constant in the exact solution; with local errors of 1e-9 rad and torques of 1 T it
    drifts by some 1e-7 of its scale in a few thousand steps. With damping it falls from save to save.
    """
    mesh = mj.Mesh((4, 3, 1), (4e-9, 5e-9, 3e-9), periodic="x")
    energy = EXCHANGE + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.Zeeman(B=(0.3, 0, 0))
    m0 = mj.textures.random(mesh, jax.random.key(1))

    @jax.jit
    def energies(alpha):
        system = mj.System(mesh, Ms=8e5, alpha=alpha, energy=energy)
        observe = {"E": lambda t, m, system: system.total_energy(m)}
        run = mj.evolve(system, m0, 20e-12, save_every=2e-12, observe=observe, tolerance=1e-9, adjoint="forward")
        return jnp.concatenate([system.total_energy(m0)[None], run.observed["E"]])

    free, damped = np.asarray(energies(0.0)), np.asarray(energies(0.1))
    scale = abs(free[0])
    assert np.abs(free - free[0]).max() < 1e-6 * scale
    assert np.all(np.diff(damped) < -1e-3 * scale)


def test_closed_form_rests_at_both_poles_for_ever():
    """Along the field and against it nothing moves, when the exponentials have long vanished, too.

    Exactly along z: against any other axis rounding grows, as a spin that is nearly unstable must.
    """
    times = jnp.array([0.0, 1e-9, 1e-3, 1.0])
    b = np.array([0.0, 0.0, 1.0])
    for sign in (1.0, -1.0):
        m = macrospin.relaxation(times, sign * b, 2 * b, alpha=0.1)
        np.testing.assert_allclose(m, np.tile(sign * b, (4, 1)), atol=1e-15)
