"""Spins ½ that twist about one axis: Liouville's equation against the closed form, which judges the hierarchy (B9)."""

import functools

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from magjax import quantum
from magjax.analytic import twisting

TIMES = np.linspace(0, 4e-11, 4)


@functools.partial(jax.jit, static_argnums=0)
def evolved(n: int, J: jax.Array, theta: jax.Array, B: jax.Array) -> jax.Array:
    """⟨S⟩ of n spins ½ along (sin θ, 0, cos θ)."""
    spins = quantum.Spins(0.5, n=n)
    zero = jnp.zeros_like(B)
    H = quantum.Zeeman(spins, jnp.stack([zero, zero, B])) + quantum.Collective(
        spins, J * jnp.diag(jnp.array([0, 0, 1.0]))
    )
    psi = quantum.coherent_state(spins, jnp.stack([jnp.sin(theta), zero, jnp.cos(theta)]))
    return quantum.schrodinger(H, psi, TIMES).spin_vectors.sum(axis=1)


@pytest.mark.slow
@hypothesis.settings(max_examples=8)
@hypothesis.given(
    n=st.sampled_from([2, 4]), J=st.floats(-6e-24, 6e-24), theta=st.floats(0, 3.14), B=st.floats(-0.5, 0.5)
)
def test_exact_evolution_of_twisting_spins(n: int, J: float, theta: float, B: float) -> None:
    """Theory: each spin turns at a pace that the other N−1 set, up or down each; up to 2 rad here. ODE: 1e-8."""
    found = evolved(n, jnp.asarray(J), jnp.asarray(theta), jnp.asarray(B))
    np.testing.assert_allclose(found, twisting.mean_spin(TIMES, n, J, theta, B), atol=1e-8)


def test_a_spin_alone_and_mean_field() -> None:
    """One spin only precesses; for many spins of weak coupling the length stays, as mean field has it, to 1/N."""
    alone = twisting.mean_spin(TIMES, 1, 1e-23, 0.7, 0.3)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 0.5, rtol=1e-14)
    many = twisting.mean_spin(TIMES, 1000, 1e-26, 0.7)
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 500, rtol=2e-3)
