"""The numbers of a system and its dynamics by name, and how members of an ensemble get their own."""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.material.derived import Derived
from magjax.mesh import Mesh
from magjax.system import AbstractSystem, Sublattices, System

#: What names are called beside the system's own: the start of each member.
START = "m0"
_UNITS = {"Ms": "A/m", "alpha": "", "gamma": "rad/(s·T)", "T": "K", START: ""}
#: Parameters that are negative by mistake only.
_POSITIVE = {"Ms": "it is a length, in A/m", "alpha": "negative damping pumps energy in without end",
             "gamma": "magjax takes |γ|", "T": "temperatures are in kelvin"}  # fmt: skip
#: Values below which the unit was another, or nothing is left to move.
_LEAST = {"Ms": (1e2, "did you give it in T or MA/m? A member without magnetisation has nothing to move."),
          "gamma": (1e8, "did you give γ0 in m/(A·s)? γ = γ0/μ0.")}  # fmt: skip
#: Fields of equations that say which noise they get, and so are not the caller's to vary.
_NOT_VARIED = ("seed", "replica")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a parameter sits.

    - `of`: gives it from a pair of system and dynamics.
    - `unit`: its unit.
    - `rank`: 0 for a number, 1 for a vector; `None` where its present value does not say.
    """

    of: Callable[[Any], Any]
    unit: str
    rank: int | None


def places(system: AbstractSystem, dynamics: AbstractDynamics) -> dict[str, Place]:
    """Every parameter that members may have of their own, by name, such as `alpha`, `T` and `zeeman.B`.

    Those of a sublattice begin with its name: `a.alpha`, `a.uniaxial_anisotropy.K`; of couplings, `coupling_a_b.J`.

    >>> import magjax as mj
    >>> from magjax.batch.parameters import places
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 4e-9), Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> list(places(spin, mj.Langevin(T=300.0)))
    ['Ms', 'alpha', 'gamma', 'T', 'zeeman.B']
    """
    found = {}
    if isinstance(system, System):
        found = _in_own(lambda pair: pair[0])
    for field in dataclasses.fields(dynamics):
        if _is_parameter(getattr(dynamics, field.name)) and field.name not in _NOT_VARIED:
            found[field.name] = Place(_then(lambda pair: pair[1], field.name), _UNITS.get(field.name, ""), 0)
    if isinstance(system, Sublattices):
        found |= _in_sublattices(system)
    return found | _in_terms(system, lambda pair: pair[0])


def checked(name: str, values: Any, known: Mapping[str, Place], state: tuple[int, ...]) -> np.ndarray:
    """The values of a parameter along an axis, looked through before anything is computed.

    - `name`: of the parameter. `values`: `(n,)` numbers, `(n, 3)` vectors, or `(n, 3, nz, ny, nx)` starts.
    - `known`: the parameters there are. `state`: the shape of the spins.

    **Raises** `ValueError` for unknown names with the nearest known one, an axis of length zero, other shapes, values
    that are not finite, too small, or in the wrong unit.

    >>> import magjax as mj
    >>> from magjax.batch.parameters import checked, places
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 4e-9), Ms=8e5)
    >>> checked("alpha", [0.1, 0.2], places(spin, mj.LLG()), (3, 1, 1, 1)).tolist()
    [0.1, 0.2]
    """
    if name not in known and name != START:
        raise ValueError(f"Argument `over` must name parameters, but got {name!r}; {_nearest(name, [*known, START])}")
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"Argument `over[{name!r}]` must hold real numbers, but got {values!r}.")
    if array.ndim and not array.shape[0]:
        raise ValueError(f"Argument `over[{name!r}]` must hold at least one value, but got an axis of length zero.")
    _check_shape(name, array, None if name == START else known[name].rank, state)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"Argument `over[{name!r}]` must be finite, but got {int((~np.isfinite(array)).sum())} "
                         "values that are not.")  # fmt: skip
    last = name.rsplit(".", 1)[-1]
    if last in _POSITIVE and array.min() < 0:
        raise ValueError(f"Argument `over[{name!r}]` must be ≥ 0, but got {array.min():g}; {_POSITIVE[last]}.")
    if last in _LEAST and array.min() < _LEAST[last][0]:
        raise ValueError(f"Argument `over[{name!r}]` must be in {_UNITS[last]}, but got {array.min():g}; "
                         f"{_LEAST[last][1]}")  # fmt: skip
    unit = unit_of(name, known)
    if unit == "T" and np.abs(array).max() > 1e3:
        raise ValueError(f"Argument `over[{name!r}]` must be in T, but got {np.abs(array).max():g} T; did you give mT?")
    if name == START and np.any(np.linalg.norm(array.astype(float), axis=1) == 0):
        raise ValueError(f"Argument `over[{name!r}]` must hold directions, but got a zero vector.")
    return array.astype(float) if array.dtype.kind in "iu" else array


def unit_of(name: str, known: Mapping[str, Place]) -> str:
    """The unit of a parameter."""
    return _UNITS[START] if name == START else known[name].unit


def replaced(
    system: AbstractSystem, dynamics: AbstractDynamics, known: Mapping[str, Place], values: Mapping[str, Array]
) -> tuple[Any, AbstractDynamics]:
    """The system and the dynamics with other values of some parameters; they may be traced.

    - `known`: of `places`. `values`: by name.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.batch.parameters import places, replaced
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 4e-9), Ms=8e5, alpha=0.1)
    >>> other, _ = replaced(spin, mj.LLG(), places(spin, mj.LLG()), {"alpha": jnp.array(0.5)})
    >>> float(other.alpha), float(spin.alpha)
    (0.5, 0.1)
    """
    pair = (system, dynamics)
    for name, value in values.items():
        if name != START:
            # A dictionary, a drive or a function is one parameter: it is replaced as a whole.
            pair = eqx.tree_at(known[name].of, pair, value)
    return pair


def _in_own(of: Callable[[Any], Any]) -> dict[str, Place]:
    return {name: Place(_then(of, name), _UNITS[name], 0) for name in ("Ms", "alpha", "gamma")}


def _in_sublattices(system: Sublattices) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for i, (name, part) in enumerate(zip(system.sublattices, system.systems, strict=True)):
        of = _then(_then(lambda pair: pair[0], "systems"), i)
        found |= {f"{name}.{key}": place for key, place in (_in_own(of) | _in_terms(part, of)).items()}
    for i, ((a, b), coupling) in enumerate(zip(system.pairs, system.couplings, strict=True)):
        name = f"coupling_{system.sublattices[a]}_{system.sublattices[b]}"
        found |= _in_fields(name, coupling, _then(_then(lambda pair: pair[0], "couplings"), i))
    return found


def _in_terms(system: Any, of: Callable[[Any], Any]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    # What is common to sublattices has no torques: they belong to each.
    for group in ("energy",) if isinstance(system, Sublattices) else ("energy", "torques"):
        terms = _then(_then(of, group), "terms")
        own = getattr(system, group)
        for i, (name, term) in enumerate(zip(own.names, own.terms, strict=True)):
            found |= _in_fields(name, term, _then(terms, i))
    return found


def _in_fields(name: str, term: Any, of: Callable[[Any], Any]) -> dict[str, Place]:
    given = {field.name: getattr(term, field.name) for field in dataclasses.fields(term)}
    return {
        f"{name}.{key}": Place(_then(of, key), term.units.get(key, ""), _rank(value))
        for key, value in given.items()
        if _is_parameter(value)
    }


def _then(of: Callable[[Any], Any], part: str | int) -> Callable[[Any], Any]:
    """A step further: an attribute, or an item."""
    if isinstance(part, int):
        return lambda pair: of(pair)[part]
    return lambda pair: getattr(of(pair), part)


def _is_parameter(value: Any) -> bool:
    if value is None or isinstance(value, (Derived, Mesh)):
        return False
    return any(eqx.is_array(x) for x in jax.tree_util.tree_leaves(value)) or callable(value)


def _rank(value: Any) -> int | None:
    if not isinstance(value, (jax.Array, np.ndarray)):
        return None
    return {0: 0, 3: 0, 1: 1, 4: 1}.get(value.ndim)


def _check_shape(name: str, array: np.ndarray, rank: int | None, state: tuple[int, ...]) -> None:
    if name == START:
        single = len(state) == 4
        fits = array.ndim > 1 and (array.shape[1:] == state or (single and array.shape[1:] == (3,)))
        wanted = f"{'directions (n, 3) or ' if single else ''}states {('n', *state)}"
    else:
        numbers, vectors = array.ndim == 1, array.ndim == 2 and array.shape[1] == 3
        fits = (numbers and rank != 1) or (vectors and rank != 0)
        wanted = {0: "numbers (n,)", 1: "vectors (n, 3)"}.get(-1 if rank is None else rank, "(n,) or (n, 3)")
    if not fits:
        raise ValueError(f"Argument `over[{name!r}]` must hold {wanted}, but got shape {array.shape}.")


def _nearest(given: str, known: Iterable[str]) -> str:
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
    # `B` for `zeeman.B`: a part of the name is closer than any spelling.
    ends = [name for low, name in names.items() if low.rsplit(".", 1)[-1] == given.lower()]
    found = ends[:1] or [names[name] for name in close]
    return f"did you mean {found[0]!r}?" if found else f"known are {', '.join(names.values())}."


def as_start(value: Array, shape: tuple[int, ...]) -> Array:
    """A member's start from a direction `(3,)` or a state.

    >>> import jax.numpy as jnp
    >>> from magjax.batch.parameters import as_start
    >>> as_start(jnp.array([0.0, 0.0, 1.0]), (3, 1, 1, 2)).shape
    (3, 1, 1, 2)
    """
    return jnp.broadcast_to(value.reshape(3, 1, 1, 1), shape) if value.shape == (3,) else value
