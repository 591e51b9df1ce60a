"""Short and sudden fields: error control alone sees neither a pulse between two stages nor the side of a jump.

Theory: a spin of α = 0 with all fields along z keeps m_z, and its azimuth is φ = γ ∫B dt: exact for any drive. Layout:
the integral of every waveform is known. The spin starts at rest along the field or turns slowly, so that steps would be
long. Tolerance: `evolve` allows each step an error of 1e-5 rad; some tens of steps add up to below 3e-4.
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pydantic
import pytest

import magjax as mj
from magjax.drive.pace import landmarks, longest_step

GAMMA = mj.constants.GAMMA
B = 0.02
MESH = mj.Mesh((1, 1, 1), 5e-9)
X = mj.textures.uniform(MESH, (1, 0, 0))
ANGLE = 3e-4

# drive, duration in s, ∫ drive dt in s
DRIVES = {
    "gaussian": (mj.drive.gaussian(t0=5e-9, width=5e-12), 10e-9, 5e-12 * np.sqrt(2 * np.pi)),
    "steps": (mj.drive.steps(times=(0.5e-9, 0.513e-9), values=(1, 0)), 1e-9, 13e-12),
    "ramp": (mj.drive.ramp(t0=0.5e-9, t1=0.51e-9, start=0, end=1), 0.52e-9, 15e-12),
    "table": (mj.drive.table((1e-9, 1.001e-9, 1.01e-9, 1.011e-9), (0, 1, 1, 0)), 2e-9, 10e-12),
    "sinc": (mj.drive.sinc(cutoff=100e9, t0=2e-9), 4e-9, 1 / 200e9),
    "function": (mj.drive.function(lambda t: jnp.where(abs(t - 0.5e-9) < 5e-12, 1.0, 0.0)), 1e-9, 10e-12),
    "function with landmarks": (
        mj.drive.function(lambda t: jnp.where(abs(t - 5e-9) < 0.5e-12, 1.0, 0.0), landmarks=(4.9995e-9, 5.0005e-9)),
        10e-9,
        1e-12,
    ),
    "function with a longest step": (
        mj.drive.function(lambda t: jnp.exp(-(((t - 0.5e-9) / 10e-12) ** 2) / 2), longest=10e-12),
        1e-9,
        10e-12 * np.sqrt(2 * np.pi),
    ),
    "wave_packet": (
        mj.drive.wave_packet(frequency=20e9, t0=2e-9, width=5e-12),
        4e-9,
        5e-12 * np.sqrt(2 * np.pi) * np.exp(-((2 * np.pi * 20e9 * 5e-12) ** 2) / 2),
    ),
}


def driven(drive):
    """A macrospin in nothing but the drive, along z."""
    return mj.System(MESH, Ms=8e5, energy=mj.Zeeman(B=drive * (0.0, 0.0, B)))


def azimuth(run):
    """The angle a spin has turned by, rad."""
    return float(jnp.arctan2(run.average[-1, 1], run.average[-1, 0]))


@pytest.mark.slow
@pytest.mark.parametrize("name", DRIVES)
def test_no_pulse_is_missed(name, precision):
    """The azimuth is γ∫B dt though nothing happens for most of the run; also in single precision."""
    drive, duration, integral = DRIVES[name]
    run = mj.evolve(driven(drive), X.astype(precision.dtype), duration, solver=mj.solvers.RK43())
    assert azimuth(run) == pytest.approx(GAMMA * B * integral, abs=ANGLE)
    assert int(run.steps) < 4000


@pytest.mark.parametrize(
    "tables",
    [
        {"waveform": "gaussian", "t0": "500 ps", "width": "4 ps"},
        {"waveform": "gaussian", "t0": "500 ps", "width": "4 ps", "frequency": "5 GHz"},
        {"waveform": "steps", "times": ["495 ps", "505 ps"], "values": [1, 0]},
        [{"waveform": "ramp", "t0": "495 ps", "t1": "505 ps"}, {"waveform": "steps", "times": [0, "505 ps"],
                                                                 "values": [1, 0]}],
        {"waveform": "table", "times": ["494 ps", "495 ps", "505 ps", "506 ps"], "values": [0, 1, 1, 0]},
        {"waveform": "sinc", "cutoff": "200 GHz", "t0": "500 ps"},
    ],
)  # fmt: skip
def test_every_pulse_of_a_file_stops_steps_within_it(tables):
    """A waveform from TOML of 10 ps at 500 ps: a step ends within it, or none is as long; for a spin at rest, too."""
    from magjax.config.drive import Drive, build_drive
    from magjax.config.parameter import Site

    drive = build_drive(pydantic.TypeAdapter(Drive).validate_python(tables), Site(MESH, Path()))
    field = mj.Zeeman(B=drive * (0.0, B, 0.0))
    marks = landmarks(field, jnp.float64)
    within = marks is not None and bool(jnp.any((marks > 494.9e-12) & (marks < 506.1e-12)))
    assert within or float(longest_step(field, jnp.float64)) < 10e-12


@pytest.mark.slow
def test_a_pulse_turns_a_spin_at_rest():
    """A field across m for 10 ps after 495 ps of nothing turns m by γBτ exactly; also where it is a bare function.

    Theory and tolerance as above. Without landmarks and longest step the spin would not move at all.
    """
    B, tau = 0.1, 10e-12
    pulse = mj.drive.function(lambda t: jnp.where(abs(t - 500e-12) < tau / 2, 1.0, 0.0), landmarks=(495e-12, 505e-12))
    for drive in (pulse, mj.drive.steps(times=(495e-12, 505e-12), values=(1.0, 0.0))):
        system = mj.System(MESH, Ms=8e5, energy=mj.Zeeman(B=drive * (B, 0.0, 0.0)))
        m = mj.evolve(system, mj.textures.uniform(MESH, (0, 0, 1)), 1e-9).average[-1]
        assert float(jnp.arctan2(-m[1], m[2])) == pytest.approx(GAMMA * B * tau, abs=ANGLE)


@pytest.mark.slow
@pytest.mark.parametrize("t0", [0.0, 1e-6])
def test_a_jump_is_met_exactly(t0):
    """From rest along z, B jumps to x: m turns by exactly −γB(T − t_jump) about x; also late in a long experiment.

    All steps before the jump and after it see a constant field, so the only errors are those of the method.
    """
    jump = 0.3127e-9
    system = mj.System(
        MESH, Ms=8e5, energy=mj.Zeeman(B=mj.drive.steps(times=(0.0, t0 + jump), values=(0, 1)) * (0.1, 0.0, 0.0))
    )
    run = mj.evolve(system, mj.textures.uniform(MESH, (0, 0, 1)), 0.4e-9, t0=t0, save_every=0.1e-9)
    turned = float(jnp.arctan2(-run.average[-1, 1], run.average[-1, 2]))
    assert turned == pytest.approx(GAMMA * 0.1 * (0.4e-9 - jump), abs=1e-4)


@pytest.mark.slow
def test_a_jump_on_a_save_is_one_event():
    """A landmark that differs from a save by rounding costs no step of 1e-25 s: it would ruin a multirate history."""
    mesh = mj.Mesh((4, 3, 2), (3e-9, 4e-9, 5e-9))
    jumps = mj.drive.steps(times=np.linspace(0, 30e-12, 31)[1:] * (1 + 2e-16), values=np.arange(30) % 2)
    system = mj.System(
        mesh, Ms=8e5, alpha=0.1, energy=mj.Demag(mesh) + mj.Zeeman(B=jumps * (0.0, 0.05, 0.0)) + mj.Exchange(A=1e-11)
    )
    m0 = mj.textures.uniform(mesh, (1, 0.1, 0.2))
    run = mj.evolve(system, m0, 30e-12, save_every=1e-12, solver=mj.solvers.Multirate())
    fine = mj.evolve(system, m0, 30e-12, save_every=1e-12, solver=mj.solvers.RK43(), tolerance=1e-8)
    np.testing.assert_allclose(run.average, fine.average, atol=ANGLE)


@pytest.mark.slow
def test_the_derivative_by_the_time_of_a_jump():
    """dφ/dt_jump = −γB, closed form: the steps that end on the jump move with it."""

    def turned(jump):
        drive = mj.drive.steps(times=jnp.stack([jnp.zeros(()), jump]), values=(0.0, 1.0))
        run = mj.evolve(driven(drive), X, 0.5e-9, tolerance=1e-7)
        return jnp.arctan2(run.average[-1, 1], run.average[-1, 0])

    # A step's phase error is of fifth order: 1e-7 a step leaves 1e-6 of the slope.
    assert float(jax.grad(turned)(0.2e-9)) == pytest.approx(-GAMMA * B, rel=1e-5, abs=0)


@pytest.mark.slow
def test_time_dependent_damping_jumps_too():
    """α from 0 to 0.2 at t_jump: tan(θ/2) then falls as exp(−(t − t_jump)/τ), τ = (1 + α²)/(αγB)."""
    alpha, jump, end = 0.2, 0.11e-9, 0.2e-9
    system = mj.System(
        MESH, Ms=8e5, alpha=mj.drive.steps(times=(0, jump), values=(0, alpha)), energy=mj.Zeeman(B=(0, 0, 1.0))
    )
    run = mj.evolve(system, X, end)
    tau = (1 + alpha**2) / (alpha * GAMMA * 1.0)
    expected = np.cos(2 * np.arctan(np.exp(-(end - jump) / tau)))
    assert float(run.average[-1, 2]) == pytest.approx(expected, abs=ANGLE)
