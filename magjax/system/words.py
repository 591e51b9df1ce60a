"""Systems in words, as they print themselves."""

import dataclasses
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from magjax.material.derived import Derived
from magjax.material.description import describe
from magjax.mesh import Mesh


def cells_in_words(mesh: Mesh) -> str:
    """Number and size of the cells, and the axes along which they repeat."""
    cells, lengths = "×".join(map(str, mesh.cells)), " × ".join(f"{d:g}" for d in mesh.cell_size)
    repeats = f", periodic along {mesh.periodic}" if mesh.periodic else ""
    return f"{cells} cells of {lengths} m{repeats}"


def table_in_words(rows: list[tuple[str, str]]) -> list[str]:
    """Names and values below each other."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:{width}}  {text}".rstrip() for name, text in rows]


def share_in_words(occupied: Any) -> str:
    """How many cells are magnetic."""
    if not isinstance(occupied, jax.Array) or isinstance(occupied, Tracer):
        return "unknown"  # inside a program, or in a derivative, which skips it
    return f"{int(np.sum(occupied))} of {occupied.size} cells"


def in_words(term: Any) -> str:
    """The parameters of a term with their units; not what follows from them."""
    given = ((field.name, getattr(term, field.name)) for field in dataclasses.fields(term))
    shown = ((k, v) for k, v in given if not (v is None or isinstance(v, (Derived, Mesh)) or _is_empty(v)))
    return ", ".join(f"{name} = {describe(value, term.units.get(name, ''))}" for name, value in shown)


def _is_empty(value: Any) -> bool:
    return isinstance(value, dict) and not value
