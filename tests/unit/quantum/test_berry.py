"""Loops of states: independent of phases and bases on the way, and refused where they are none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.quantum import berry_phase, wilson_loop


def test_a_wilson_loop_of_one_state_is_the_phase(rng: np.random.Generator) -> None:
    states = rng.normal(size=(7, 3)) + 1j * rng.normal(size=(7, 3))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    W = wilson_loop(states[:, :, None])
    assert complex(W[0, 0]) == pytest.approx(np.exp(-1j * float(berry_phase(states))), rel=0, abs=1e-12)


def test_eigenvalues_do_not_depend_on_the_basis_of_a_frame(rng: np.random.Generator) -> None:
    frames = np.linalg.qr(rng.normal(size=(6, 5, 2)) + 1j * rng.normal(size=(6, 5, 2)))[0]
    turns = np.linalg.qr(rng.normal(size=(6, 2, 2)) + 1j * rng.normal(size=(6, 2, 2)))[0]
    plain, turned = (np.linalg.eigvals(wilson_loop(f)) for f in (frames, frames @ turns))
    np.testing.assert_allclose(np.sort_complex(np.round(turned, 9)), np.sort_complex(np.round(plain, 9)), atol=1e-8)
    np.testing.assert_allclose(np.abs(plain), 1, atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 2), (5,)])
def test_what_is_no_loop_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="n ≥ 3 points"):
        berry_phase(jnp.ones(shape))
    with pytest.raises(ValueError, match="n ≥ 3 points"):
        wilson_loop(jnp.ones(shape))


def test_no_phase_between_orthogonal_states() -> None:
    """Two neighbours without overlap are named; traced, they give NaN instead of some number."""
    states = jnp.asarray([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    with pytest.raises(ValueError, match="states 0 and 1 are"):
        berry_phase(states)
    assert np.isnan(float(jax.jit(berry_phase)(states)))


def test_a_loop_of_any_number_of_points_is_a_polygon() -> None:
    """N states on a cone: −n arg[cos²(θ/2) + sin²(θ/2) e^{2πi/n}], to rounding, and its slope by θ."""
    n, turn = 7, 2 * np.pi * np.arange(7) / 7

    def phase(theta):
        up, down = jnp.cos(theta / 2) * jnp.ones(n), jnp.sin(theta / 2) * jnp.exp(1j * turn)
        return berry_phase(jnp.stack([up + 0j, down], axis=1))

    def polygon(theta):
        return -n * jnp.angle(jnp.cos(theta / 2) ** 2 + jnp.sin(theta / 2) ** 2 * jnp.exp(2j * jnp.pi / n))

    for theta in (0.3, 0.9, 1.4):
        found = jax.jit(jax.value_and_grad(phase))(theta)
        np.testing.assert_allclose(found, jax.value_and_grad(polygon)(theta), rtol=1e-12)
