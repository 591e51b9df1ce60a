"""What the drives in a system ask of the steps of an integration."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.base import AbstractDrive


def landmarks(tree: Any, dtype: Any) -> Array | None:
    """Times, s, on which steps must end, in rising order; `None` where nothing asks for any.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.drive.pace import landmarks
    >>> field = mj.Zeeman(B=mj.drive.steps(times=(0.0, 1e-9), values=(0.1, -0.1)) * (1, 0, 0))
    >>> landmarks(field, jnp.float32).shape
    (2,)
    """
    found = [jnp.ravel(time).astype(dtype) for drive in _drives(tree) for time in drive.landmarks()]
    return jnp.sort(jnp.concatenate(found)) if found else None


def longest_step(tree: Any, dtype: Any) -> Array:
    """The longest step, s, that leaps over no oscillation of any drive; infinity where there is none.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.drive.pace import longest_step
    >>> float(longest_step(mj.Zeeman(B=mj.drive.sin(frequency=2.5e11) * (0, 1e-3, 0)), jnp.float64)) * 1e12
    1.0
    """
    steps = [drive.longest_step().astype(dtype) for drive in _drives(tree)]
    return jnp.stack(steps).min() if steps else jnp.asarray(jnp.inf, dtype)


def _drives(tree: Any) -> list[AbstractDrive]:
    leaves = jax.tree_util.tree_leaves(tree, is_leaf=lambda x: isinstance(x, AbstractDrive))
    return [x for x in leaves if isinstance(x, AbstractDrive)]
