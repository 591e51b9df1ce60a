"""Which sublattices there are and which are coupled, checked."""

import re
from collections.abc import Mapping
from typing import Any

from magjax.energy.coupling import Coupling
from magjax.mesh import AXES
from magjax.system.system import System


def check_sublattices(sublattices: Any) -> None:
    """Refuse what cannot be sublattices of one sample.

    - `sublattices`: systems by name.

    **Raises** `TypeError` for what holds no systems; `ValueError` for fewer than two, names that no column or file can
    bear, meshes that differ, and a demagnetising field of one sublattice alone.
    """
    if not isinstance(sublattices, dict) or not all(isinstance(s, System) for s in sublattices.values()):
        raise TypeError(f"Argument `sublattices` must hold systems by name, but got {sublattices!r}.")
    if len(sublattices) < 2:
        raise ValueError(
            f"Argument `sublattices` must hold at least two systems, but got {list(sublattices)}; one alone is a "
            "`System`."
        )
    first = next(iter(sublattices.values()))
    for name, system in sublattices.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", str(name)):
            raise ValueError(
                "Argument `sublattices` must have names of letters and digits, which columns and files bear, but got "
                f"{name!r}."
            )
        if name in AXES:
            raise ValueError(
                f"Argument `sublattices` must not have the name of an axis, but got {name!r}: `m_{name}` is a "
                "component of the whole sample's average."
            )
        if not system.mesh.has_cells_of(first.mesh):
            raise ValueError(
                f"Argument `sublattices` must hold systems on one mesh, but {name!r} has {system.mesh} instead of "
                f"{first.mesh}."
            )
        if system.has_nonlocal:
            raise ValueError(
                f"Argument `sublattices` must hold systems without `Demag`, but {name!r} has one: it would see the "
                "field of this sublattice alone; give it to all, `mj.Sublattices(…, energy=mj.Demag(mesh))`."
            )


def by_pairs(names: tuple[str, ...], coupling: Any) -> dict[tuple[int, int], Coupling]:
    """Couplings by the numbers of the sublattices that they couple.

    - `names`: of the sublattices. `coupling`: one for every pair, couplings by pairs of names, or `None`.

    **Raises** `TypeError` for what is no coupling; `ValueError` for pairs that are none, or named twice.
    """
    if coupling is None:
        return {}
    if isinstance(coupling, Coupling):
        return {(i, j): coupling for i in range(len(names)) for j in range(i + 1, len(names))}
    if not isinstance(coupling, Mapping):
        raise TypeError(
            "Argument `coupling` must be a `mj.Coupling`, or several by pairs of names, but got "
            f"{coupling!r}; write mj.Coupling(J=…)."
        )
    found: dict[tuple[int, int], Coupling] = {}
    for key, value in coupling.items():
        if not isinstance(value, Coupling):
            raise TypeError(f"Argument `coupling` must hold `mj.Coupling`s, but got {value!r} for {key!r}.")
        if not (isinstance(key, tuple) and len(key) == 2 and set(key) <= set(names) and key[0] != key[1]):
            raise ValueError(
                f"Argument `coupling` must have pairs of the sublattices {list(names)} as keys, but got {key!r}."
            )
        i, j = (names.index(name) for name in key)
        if (j, i) in found:
            raise ValueError(f"Argument `coupling` must name each pair once, but got {key!r} in both orders.")
        found[i, j] = value
    return found
