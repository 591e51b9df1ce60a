"""What solvers ask of the objects they are given."""

from collections.abc import Callable, Mapping
from typing import Any

import diffrax

from magjax.dynamics.base import AbstractDynamics
from magjax.solve.single import single
from magjax.solve.stop import AbstractStop
from magjax.system import AbstractSystem


def magnetic_system(value: Any) -> None:
    """Refuse what is no system.

    **Raises** `TypeError`.

    >>> import magjax as mj
    >>> from magjax.solve.arguments import magnetic_system
    >>> magnetic_system(mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5))
    """
    if not isinstance(value, AbstractSystem):
        raise TypeError(
            f"Argument `system` must be a `System` or `Sublattices`, but got {_called(value)}; energies need "
            "a mesh and a material: `mj.System(mesh, Ms=…, energy=…)`."
        )


def stepping(*, tolerance: Any, dt: Any, t0: Any, dynamics: Any, solver: Any) -> None:
    """Refuse what cannot say how a trajectory is integrated.

    **Raises** `TypeError` for what is no number, equation of motion or solver, `ValueError` for other numbers.

    >>> import magjax as mj
    >>> from magjax.solve.arguments import stepping
    >>> stepping(tolerance=1e-5, dt=None, t0=0.0, dynamics=mj.LLG(), solver=mj.solvers.RK43())
    """
    single("tolerance", tolerance, "an angle > 0 in rad", above=0)
    if dt is not None:
        single("dt", dt, "a time > 0 in s", above=0)
    single("t0", t0, "a time in s")
    if not isinstance(dynamics, AbstractDynamics):
        raise TypeError(
            f"Argument `dynamics` must be an equation of motion, such as `mj.LLG()`, but got {_called(dynamics)}."
        )
    if solver is not None and not isinstance(solver, diffrax.AbstractSolver):
        raise TypeError(
            f"Argument `solver` must be a solver, such as `mj.solvers.RK43()`, or `None`, but got {_called(solver)}."
        )


def watching(observe: Any, stop: Any) -> dict[str, Callable[..., Any]]:
    """What is observed by name, as a dictionary.

    **Raises** `TypeError` for what cannot be called, names that are no text, and what is no stop condition.

    >>> from magjax.solve.arguments import watching
    >>> list(watching({"t_now": lambda t, m, system: t}, None))
    ['t_now']
    """
    if stop is not None and not isinstance(stop, AbstractStop):
        remedy = "`mj.stop.when(…)` makes one of a function" if callable(stop) else "such as mj.stop.torque(below=1e-5)"
        raise TypeError(f"Argument `stop` must be a stop condition, but got {_called(stop)}; {remedy}.")
    if not isinstance(observe, Mapping | None):
        raise TypeError(
            f"Argument `observe` must be a dictionary of functions f(t, m, system) by name, but got {_called(observe)}."
        )
    functions = dict(observe or {})
    for name, function in functions.items():
        if not isinstance(name, str) or not callable(function):
            raise TypeError(
                "Argument `observe` must hold functions f(t, m, system) by name, but got "
                f"{_called(function)} by the name {name!r}."
            )
    return functions


def _called(value: Any) -> str:
    """What was given, short; a class for an object of it gets the advice that helps."""
    if isinstance(value, type):
        return f"the class `{value.__name__}`: write `{value.__name__}(…)`"
    if isinstance(value, str | int | float | None):
        return repr(value)
    return f"a {type(value).__name__}"
