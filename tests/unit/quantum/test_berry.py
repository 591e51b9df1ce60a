"""Loops of states: independent of phases and bases on the way, and refused where they are none."""

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
