"""Derivatives that exist once."""

import jax
from jaxtyping import Array


@jax.custom_jvp
def once(slope: Array) -> Array:
    """`slope` itself, which refuses to be differentiated: a second derivative taken from it would be wrong.

    **Raises** `TypeError` when it is differentiated.

    >>> from magjax.kinetics.derivative import once
    >>> float(once(2.0))
    2.0
    """
    return slope


@once.defjvp
def _(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    raise TypeError("Relaxation rates have first derivatives only. For a second one, take differences of the first.")
