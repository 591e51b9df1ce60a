"""The fields of energy terms and torques, those that do not depend on time computed once."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField, AbstractInduced
from magjax.material.parameter import is_driven
from magjax.material.sample import Sample
from magjax.torque.base import AbstractTorque, AbstractTorqueField

Term = AbstractEnergy | AbstractTorque
Field = AbstractField | AbstractTorqueField


class TermFields(eqx.Module):
    """Energy terms, or torques, ready for use; those whose numbers depend on time are prepared anew at each time.

    - `local`, `nonlocal_`: fields of terms that do not. `local_driven`, `nonlocal_driven`: terms that do.
    """

    local: tuple[Field, ...]
    nonlocal_: tuple[Field, ...]
    local_driven: tuple[Term, ...]
    nonlocal_driven: tuple[Term, ...]

    def __init__(self, terms: tuple[Term, ...], sample: Sample, *, moving: bool):
        """- `terms`: the terms. `sample`: where they act. `moving`: whether its magnetisation depends on time."""
        fixed = [t for t in terms if not (moving or is_driven(t))]
        driven = [t.induced(sample) if isinstance(t, AbstractInduced) else t for t in terms if moving or is_driven(t)]
        self.local = tuple(t.prepare(sample) for t in fixed if not t.is_nonlocal)
        self.nonlocal_ = tuple(t.prepare(sample) for t in fixed if t.is_nonlocal)
        self.local_driven = tuple(t for t in driven if not t.is_nonlocal)
        self.nonlocal_driven = tuple(t for t in driven if t.is_nonlocal)

    @property
    def has_local(self) -> bool:
        """Whether any term is local."""
        return bool(self.local or self.local_driven)

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return bool(self.nonlocal_ or self.nonlocal_driven)

    def locals_at(self, sample: Callable[[], Sample]) -> tuple[Field, ...]:
        """The fields of the local terms, at the time of a sample that is made only where it is needed."""
        return _at(self.local, self.local_driven, sample)

    def local_field(self, m: Array, sample: Callable[[], Sample]) -> Array:
        """Sum of the local fields, T."""
        return _sum(self.locals_at(sample), m)

    def nonlocal_field(self, m: Array, sample: Callable[[], Sample]) -> Array:
        """Sum of the nonlocal fields, T."""
        return _sum(_at(self.nonlocal_, self.nonlocal_driven, sample), m)


def _at(fields: tuple[Field, ...], driven: tuple[Term, ...], sample: Callable[[], Sample]) -> tuple[Any, ...]:
    if not driven:
        return fields
    here = sample()
    return (*fields, *(term.prepare(here) for term in driven))


def _sum(fields: tuple[Field, ...], m: Array) -> Array:
    total = None
    for field in fields:
        part = field(m)
        total = part if total is None else total + part
    return jnp.zeros_like(m) if total is None else jnp.broadcast_to(total, m.shape)
