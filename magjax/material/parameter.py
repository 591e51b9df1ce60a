"""Parameters: a number anywhere in space and time.

The value of a parameter is one of

- a number (or a vector of three numbers, where the parameter is a vector),
- an array over the cells, `(nz, ny, nx)` (or `(3, nz, ny, nx)`),
- a dictionary from region names to numbers (or vectors),
- a function of position `f(x, y, z)`, coordinates in m, returning numbers (or three of them),
- a time-dependent drive, or a product of a drive and any of the above.

Parameters are pytrees whose leaves are their numbers, so each can be differentiated, batched and fitted.
"""

import math
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.drive import AbstractDrive, Driven
from magjax.drive.profile import Profile

#: What a user may write for a parameter.
Parameter = Any


def parameter(value: Parameter, name: str = "value", *, minimum: float | None = None, hint: str = "") -> Any:
    """Turn what a user wrote into a pytree of arrays, refusing what can never be right.

    - `value`: see the module's docstring.
    - `name`: how messages call the parameter.
    - `minimum`: smallest number allowed, in SI units.
    - `hint`: what to say about a number below it.

    **Raises** `ValueError` for numbers that are not finite or too small, `TypeError` for things that are no numbers.

    >>> from magjax.material.parameter import parameter
    >>> float(parameter(1.3e-11, "A"))
    1.3e-11
    """
    if isinstance(value, (AbstractDrive, Driven, Profile)):
        return value
    if isinstance(value, dict):
        if not value:
            raise ValueError(f"Argument `{name}` must hold a value for each region, but got an empty dictionary.")
        regions = cast("dict[str, Any]", value)
        return {key: parameter(v, f"{name}[{key!r}]", minimum=minimum, hint=hint) for key, v in regions.items()}
    if callable(value) and not isinstance(value, (jax.Array, np.ndarray)):
        return Profile(value)
    return numbers(value, name, minimum=minimum, hint=hint)


def numbers(value: Any, name: str, *, minimum: float | None = None, hint: str = "") -> Array:
    """Real, finite numbers as an array: of their own precision if they are an array, else of jax' default.

    - `value`, `name`, `minimum`, `hint`, and what it raises: as in `parameter`.

    >>> from magjax.material.parameter import numbers
    >>> numbers((0, 0, 1), "B").tolist()
    [0.0, 0.0, 1.0]
    """
    if isinstance(value, Tracer):
        return value
    try:
        array = np.asarray(value)
    except jax.errors.TracerArrayConversionError:  # a tuple that holds traced numbers
        return jnp.stack([jnp.asarray(v) for v in value])
    except (TypeError, ValueError) as error:
        raise TypeError(f"Argument `{name}` must hold numbers, but got {value!r}.") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"Argument `{name}` must hold real numbers or a drive, but got {value!r}.")
    _check(array, name, minimum, hint)
    if isinstance(value, jax.Array) and value.dtype.kind == "f":
        return value
    # Numbers that are known stay known while a program is being compiled: empty cells are found by them.
    with jax.ensure_compile_time_eval():
        return jnp.asarray(array, dtype=_float(array, isinstance(value, np.ndarray)))


def _float(array: np.ndarray, given: bool) -> Any:
    # Single numbers have the default, even numpy's; an array without axes was made on purpose, and keeps its own.
    kept = array.dtype in (np.float32, np.float64) and (given or array.ndim)
    return jax.dtypes.canonicalize_dtype(array.dtype) if kept else jnp.result_type(float)


def _check(array: np.ndarray, name: str, minimum: float | None, hint: str) -> None:
    if not np.all(np.isfinite(array)):
        raise ValueError(f"Argument `{name}` must be finite, but got {_brief(array)}.")
    if minimum is not None and array.size and float(array.min()) < minimum:
        raise ValueError(
            f"Argument `{name}` must be ≥ {minimum:g}, but got {_brief(array, worst=True)}{hint and '; ' + hint}."
        )


def _brief(array: np.ndarray, *, worst: bool = False) -> str:
    if array.size <= 3:
        return str(array.tolist())
    return (
        f"an array with minimum {array.min():g}"
        if worst
        else f"an array of shape {array.shape} with {int((~np.isfinite(array)).sum())} such values"
    )


def is_driven(tree: Any) -> bool:
    """Whether any parameter in a pytree depends on time.

    >>> import magjax as mj
    >>> from magjax.material.parameter import is_driven
    >>> is_driven(mj.Zeeman(B=(0, 0, 0.1))), is_driven(mj.Zeeman(B=mj.drive.sin(frequency=1e9) * (0, 0, 0.1)))
    (False, True)
    """
    return any(map(_is_time, jax.tree_util.tree_leaves(tree, is_leaf=_is_time)))


def _is_time(node: Any) -> bool:
    return isinstance(node, (AbstractDrive, Driven))


def in_space(value: Any, *, mesh: Any, regions: Any, dtype: Any, vector: bool) -> Array:
    """Resolve a parameter that does not depend on time.

    Returns a number `()` or a scalar field `(nz, ny, nx)`; for vectors `(3, 1, 1, 1)` or `(3, nz, ny, nx)`,
    so that either broadcasts against a field without promoting ranks.
    """
    if callable(value):  # a field of an energy of one's own, as the user wrote it
        value = Profile(value)
    if isinstance(value, Profile):
        value = _evaluate(value, mesh, vector)
    if isinstance(value, dict):
        if regions is None:
            names = ", ".join(map(str, value))
            raise ValueError(
                f"A parameter is given per region ({names}), but the system has no regions; "
                "pass `regions=mj.Regions(mesh, {...})` to `System`."
            )
        value = regions.values({k: jnp.asarray(v, dtype) for k, v in value.items()})
    array = jnp.asarray(value, dtype)
    allowed = [(3,), (3, *mesh.shape), (3, 1, 1, 1)] if vector else [(), mesh.shape]
    if array.shape not in allowed:
        kinds = (
            "a vector of three numbers or an array (3, nz, ny, nx)" if vector else "a number or an array (nz, ny, nx)"
        )
        raise ValueError(
            f"A parameter must be {kinds} on a mesh of shape (nz, ny, nx) = {mesh.shape}, but got shape {array.shape}."
        )
    return array.reshape(3, 1, 1, 1) if array.shape == (3,) else array


def _evaluate(profile: Profile, mesh: Any, vector: bool) -> Array:
    value = profile.function(*mesh.centers())
    if not vector:
        return jnp.broadcast_to(jnp.asarray(value), mesh.shape)
    if len(value) != 3:
        raise ValueError(f"A function of position for a vector must return three components, but got {len(value)}.")
    return jnp.stack([jnp.broadcast_to(jnp.asarray(v), mesh.shape) for v in value])


def largest(value: Any) -> float:
    """Largest magnitude among the concrete numbers of a parameter; 0 when they are being traced or driven in time."""
    # A drive's leaves are frequencies and times: numbers in other units than the parameter's.
    sizes = [
        float(np.max(np.abs(np.asarray(x))))
        for x in jax.tree_util.tree_leaves(value, is_leaf=_is_time)
        if isinstance(x, (jax.Array, np.ndarray)) and not isinstance(x, Tracer) and x.size
    ]
    return max(sizes, default=0.0) if all(map(math.isfinite, sizes)) else math.inf
