"""Leaves of a model by dotted name: finding them and putting other values there."""

import re
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.fit.parameter import Place

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\[\]]+)\]")


def leaf(model: Any, place: Place) -> Any:
    """The value at a place of a model; that of the first of several.

    - `model`: any pytree. `place`: a dotted name, a tuple of them, or a function of the model.

    **Raises** `ValueError` where there is no such thing, naming what there is.

    >>> from magjax.fit.selection import leaf
    >>> leaf({"film": {"Ms": 8e5}, "m0": (0.0, 1.0)}, "film.Ms")
    800000.0
    """
    if isinstance(place, tuple):
        return leaf(model, place[0])
    if callable(place):
        try:
            return place(model)
        except (AttributeError, KeyError, IndexError) as error:
            raise ValueError(f"Argument `at` must lead to a leaf of the model, but got {error}.") from None
    return _walk(model, place)


def put(model: Any, place: Place, value: Array) -> Any:
    """The model with another value at a place; at each of several.

    - `model`: any pytree. `place`: as for `leaf`. `value`: in the shape of what is there.

    >>> from magjax.fit.selection import put
    >>> put({"a": 1.0, "b": (2.0, 3.0)}, "b[1]", 5.0)
    {'a': 1.0, 'b': (2.0, 5.0)}
    """
    for one in place if isinstance(place, tuple) else (place,):
        if callable(one):
            model = eqx.tree_at(one, model, value)
            continue
        parent, index = _element(model, one)
        if index is not None:
            inner = jnp.asarray(_walk(model, parent))
            model = eqx.tree_at(lambda m, p=parent: _walk(m, p), model, inner.at[index].set(value))
        else:
            model = eqx.tree_at(lambda m, p=one: _walk(m, p), model, value)
    return model


def _element(model: Any, name: str) -> tuple[str, int | None]:
    """Whether a name ends with an index into an array, which is no leaf of its own."""
    match = re.fullmatch(r"(.+)\[(\d+)\]", name)
    if match and eqx.is_array_like(_walk(model, match[1])):
        return match[1], int(match[2])
    return name, None


def _walk(model: Any, name: str) -> Any:
    here, seen = model, ""
    for match in _STEP.finditer(name):
        step = match[1] or match[2].strip("'\"")
        here, seen = _step(here, step, seen, name), f"{seen}.{step}" if seen else step
    return here


def _step(here: Any, step: str, seen: str, name: str) -> Any:
    if step.lstrip("-").isdigit() and not isinstance(here, dict):
        return here[int(step)]
    if isinstance(here, dict) and step in here:
        return here[step]
    if not isinstance(here, dict) and hasattr(here, step):
        return getattr(here, step)
    try:
        return here[step]  # a system's term, a sum's term
    except (KeyError, TypeError, IndexError, ValueError):
        names = list(here) if isinstance(here, dict) else [key for key in vars(here) if key[0] != "_"]
        where = f"`{seen}` of the model" if seen else "the model"
        raise ValueError(
            f"Argument `at` must lead to a leaf of the model, but got {name!r}: {where} has no {step!r}, only "
            f"{', '.join(map(str, names))}."
        ) from None
