import jax
import jax.numpy as jnp
import numpy as np

from magjax.analytic import rotating_field


def test_precession_solves_its_equation():
    """dR/dt = −γ R×B(t), by autodiff, with the field turning either way."""
    R0 = np.array([0.3, -1.2, 0.5])
    for omega in (2.0, -0.7, 0.0):

        def R(t, omega=omega):
            return rotating_field.precession(t, R0, 0.4, 0.9, omega, gamma=1.5)

        t = 1.7
        B = jnp.array([0.9 * jnp.cos(omega * t), 0.9 * jnp.sin(omega * t), 0.4])
        np.testing.assert_allclose(jax.jacfwd(R)(t), -1.5 * jnp.cross(R(t), B), atol=1e-14)
    np.testing.assert_allclose(R(0.0), R0, atol=1e-15)


def test_without_any_field_nothing_moves():
    """The axis of the turn is then undefined."""
    R = rotating_field.precession(np.array([0.0, 1.0]), (1.0, 2.0, 3.0), 0.0, 0.0, 0.0)
    np.testing.assert_allclose(R, [[1, 2, 3], [1, 2, 3]], atol=1e-15)
