"""What states, operators and temperatures must be, said in one clear error each."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array


def check_hermitian(operator: Any, name: str, dim: int | None = None) -> Array:
    """An operator, checked to be a Hermitian matrix (of `dim` rows) where its numbers are known.

    The largest |A − A†| may be 1000 roundings of the largest |A|.

    **Raises** `ValueError` for other shapes, numbers that are not finite, and matrices that are not Hermitian.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.checks import check_hermitian
    >>> check_hermitian(jnp.eye(2), "rho").shape
    (2, 2)
    """
    array = jnp.asarray(operator)
    size = array.shape[-1] if dim is None and array.ndim else dim
    if array.shape != (size, size):
        shape = (
            "a square matrix" if dim is None else f"a matrix of shape ({dim}, {dim}), as the spins have {dim} levels"
        )
        raise ValueError(f"Argument `{name}` must be {shape}, but got shape {array.shape}.")
    if isinstance(array, Tracer):
        return array
    known = np.asarray(array)
    if not np.isfinite(known).all():
        raise ValueError(f"Argument `{name}` must be finite, but {int((~np.isfinite(known)).sum())} elements are not.")
    apart, largest = np.abs(known - known.conj().T).max(), np.abs(known).max()
    if apart > 1000 * jnp.finfo(array.dtype).eps * largest:
        raise ValueError(
            f"Argument `{name}` must be Hermitian, but A − A† is as large as {apart / largest:.3g} of A; did you leave "
            "out a Hermitian conjugate, or take S⁺ for Sx?"
        )
    return array


def check_state(psi: Any, name: str, dim: int) -> Array:
    """A pure state, checked to be `(dim,)` and of length 1 where its numbers are known; complex.

    **Raises** `ValueError` for other shapes and lengths.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.checks import check_state
    >>> check_state(jnp.array([1.0, 0.0]), "psi0", 2).shape
    (2,)
    """
    array = jnp.asarray(psi)
    array = array.astype(jnp.result_type(array.dtype, jnp.complex64))
    if array.shape != (dim,):
        raise ValueError(
            f"Argument `{name}` must have the shape ({dim},), as the spins have {dim} levels, but got {array.shape}."
        )
    if isinstance(array, Tracer):
        return array
    length = float(np.linalg.norm(np.asarray(array)))
    if not abs(length - 1) < 1e-4:
        raise ValueError(f"Argument `{name}` must be normalised, ⟨ψ|ψ⟩ = 1, but its length is {length:.6g}.")
    return array


def check_density(rho: Any, name: str, dim: int | None = None) -> Array:
    """A density matrix, checked to be Hermitian, of trace 1 and without negative probabilities where it is known.

    **Raises** `ValueError` for anything else.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.checks import check_density
    >>> check_density(jnp.eye(2) / 2, "rho").shape
    (2, 2)
    """
    array = check_hermitian(rho, name, dim)
    if isinstance(array, Tracer):
        return array
    known = np.asarray(array)
    trace, lowest = float(np.trace(known).real), float(np.linalg.eigvalsh(known)[0])
    if not abs(trace - 1) < 1e-4:
        raise ValueError(f"Argument `{name}` must be a density matrix, of trace 1, but its trace is {trace:.6g}.")
    if lowest < -1e-4:
        raise ValueError(f"Argument `{name}` must be a density matrix, but it has the probability {lowest:.3g}.")
    return array


def check_temperature(T: Any) -> Array:
    """A temperature in K, checked to be > 0 where it is known.

    **Raises** `ValueError` for T ≤ 0.

    >>> from magjax.quantum.checks import check_temperature
    >>> float(check_temperature(300))
    300.0
    """
    if isinstance(T, Tracer):
        return T
    if not np.all(np.isfinite(T)) or np.any(np.asarray(T) <= 0):
        raise ValueError(
            f"Argument `T` must be a temperature > 0 in K, but got {T!r}; did you give °C? For T = 0 take the ground "
            "state."
        )
    return jnp.asarray(T, jnp.result_type(float)) if np.asarray(T).dtype.kind != "f" else jnp.asarray(T)


def check_times(times: Any, name: str = "times") -> Array:
    """Increasing times in s, checked where they are known.

    **Raises** `ValueError` for fewer than two, times that go backwards or stand still, and numbers that are not finite.

    >>> from magjax.quantum.checks import check_times
    >>> check_times([0, 1e-12, 2e-12]).shape
    (3,)
    """
    array = jnp.asarray(times)
    array = array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(jnp.result_type(float))
    if array.ndim != 1 or array.shape[0] < 2:
        raise ValueError(
            f"Argument `{name}` must hold the start and at least one later time in s, but got shape {array.shape}."
        )
    if isinstance(array, Tracer):
        return array
    known = np.asarray(array)
    if not np.isfinite(known).all():
        raise ValueError(f"Argument `{name}` must be finite, but got {known[~np.isfinite(known)][0]}.")
    if np.any(np.diff(known) <= 0):
        k = int(np.argmax(np.diff(known) <= 0))
        raise ValueError(
            f"Argument `{name}` must go forwards, but {known[k + 1]:g} s follows {known[k]:g} s; to run back in time, "
            "change the sign of H."
        )
    return array
