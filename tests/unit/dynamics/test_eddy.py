import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import DTerm, EddyDamping
from magjax.numerics.sphere import cross, dot

#: A hundredfold film, so that κ is as large as α.
EDDY = EddyDamping(sigma=5e6, thickness=1.5e-6, Ms=8e5)
KAPPA = float(EDDY.kappa(mj.constants.GAMMA))


def test_against_the_implicit_equation(rng) -> None:
    """The closed form solves v = −γ m×B + α m×v + κ m×v_∥, as Newton's method does; exactly 0 in empty cells."""
    m = rng.normal(size=(3, 2, 3, 4))
    m = jnp.asarray(m / np.linalg.norm(m, axis=0)).at[:, 0, 0, 0].set(0)
    B = jnp.asarray(rng.normal(size=m.shape))
    plane = jnp.array([1.0, 1.0, 0.0]).reshape(3, 1, 1, 1)
    expected = DTerm(
        lambda t, m, v, B, p: p[0] * cross(m, v) + p[1] * cross(m, plane * v), (0.1, KAPPA), implicit=True
    ).torque(m, B, mj.constants.GAMMA, 0.0)
    found = EDDY.torque(m, B, mj.constants.GAMMA, 0.1)
    assert 0.1 < KAPPA < 1
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * float(jnp.abs(expected).max()))
    assert not np.any(found[:, 0, 0, 0])
    assert float(jnp.abs(dot(m, found)).max()) < 1e-12 * float(jnp.abs(found).max())
    assert np.allclose(EDDY.change(m, B, mj.constants.GAMMA, 0.1), found, rtol=1e-12, atol=0)


@pytest.mark.slow
def test_in_a_plane_it_adds_to_damping() -> None:
    """Spins in the plane rise to the field at (α+κ)γB/(1+α(α+κ)); without conductivity the equation is Gilbert's."""
    m = mj.textures.random(mj.Mesh((4, 2, 1), 5e-9), 1)
    flat = m.at[2].set(0)
    flat = flat / jnp.sqrt(jnp.sum(flat**2, axis=0, keepdims=True))
    z = jnp.broadcast_to(jnp.array([0.0, 0, 1.0]).reshape(3, 1, 1, 1), m.shape)
    gamma = mj.constants.GAMMA
    rise = gamma * (0.1 + KAPPA) / (1 + 0.1 * (0.1 + KAPPA))
    np.testing.assert_allclose(EDDY.torque(flat, z, gamma, 0.1)[2], rise, rtol=1e-9)
    still = EddyDamping(0.0, 1e-7, 8e5)
    np.testing.assert_allclose(still.torque(m, z, gamma, 0.1), mj.LLG().torque(m, z, gamma, 0.1), rtol=1e-9, atol=1e-3)
    assert still.relative_rate(0.1) == 1


def test_derivative_and_messages() -> None:
    slope = jax.grad(lambda d: EddyDamping(5e6, d, 8e5).kappa(1.0))(1e-7)
    assert float(slope) == pytest.approx(2 * float(EddyDamping(5e6, 1e-7, 8e5).kappa(1.0)) / 1e-7, rel=1e-9, abs=0)
    with pytest.raises(ValueError, match="did you give nm"):
        EddyDamping(5e6, 100.0, 8e5)
    with pytest.raises(ValueError, match="`sigma` must be ≥ 0"):
        EddyDamping(-5e6, 1e-7, 8e5)
