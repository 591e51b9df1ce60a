"""Parameters of quantum spins: numbers that may depend on time, but live on sites and bonds instead of cells."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.drive import AbstractDrive, Driven
from magjax.material.parameter import numbers


def parameter(value: Any, name: str, shapes: tuple[tuple[int, ...], ...], hint: str = "") -> Any:
    """Turn what a user wrote into an array or a drive, refusing what can never be right.

    - `value`: numbers in one of the `shapes`, or a drive (times an array of such a shape).
    - `name`: how messages call the parameter. `hint`: the remedy they name.

    **Raises** `ValueError` for numbers that are not finite and other shapes, `TypeError` for what is no number.

    >>> from magjax.quantum.parameter import parameter
    >>> parameter((0, 0, 1), "B", ((3,),)).shape
    (3,)
    """
    if isinstance(value, (AbstractDrive, Driven)):
        shape = jax.eval_shape(lambda v: now(v, 0.0), value).shape
    else:
        value = numbers(value, name)
        shape = value.shape
    if shape not in shapes:
        allowed = " or ".join("a single number" if s == () else str(s) for s in shapes)
        raise ValueError(f"Argument `{name}` must have the shape {allowed}, but got {shape}{hint and '; ' + hint}.")
    return value


def now(value: Any, t: Any) -> Array:
    """The value of a parameter at time `t`, s.

    >>> import magjax as mj
    >>> from magjax.quantum.parameter import now
    >>> now(mj.drive.constant(2.0) * (0, 0, 1), 0.0).tolist()
    [0.0, 0.0, 2.0]
    """
    if isinstance(value, Driven):
        return value.at(t, _profile)
    return value(t) if isinstance(value, AbstractDrive) else value


def _profile(profile: Any) -> Array:
    if not isinstance(profile, (jax.Array, np.ndarray, Tracer)):
        raise TypeError(
            f"A drive of quantum spins must be multiplied by numbers, one per component or spin, but got {profile!r}; "
            "regions and functions of position need a mesh."
        )
    return jnp.asarray(profile)
