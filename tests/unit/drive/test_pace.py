"""What drives ask of the steps of an integration."""

import jax.numpy as jnp
import numpy as np

import magjax as mj
from magjax.drive.pace import landmarks, longest_step


def marks(drive):
    """Finite landmarks of a drive, s."""
    found = landmarks(mj.Zeeman(B=drive * (1, 0, 0)), jnp.float64)
    return np.asarray(found)[np.isfinite(found)]


def test_undriven_systems_ask_for_nothing():
    """No landmarks, so that their programs are as they were; any step."""
    assert landmarks(mj.Zeeman(B=(0, 0, 1)), jnp.float64) is None
    assert landmarks(mj.Zeeman(B=mj.drive.sin(frequency=1e9) * (0, 0, 1)), jnp.float64) is None
    assert np.isinf(longest_step(mj.Zeeman(B=(0, 0, 1)), jnp.float64))
    assert np.isinf(longest_step(mj.Zeeman(B=mj.drive.sin(frequency=0.0) * (0, 0, 1)), jnp.float64))


def test_jumps_and_bends_are_landmarks():
    """In rising order, of all drives that are combined."""
    both = mj.drive.steps(times=(0, 3e-9), values=(1, 0)) + 2 * mj.drive.ramp(t0=1e-9, t1=2e-9)
    np.testing.assert_allclose(marks(both), [0, 1e-9, 2e-9, 3e-9])
    pulse = marks(mj.drive.gaussian(t0=1e-9, width=1e-12))
    assert len(pulse) == 11
    assert np.diff(pulse).max() < 1.001e-12


def test_tables_mark_where_values_go_far():
    """Corners of a square pulse, few points of an oversampled curve, none of a constant, both ends of one cut off."""
    np.testing.assert_allclose(marks(mj.drive.table((0, 1, 2, 3, 4, 5), (0, 0, 1, 1, 0, 0))), [1, 2, 3, 4])
    t = np.linspace(-5, 5, 10_001)
    assert 100 < len(marks(mj.drive.table(t, np.exp(-(t**2))))) < 300
    assert len(marks(mj.drive.table((0, 1), (2, 2)))) == 0
    assert len(marks(mj.drive.table((0, 1), (2, 2), outside="zero"))) == 2


def test_steps_follow_the_quickest_oscillation():
    """A quarter period of the highest frequency in a product."""
    field = mj.Zeeman(B=mj.drive.wave_packet(frequency=1e10, t0=0, width=1) * (1, 0, 0))
    field = field + mj.Zeeman(B=mj.drive.sinc(cutoff=5e10) * mj.drive.cos(frequency=1e9) * (0, 1, 0))
    np.testing.assert_allclose(longest_step(field, jnp.float64), 5e-12)
