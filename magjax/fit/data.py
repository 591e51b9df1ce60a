"""What a model is fitted to: inputs, measured values with errors, and what is missing among them."""

from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array


class Data(eqx.Module):
    """A data set: y measured at x, each with a standard error.

    **Arguments**

    - `x`: what the model is called with: an array, or a dictionary of them by input.
    - `y`: measured values: an array of any shape, or a dictionary of them by output. NaN where a point is missing.
    - `error`: standard errors > 0 in the form of `y`, or one number for all; unknown unless given, and then taken from
      the scatter about the fit.
    - `name`: for tables and pictures. `observe`: `observe(model, x)` returns what corresponds to `y`, such as
      `fit.Evolution(…)` and `fit.Minimum(…)` of a system; the model itself is called unless given.

    **Raises** `ValueError` for errors that are not positive, shapes that do not fit, no point at all.

    >>> from magjax import fit
    >>> fit.Data(x=(0.0, 1.0, 2.0), y=(1.0, float("nan"), 3.0), error=0.1).missing
    1
    """

    x: Any
    y: Any
    error: Any
    mask: Any
    name: str = eqx.field(static=True)
    observe: Callable[[Any, Any], Any] | None

    def __init__(
        self,
        x: Any,
        y: Any,
        error: Any = None,
        *,
        name: str = "data",
        observe: Callable[[Any, Any], Any] | None = None,
    ):
        self.name, self.observe = name, observe
        values = {k: _numbers(f"y[{k!r}]", v) for k, v in y.items()} if isinstance(y, Mapping) else _numbers("y", y)
        errors = _errors(error, values)
        # A tuple of numbers is meant as an array, not as a pytree of scalars.
        x = jax.tree.map(np.asarray, x, is_leaf=_is_row)
        rows = _missing_rows(x)
        mask = jax.tree.map(lambda v: np.isfinite(v) & _rows_like(rows, v), values)
        if errors is not None:
            mask = jax.tree.map(lambda m, e: m & np.isfinite(e), mask, errors)
        if not any(m.any() for m in jax.tree.leaves(mask)):
            raise ValueError(
                f"Argument `y` of data set {name!r} must hold at least one point, but got none that is known."
            )
        self.x = jax.tree.map(lambda v: _filled(v, rows), x)
        self.mask = jax.tree.map(jnp.asarray, mask)
        self.y = jax.tree.map(lambda v, m: _asarray(np.where(m, v, 0)), values, mask)
        self.error = None if errors is None else jax.tree.map(lambda e, m: _asarray(np.where(m, e, 1)), errors, mask)

    @property
    def points(self) -> int:
        """Number of known points."""
        return int(sum(np.sum(np.asarray(m)) for m in jax.tree.leaves(self.mask)))

    @property
    def missing(self) -> int:
        """Number of points left out because they, their error or their input is NaN."""
        return int(sum(m.size for m in jax.tree.leaves(self.mask))) - self.points

    def predicted(self, model: Any) -> Any:
        """What `model` says in place of `y`.

        **Raises** `ValueError` where it says something of another shape, or not all that was measured.
        """
        if self.observe is not None:
            found = self.observe(model, self.x)
        else:
            found = model(**self.x) if isinstance(self.x, Mapping) else model(self.x)
        if isinstance(self.y, Mapping):
            if not isinstance(found, Mapping) or set(self.y) - set(found):
                said = ", ".join(found) if isinstance(found, Mapping) else "an array"
                raise ValueError(f"Data set {self.name!r} holds {', '.join(self.y)}, but the model returns {said}.")
            found = {key: found[key] for key in self.y}
        elif isinstance(found, Mapping) and len(found) == 1:
            (found,) = found.values()
        leaves, known = jax.tree.leaves(found), jax.tree.leaves(self.y)
        shapes = [jnp.shape(v) for v in leaves], [v.shape for v in known]
        if shapes[0] != shapes[1]:
            raise ValueError(f"Data set {self.name!r} has the shape {shapes[1]}, but the model returns {shapes[0]}.")
        return found


def flat(tree: Any) -> Array:
    """All numbers of a pytree one after the other, `(n,)`.

    >>> from magjax.fit.data import flat
    >>> flat({"b": [1.0, 2.0], "a": 0.0}).tolist()
    [0.0, 1.0, 2.0]
    """
    return jnp.concatenate([jnp.ravel(jnp.asarray(v)) for v in jax.tree.leaves(tree)])


def _numbers(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or not array.size:
        raise TypeError(f"Argument `{name}` must hold real numbers, but got {value!r}.")
    return array.astype(array.dtype if array.dtype in (np.float32, np.float64) else np.float64)


def _is_row(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and all(isinstance(each, (int, float)) for each in x)


def _errors(error: Any, values: Any) -> Any:
    if error is None:
        return None
    if isinstance(values, Mapping) and isinstance(error, Mapping):
        if set(error) != set(values):
            raise ValueError(f"Argument `error` must be given for {', '.join(values)}, but got {', '.join(error)}.")
    elif isinstance(values, Mapping):
        error = dict.fromkeys(values, error)

    def each(value: np.ndarray, error: Any) -> np.ndarray:
        array = _numbers("error", error)
        if (array <= 0).any():
            raise ValueError(
                f"Argument `error` must hold standard errors > 0, but got {array.min():g}: a point without error would "
                "decide the fit alone. Leave `error` out if the errors are not known."
            )
        try:
            return np.broadcast_to(array, value.shape).astype(value.dtype)
        except ValueError:
            raise ValueError(
                f"Argument `error` must have the shape of `y`, {value.shape}, but got {array.shape}."
            ) from None

    return jax.tree.map(each, values, error)


def _missing_rows(x: Any) -> np.ndarray | None:
    """Along the first axis of the inputs: where one of them is NaN."""
    arrays = [np.asarray(v) for v in jax.tree.leaves(x) if np.ndim(v) and np.asarray(v).dtype.kind == "f"]
    rows: np.ndarray | None = None
    for array in arrays:
        bad = np.asarray(np.isnan(array).reshape(len(array), -1).any(axis=1))
        if bad.any():
            rows = np.asarray(rows | bad if rows is not None and len(rows) == len(bad) else bad)
    return rows


def _rows_like(rows: np.ndarray | None, values: np.ndarray) -> Any:
    if rows is None or not values.ndim or values.shape[0] != rows.shape[0]:
        return True
    return ~rows.reshape(-1, *(1,) * (values.ndim - 1))


def _filled(value: Any, rows: np.ndarray | None) -> Any:
    """An input with the last known value wherever a row is missing, so that no derivative meets NaN.

    Not just any value: a model may have a history, and a field that never was would turn it over.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        return value
    if rows is not None and array.ndim and len(array) == len(rows) and array.dtype.kind == "f" and not rows.all():
        last = np.maximum.accumulate(np.where(rows, 0, np.arange(len(rows))))
        array = array[np.where(rows[last], np.argmin(rows), last)]
    return jnp.asarray(array)


def _asarray(array: np.ndarray) -> Array:
    return jnp.asarray(array, jnp.result_type(float) if array.dtype.kind in "iub" else None)
