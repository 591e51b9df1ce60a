"""What a measurement sees of a system that is simulated, with derivatives taken the way that the fit needs them."""

import abc
from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp

from magjax.solve.evolve import evolve
from magjax.solve.minimize import minimize

#: How derivatives of an observation may be taken: column by column, or row by row.
Direction = Literal["forward", "reverse"]


class AbstractObservation(eqx.Module):
    """The `observe` of a data set, or the goal of a design, that runs a simulation.

    - `directions`: in which derivatives can be taken, the better one for few parameters first.
    """

    directions: eqx.AbstractVar[tuple[Direction, ...]]

    @abc.abstractmethod
    def __call__(self, model: Any, x: Any = None) -> Any:
        """What is seen of a model at the inputs x."""

    @abc.abstractmethod
    def differentiated(self, direction: Direction) -> "AbstractObservation":
        """The same, to be differentiated in one direction."""


class Evolution(AbstractObservation):
    """What is seen of a trajectory: `see(mj.evolve(system, m0, duration, …), x)`.

    Fits of few parameters carry derivatives along (forward: one more trajectory for each), of many parameters back
    (checkpointed reverse: some five trajectories for all); nobody has to say which.

    - `m0`: the start, `(3, nz, ny, nx)`, or a function that takes the model. `duration`: s; a number, or such a
      function, for a fitted one.
    - `see`: of a trajectory and the inputs x; `trajectory.average`, `(saves, 3)`, unless given.
    - `system`: a function from the model to its system, where the model is none itself.
    - `adjoint`: "auto", or one of `mj.evolve`, for both directions ("bounded") or one.
    - `options`: what else `mj.evolve` takes, such as `save_every`, `dt`, `tolerance`, `solver`, `states`.

    A trajectory that does not reach its end gives NaN: the fit backs off from there and says so.

    **Raises** `ValueError` for an unknown adjoint.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> seen = mj.fit.Evolution(mj.textures.uniform(mesh, (1, 0, 0)), 20e-12, save_every=10e-12)
    >>> seen(spin).shape, seen.directions
    ((2, 3), ('forward', 'reverse'))
    """

    m0: Any
    duration: Any
    see: Callable[[Any, Any], Any]
    system: Callable[[Any], Any]
    options: dict[str, Any]
    adjoint: str = eqx.field(static=True)
    directions: tuple[Direction, ...] = eqx.field(static=True)

    def __init__(
        self,
        m0: Any,
        duration: Any,
        see: Callable[[Any, Any], Any] | None = None,
        *,
        system: Callable[[Any], Any] | None = None,
        adjoint: Literal["auto", "forward", "checkpointed", "bounded"] = "auto",
        **options: Any,
    ):
        if adjoint not in _DIRECTIONS:
            raise ValueError(f"Argument `adjoint` must be one of {', '.join(_DIRECTIONS)}, but got {adjoint!r}.")
        self.m0, self.duration, self.options = m0, duration, options
        self.see = _average if see is None else see
        self.system = _itself if system is None else system
        self.adjoint, self.directions = adjoint, _DIRECTIONS[adjoint]

    def __call__(self, model: Any, x: Any = None) -> Any:
        """What is seen; NaN where the trajectory failed."""
        m0 = self.m0(model) if callable(self.m0) else self.m0
        duration = self.duration(model) if callable(self.duration) else self.duration
        adjoint: Any = "checkpointed" if self.adjoint == "auto" else self.adjoint
        found = evolve(self.system(model), m0, duration, adjoint=adjoint, **self.options)
        return _sound(found, self.see(found, x))

    def differentiated(self, direction: Direction) -> "Evolution":
        """The same with the adjoint of that direction, unless one was asked for."""
        adjoint = self.adjoint
        if adjoint == "auto":
            adjoint = "forward" if direction == "forward" else "checkpointed"
        chosen: Any = adjoint
        return Evolution(self.m0, self.duration, self.see, system=self.system, adjoint=chosen, **self.options)


class Minimum(AbstractObservation):
    """What is seen of a state of least energy: `see(mj.minimize(system, m0), x)`.

    Derivatives follow the minimum by the implicit function theorem, in either direction; the start has no part in
    them.

    - `m0`: the start, `(3, nz, ny, nx)`, or a function that takes the model.
    - `see`: of an equilibrium and the inputs x; its spins `(3, nz, ny, nx)` unless given.
    - `system`: a function from the model to its system, where the model is none itself.
    - `options`: `tolerance` and `max_steps` of `mj.minimize`.

    A minimum that is not found gives NaN: the fit backs off from there and says so.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=4e4, axis=(0, 0, 1)) + mj.Zeeman(B=(0.05, 0, 0)))
    >>> seen = mj.fit.Minimum(mj.textures.uniform(mesh, (0, 0, 1)), lambda state, x: state.m[0, 0, 0, 0])
    >>> round(float(seen(spin)), 4)
    0.5
    """

    m0: Any
    see: Callable[[Any, Any], Any]
    system: Callable[[Any], Any]
    options: dict[str, Any]
    directions: tuple[Direction, ...] = eqx.field(static=True)

    def __init__(
        self,
        m0: Any,
        see: Callable[[Any, Any], Any] | None = None,
        *,
        system: Callable[[Any], Any] | None = None,
        **options: Any,
    ):
        self.m0, self.options = m0, options
        self.see = _spins if see is None else see
        self.system = _itself if system is None else system
        self.directions = ("forward", "reverse")

    def __call__(self, model: Any, x: Any = None) -> Any:
        """What is seen; NaN where there is no minimum."""
        found = minimize(self.system(model), self.m0(model) if callable(self.m0) else self.m0, **self.options)
        return _sound(found, self.see(found, x))

    def differentiated(self, direction: Direction) -> "Minimum":
        """The same: the solve behind the derivative is symmetric."""
        del direction
        return self


_DIRECTIONS: dict[str, tuple[Direction, ...]] = {
    "auto": ("forward", "reverse"),
    "forward": ("forward",),
    "checkpointed": ("reverse",),
    "bounded": ("forward", "reverse"),
}


def _sound(found: Any, seen: Any) -> Any:
    """What was seen, NaN unless the solve reached its end (codes 0 and 1)."""
    return jax.tree_util.tree_map(lambda v: jnp.where(found.outcome <= 1, v, jnp.nan), seen)


def _itself(model: Any) -> Any:
    return model


def _average(trajectory: Any, x: Any) -> Any:
    del x
    return trajectory.average


def _spins(state: Any, x: Any) -> Any:
    del x
    return state.m
