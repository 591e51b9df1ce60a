"""Geometric phases: what a state has gathered when it comes back to where it was, apart from its energy."""

from typing import Any

import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array


def wilson_loop(frames: Any) -> Array:
    """How a set of k degenerate states comes back from a closed path: W = Π ⟨ψ_i|ψ_i+1⟩, `(k, k)`, made unitary.

    Each link is the overlap matrix of neighbouring frames; the last leads back to the first. Its eigenvalues do not
    depend on the choice of states within any frame. The finer the path, the closer to a parallel transport.

    - `frames`: `(n, dim, k)`, orthonormal columns at each of n points of the path, without the first one repeated.

    **Raises** `ValueError` for another shape and fewer than three points.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> quantum.wilson_loop(jnp.stack([jnp.eye(4)[:, :2]] * 5)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    frames = jnp.asarray(frames)
    if frames.ndim != 3 or frames.shape[0] < 3:
        raise ValueError(
            f"Argument `frames` must have the shape (n, dim, k) with n ≥ 3 points of the path, but got {frames.shape}."
        )
    links = jnp.einsum("npk,npl->nkl", frames.conj(), jnp.roll(frames, -1, axis=0))
    # The unitary part of each link: the lengths lost between points are of no meaning.
    left, _, right = jnp.linalg.svd(links, full_matrices=False)
    loop, *others = left @ right
    for link in others:
        loop = loop @ link
    return loop


def berry_phase(states: Any) -> Array:
    """The phase γ = i∮⟨ψ|dψ⟩ = −arg Π ⟨ψ_i|ψ_i+1⟩ of a closed path of states, rad, in (−π, π].

    Independent of the phase of every single state. A spin ½ along n gathers −Ω/2, half the solid angle that n goes
    round, with a rest of order 1/n². Along a solution of Schrödinger's equation that closes in itself it is the total
    phase less the dynamical one, adiabatic or not.

    - `states`: `(n, dim)` at n points of the path, without the first one repeated.

    **Raises** `ValueError` for another shape, fewer than three points, and neighbours that are orthogonal, between
    which no phase is defined (NaN, if they are traced).

    Sources: M. V. Berry, Proc. R. Soc. A 392, 45 (1984); Y. Aharonov and J. Anandan, Phys. Rev. Lett. 58, 1593 (1987).

    >>> import jax, jax.numpy as jnp
    >>> from magjax import quantum
    >>> turn = jnp.linspace(0, 2 * jnp.pi, 400, endpoint=False)
    >>> equator = jnp.stack([jnp.cos(turn), jnp.sin(turn), 0 * turn], axis=1)
    >>> states = jax.vmap(lambda n: quantum.coherent_state(quantum.Spins(0.5), n))(equator)
    >>> round(abs(float(quantum.berry_phase(states))), 3)  # a hemisphere
    3.142
    """
    states = jnp.asarray(states)
    if states.ndim != 2 or states.shape[0] < 3:
        raise ValueError(
            f"Argument `states` must have the shape (n, dim) with n ≥ 3 points of the path, but got {states.shape}."
        )
    links = jnp.sum(states.conj() * jnp.roll(states, -1, axis=0), axis=1)
    lengths = jnp.sqrt(jnp.sum(jnp.abs(states) ** 2, axis=1))
    apart = jnp.abs(links) <= 4 * jnp.finfo(links.real.dtype).eps * lengths * jnp.roll(lengths, -1)
    if not isinstance(links, Tracer) and bool(jnp.any(apart)):
        i = int(jnp.argmax(apart))
        raise ValueError(
            f"Argument `states` must lead from state to state that are not orthogonal, but states {i} and "
            f"{(i + 1) % len(states)} are: no phase is defined between them. Take more points of the path."
        )
    links = jnp.where(apart, jnp.nan, links)
    # A product of many numbers below 1 would underflow: angles add up, and come back to (−π, π] together.
    total = jnp.sum(jnp.angle(links))
    return -jnp.arctan2(jnp.sin(total), jnp.cos(total))
