"""Copies of a spin ½ that nobody knows: how good machines make them that quantum mechanics allows."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

__all__ = ["cnot_copy_fidelity", "cnot_joint_fidelity", "optimal_fidelity"]


def cnot_copy_fidelity(theta: ArrayLike) -> Array:
    """Fidelity 1 − ½sin²θ of either copy that a CNOT makes of a spin along (θ, φ): it copies ↑ and ↓ and measures S_z.

    Its mean over all directions is ⅔.

    - `theta`: polar angle, rad.

    >>> from magjax.analytic import cloning
    >>> [round(float(cloning.cnot_copy_fidelity(angle)), 6) for angle in (0.0, 1.5707963268)]
    [1.0, 0.5]
    """
    return 1 - jnp.sin(jnp.asarray(theta)) ** 2 / 2


def cnot_joint_fidelity(theta: ArrayLike, phi: ArrayLike) -> Array:
    """Fidelity |c³ + s³e^(iφ)|² of both copies of a CNOT as a pair, c = cos θ/2, s = sin θ/2.

    Its mean over all directions is ½.

    - `theta`, `phi`: direction of the original, rad.

    >>> from magjax.analytic import cloning
    >>> [round(float(cloning.cnot_joint_fidelity(1.5707963268, phi)), 6) for phi in (0.0, 3.1415926536)]
    [0.5, 0.0]
    """
    half = jnp.asarray(theta) / 2
    c, s = jnp.cos(half) ** 3, jnp.sin(half) ** 3
    return c**2 + s**2 + 2 * c * s * jnp.cos(jnp.asarray(phi))


def optimal_fidelity(originals: int = 1, copies: int = 2) -> float:
    """Best fidelity of each of M copies made of N alike spins ½ in any direction: F = [M(N+1) + N]/[M(N+2)].

    5/6 for two of one; as many copies as there are atoms leave ⅔, what a measurement tells.

    - `originals`: N. `copies`: M ≥ N.

    **Raises** `ValueError` for fewer copies than originals, or none.

    Source: N. Gisin and S. Massar, Phys. Rev. Lett. 79, 2153 (1997).

    >>> from magjax.analytic import cloning
    >>> round(cloning.optimal_fidelity(), 6), round(cloning.optimal_fidelity(1, 10**9), 6)
    (0.833333, 0.666667)
    """
    if not 1 <= originals <= copies:
        raise ValueError(f"Argument `copies` must be ≥ `originals` ≥ 1, but got {copies!r} of {originals!r}.")
    return (copies * (originals + 1) + originals) / (copies * (originals + 2))
