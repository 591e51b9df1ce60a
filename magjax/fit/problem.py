"""A fit as a problem of least squares: residuals of every data set as a function of a few coordinates."""

from collections.abc import Sequence
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.coordinates import inside
from magjax.fit.data import Data, flat
from magjax.fit.observation import AbstractObservation
from magjax.fit.parameter import Parameter, Tie
from magjax.fit.selection import leaf, put

#: How derivatives of the residuals are taken.
Mode = Literal["auto", "forward", "reverse"]


class Problem(eqx.Module):
    """χ²(z) = Σ ((y − model)/error)² + what priors and smoothness add, as a function of coordinates z.

    z of a parameter is its value over its scale, or its natural logarithm; it is what errors refer to.

    **Arguments**

    - `model`: any pytree: a ready model of this room, a `mj.System`, a dictionary. `data`: `Data`, or several.
    - `parameters`: what is fitted: a `Parameter`, its name, or several of them.
    - `ties`: leaves that follow from the fitted values.
    - `mode`: how derivatives are taken: "forward" for few parameters, "reverse" for more than points, or "auto".

    **Raises** `ValueError` for fewer points than parameters, a start outside its bounds, names that are not there.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> data = fit.Data(x=jnp.arange(4.0), y=jnp.array([1.0, 3.0, 5.0, 7.0]), observe=lambda m, x: m["a"] + m["b"] * x)
    >>> problem = fit.Problem({"a": 0.5, "b": 1.0}, data, ["a", "b"])
    >>> problem.size, round(float(problem.chi_square(problem.start)), 2)
    (2, 21.0)
    """

    model: Any
    data: tuple[Data, ...]
    start: Array
    low: Array
    high: Array
    scale: Array
    parameters: tuple[Parameter, ...] = eqx.field(static=True)
    ties: tuple[Tie, ...] = eqx.field(static=True)
    shapes: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    mode: Mode = eqx.field(static=True)

    def __init__(
        self,
        model: Any,
        data: Data | Sequence[Data],
        parameters: str | Parameter | Sequence[str | Parameter],
        *,
        ties: Sequence[Tie] = (),
        mode: Mode = "auto",
    ):
        self.data = (data,) if isinstance(data, Data) else tuple(data)
        self.parameters, self.ties = _parameters(parameters, getattr(model, "parameters", {})), tuple(ties)
        if mode not in ("auto", "forward", "reverse"):
            raise ValueError(f"Argument `mode` must be 'auto', 'forward' or 'reverse', but got {mode!r}.")
        starts = []
        for p in self.parameters:
            found = leaf(model, p.at)
            value = np.asarray(found if p.start is None else p.start)
            if value.dtype.kind not in "fiu":
                raise TypeError(f"Parameter {p.name!r} must be at a number of the model, but got {found!r}.")
            starts.append(np.broadcast_to(value, np.shape(found)).astype(float))
        self.shapes = tuple(start.shape for start in starts)
        dtype = jnp.result_type(*(jax.tree.leaves([d.y for d in self.data]) or [float]))
        columns = [_coordinates(p, start) for p, start in zip(self.parameters, starts, strict=True)]
        self.start, self.low, self.high, self.scale = (
            jnp.asarray(np.concatenate(parts), dtype) for parts in zip(*columns, strict=True)
        )
        # Numbers become arrays, so that another number is not another program.
        self.model = jax.tree.map(lambda v: jnp.asarray(v, dtype) if isinstance(v, float) else v, model)
        size = sum(s.size for s in starts)
        # A design has no data, and needs none.
        if self.data and self.points + _beliefs_of(self.parameters, self.shapes) < size:
            raise ValueError(
                f"Argument `data` must hold at least as many points as there are parameters, {size}, but got "
                f"{self.points}; fix some parameters, or give them a `prior`."
            )
        self.mode = _direction(mode, self.data, few=size <= max(32, self.points))
        self.data = tuple(_seen(d, self.mode) for d in self.data)

    @property
    def size(self) -> int:
        """Number of fitted numbers."""
        return int(self.start.size)

    @property
    def points(self) -> int:
        """Number of known points of all data sets."""
        return sum(d.points for d in self.data)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each fitted number: that of its parameter, with an index where it is an array."""
        return tuple(
            p.name + (f"[{', '.join(map(str, index))}]" if shape else "")
            for p, shape in zip(self.parameters, self.shapes, strict=True)
            for index in np.ndindex(*shape)
        )

    @property
    def logs(self) -> np.ndarray:
        """Of each fitted number, whether its coordinate is its logarithm; `(n,)`."""
        return np.concatenate([np.full(_size(s), p.log) for p, s in zip(self.parameters, self.shapes, strict=True)])

    @property
    def weighted(self) -> bool:
        """Whether the errors of all data are known."""
        return all(d.error is not None for d in self.data)

    def values(self, z: Any) -> dict[str, Array]:
        """Values of all parameters by name from the coordinates `(n,)`."""
        found, at = {}, 0
        for p, shape in zip(self.parameters, self.shapes, strict=True):
            part, scale = (x[at : at + _size(shape)] for x in (z, self.scale))
            found[p.name] = (jnp.exp(part) if p.log else part * scale).reshape(shape)
            at += _size(shape)
        return found

    def build(self, z: Any) -> Any:
        """The model with the values of the coordinates z `(n,)`."""
        values, model = self.values(z), self.model
        for p in self.parameters:
            model = put(model, p.at, values[p.name])
        for tie in self.ties:
            model = put(model, tie.at, jnp.asarray(tie.value(values)))
        return model

    def predict(self, z: Any) -> tuple[Any, ...]:
        """What the model says of each data set."""
        model = self.build(z)
        return tuple(d.predicted(model) for d in self.data)

    def measured(self) -> Array:
        """All measured values one after the other, `(points + missing,)`; 0 where missing."""
        return flat([d.y for d in self.data])

    def weights(self) -> Array:
        """1/error of all values, 1 where errors are unknown, 0 where a value is missing."""
        ones = [jax.tree.map(jnp.ones_like, d.y) if d.error is None else d.error for d in self.data]
        return flat([d.mask for d in self.data]) / flat(ones)

    def residuals(self, z: Array, y: Array | None = None) -> Array:
        """(model − y)/error, 0 where missing, then (z − prior)/error and differences of neighbours.

        - `z`: coordinates `(n,)`. `y`: other values in place of the measured ones, as `measured` returns them.
        """
        weights = self.weights()
        known = weights > 0
        difference = jnp.where(known, flat(self.predict(z)), 0) - (self.measured() if y is None else y)
        return jnp.concatenate([jnp.where(known, difference, 0) * weights, *self.beliefs(z)])

    def jacobian(self, z: Any) -> Array:
        """Derivatives of the residuals with respect to the coordinates, `(m, n)`."""
        return (jax.jacfwd if self.mode == "forward" else jax.jacrev)(self.residuals)(z)

    def chi_square(self, z: Array) -> Array:
        """χ² at the coordinates z."""
        return jnp.sum(self.residuals(z) ** 2)

    def place(self, u: Array, z0: Array) -> Array:
        """Coordinates z within the bounds from unbounded ones u about a start z0."""
        return inside(u, z0, self.low, self.high)

    def beliefs(self, z: Array) -> list[Array]:
        """What is known beside the data, from priors and smoothness, in units of its uncertainty."""
        rows, at = [], 0
        for p, shape in zip(self.parameters, self.shapes, strict=True):
            part = z[at : at + _size(shape)]
            if p.prior is not None:
                mean, width = p.prior
                center = np.log(mean) if p.log else mean / self.scale[at : at + _size(shape)]
                rows.append((part - center) / (width if p.log else width / self.scale[at : at + _size(shape)]))
            if p.smooth is not None:
                field = part.reshape(shape)
                rows += [jnp.ravel(jnp.diff(field, axis=i)) / p.smooth for i in range(len(shape)) if shape[i] > 1]
            if p.variation is not None:
                rows.append(p.variation.rows(part.reshape(shape)))
            at += _size(shape)
        return rows


def _direction(mode: Mode, data: tuple[Data, ...], *, few: bool) -> Mode:
    """Forward for few parameters, reverse for many, unless what is observed allows but one of them."""
    wanted = ("forward", "reverse") if few else ("reverse", "forward")
    possible = [d.observe.directions for d in data if isinstance(d.observe, AbstractObservation)]
    for one in wanted if mode == "auto" else (mode,):
        if all(one in each for each in possible):
            return one
    if mode == "auto":
        raise ValueError(
            "Argument `data` must hold observations with a common way of taking derivatives, but got an `adjoint` "
            "'forward' and a 'checkpointed' one; leave them 'auto'."
        )
    raise ValueError(
        f"Argument `mode` must be what the `adjoint` of an observation allows, but got {mode!r}; leave that 'auto'."
    )


def _seen(data: Data, direction: Any) -> Data:
    observe = data.observe
    if not isinstance(observe, AbstractObservation):
        return data
    return eqx.tree_at(
        lambda d: d.observe,
        data,
        observe.differentiated(direction),
        is_leaf=lambda x: isinstance(x, AbstractObservation),
    )


def _parameters(given: Any, known: Any) -> tuple[Parameter, ...]:
    """Parameters as given; by name alone with the bounds and units that a ready model has for them."""
    several = [given] if isinstance(given, (str, Parameter)) else list(given)
    found = tuple(known.get(p, Parameter(p)) if isinstance(p, str) else p for p in several)
    if not found:
        raise ValueError("Argument `parameters` must name at least one parameter, but got none.")
    names = [p.name for p in found]
    if len(set(names)) < len(names):
        raise ValueError(f"Argument `parameters` must name each parameter once, but got {', '.join(names)}.")
    return found


def _coordinates(p: Parameter, start: np.ndarray) -> tuple[np.ndarray, ...]:
    """Start, bounds and scale of a parameter in its coordinates, each `(size,)`."""
    value = np.ravel(start)
    low, high = p.bounds
    if not np.isfinite(value).all() or (value <= low).any() or (value >= high).any():
        worst = value[int(np.argmax((value <= low) | (value >= high) | ~np.isfinite(value)))]
        raise ValueError(
            f"Argument `start` of {p.name} must lie between its bounds {low:g} and {high:g}, but got {worst:g}."
        )
    if p.log:
        if (value <= 0).any():
            raise ValueError(f"Argument `start` of {p.name} must be > 0 with `log`, but got {value.min():g}.")
        with np.errstate(divide="ignore"):
            bounds = np.log(low), np.log(high)
        return np.log(value), *(np.full(value.size, b) for b in bounds), np.ones(value.size)
    size = p.scale or float(np.max(np.abs(value)))
    if not size:
        size = high - low if np.isfinite(high - low) else 1.0
    return value / size, *(np.full(value.size, b / size) for b in (low, high)), np.full(value.size, size)


def _beliefs_of(parameters: tuple[Parameter, ...], shapes: tuple[tuple[int, ...], ...]) -> int:
    """How many conditions priors and smoothness add."""
    priors = sum(_size(s) for p, s in zip(parameters, shapes, strict=True) if p.prior is not None)
    smooth = sum(
        _size(s) - 1
        for p, s in zip(parameters, shapes, strict=True)
        if (p.smooth is not None or p.variation is not None) and p.prior is None
    )
    return priors + smooth


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=int))
