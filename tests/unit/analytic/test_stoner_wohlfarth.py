import jax.numpy as jnp
import numpy as np
import pytest

from magjax.analytic import stoner_wohlfarth as theory


def test_astroid_in_components():
    """Its components along and across the axis satisfy h∥^(2/3) + h⊥^(2/3) = 1."""
    psi = jnp.linspace(0, jnp.pi / 2, 11)
    h = theory.astroid(psi)
    np.testing.assert_allclose(jnp.cbrt(h * jnp.cos(psi)) ** 2 + jnp.cbrt(h * jnp.sin(psi)) ** 2, 1, rtol=1e-10)
    assert float(theory.astroid(jnp.pi / 4)) == pytest.approx(0.5, rel=1e-14, abs=0)


def test_coercivity_is_continuous_at_45_degrees():
    either = theory.coercivity(jnp.radians(jnp.array([45 - 1e-9, 45 + 1e-9, 0, 90])))
    np.testing.assert_allclose(either, [0.5, 0.5, 1, 0], atol=1e-10)


def test_barriers_end_at_the_switching_field():
    psi = jnp.array([0.2, 0.9])
    h = theory.astroid(psi)
    assert float(theory.aligned_barrier(1.5)) == 0
    np.testing.assert_allclose(theory.barrier_near_switching(h, psi), 0, atol=1e-15)
    np.testing.assert_allclose(theory.pfeiffer_barrier(h, psi), 0, atol=1e-15)
    np.testing.assert_allclose(theory.transverse_magnetization(jnp.array([-2, 0.5])), [-1, 0.5])
