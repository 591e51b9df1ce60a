"""What an energy is: a density in J/m³, from which the effective field and everything else follows."""

import abc
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.material.description import numbered
from magjax.material.sample import Sample
from magjax.numerics.sphere import dot


class AbstractField(eqx.Module):
    """The effective field of one energy on one sample, ready for use at every stage of a solver.

    Calling it with unit vectors `m`, `(3, nz, ny, nx)`, gives B_eff = −(1/Ms) δE/δm in T, the same shape.
    """

    @abc.abstractmethod
    def __call__(self, m: Array) -> Array:
        """B_eff in T for the unit vectors `m`."""

    @abc.abstractmethod
    def bound(self) -> Array:
        """An upper bound of the field's operator norm, T: how fast, at most, it can make a spin turn (in units of γ).

        Explicit solvers size their steps by it. 0 when nothing is known: then error control alone has to find the step.
        """


class AbstractEnergy(eqx.Module):
    """One or several energy terms. `+` composes them, `sum([...])` too.

    `is_nonlocal` says that the field couples every cell to every other: expensive and smooth, so a multirate
    solver evaluates it less often than the local terms. `of_magnetisation` says that the energy knows the spins by the
    product Ms m alone, so that it acts on the net magnetisation of sublattices as on that of a ferromagnet. `units` are
    those of the parameters, by name, for printing.
    """

    is_nonlocal: ClassVar[bool] = False
    of_magnetisation: ClassVar[bool] = False
    units: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def energy_density(self, m: Array, sample: Sample) -> Array:
        """Energy density of each cell in J/m³, `(nz, ny, nx)`, for the unit vectors `m`."""

    @abc.abstractmethod
    def prepare(self, sample: Sample) -> AbstractField:
        """The field of this energy on `sample`, with everything that does not depend on `m` computed once."""

    @property
    def name(self) -> str:
        """The term's name in tables, configs and messages: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def field(self, m: Array, sample: Sample) -> Array:
        """Effective field B_eff = −(1/Ms) δE/δm in T, `(3, nz, ny, nx)`; exactly 0 in empty cells."""
        field = jnp.broadcast_to(self.prepare(sample)(m), m.shape)
        return field if sample.occupied is None else jnp.where(sample.occupied[None], field, 0)

    def energy(self, m: Array, sample: Sample) -> Array:
        """Energy in J."""
        # The volume in two factors: 1e-27 m³ times a density stays clear of float32's underflow either way, a
        # product of the densities' gradient with it would not.
        return jnp.sum(sample.only_occupied(self.energy_density(m, sample))) * sample.mesh.cell_volume

    def __add__(self, other: "AbstractEnergy") -> "Sum":
        if not isinstance(other, AbstractEnergy):
            return NotImplemented
        return Sum((*terms_of(self), *terms_of(other)))

    def __radd__(self, other: Any) -> "AbstractEnergy":
        return self if other == 0 else NotImplemented


class AbstractInduced(AbstractEnergy):
    """An energy whose field is costly to compute from what causes it, though only factors of it may depend on time."""

    @abc.abstractmethod
    def induced(self, sample: Sample) -> AbstractEnergy:
        """The same energy on `sample` with all that does not depend on time computed; drives are left to follow."""


class EnergyTerm(AbstractEnergy):
    """An energy of your own, from its density alone; the field follows by autodiff.

    B_eff = −(1/Ms) ∂(Σ_cells density)/∂m, exact for densities that couple cells, too. Parameters declared as fields
    may be anything a parameter can be; `sample.value(...)` and `sample.vector(...)` turn them into arrays.

    >>> import jax, magjax as mj
    >>> class Sextic(mj.EnergyTerm):
    ...     K: jax.Array
    ...     def energy_density(self, m, sample):
    ...         return sample.value(self.K) * m[2] ** 6
    >>> mesh = mj.Mesh((4, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=Sextic(K=mj.parameter(1e4)))
    >>> float(film.field(mj.textures.uniform(mesh, (0, 0, 1)))[2, 0, 0, 0]) / (-6 * 1e4 / 8e5)  # doctest: +ELLIPSIS
    1.0...
    """

    def prepare(self, sample: Sample) -> AbstractField:
        """The field by reverse-mode autodiff of the density."""
        return AutodiffField(self, sample)


class AutodiffField(AbstractField):
    """−(1/Ms) ∂E/∂m of a density, by autodiff."""

    term: AbstractEnergy
    sample: Sample

    def __call__(self, m: Array) -> Array:
        def total(spins: Array) -> Array:
            return jnp.sum(self.sample.only_occupied(self.term.energy_density(spins, self.sample)))

        slope = jax.grad(total)(m)
        inverse = self.sample.inverse_Ms
        return -slope * (inverse if inverse.ndim == 0 else inverse[None])

    def bound(self) -> Array:
        return jnp.zeros((), self.sample.dtype)


class Sum(AbstractEnergy):
    """Several energy terms; `exchange + demag` makes one.

    - `terms`: the terms, none of them a sum.

    >>> import magjax as mj
    >>> (mj.Exchange(A=1.3e-11) + mj.Zeeman(B=(0, 0, 0.1))).names
    ('exchange', 'zeeman')
    """

    terms: tuple[AbstractEnergy, ...]

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """Sum of the terms' densities, J/m³."""
        total = jnp.zeros(sample.mesh.shape, m.dtype)
        for term in self.terms:
            total = total + jnp.broadcast_to(term.energy_density(m, sample), sample.mesh.shape)
        return total

    def prepare(self, sample: Sample) -> AbstractField:
        """Sum of the terms' fields."""
        return SumField(tuple(term.prepare(sample) for term in self.terms))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, numbered where a kind occurs twice: `zeeman`, `zeeman_2`."""
        return numbered(term.name for term in self.terms)

    def __iter__(self) -> Iterator[AbstractEnergy]:
        return iter(self.terms)


class SumField(AbstractField):
    """Sum of fields."""

    fields: tuple[AbstractField, ...]

    def __call__(self, m: Array) -> Array:
        if not self.fields:
            return jnp.zeros_like(m)
        total = self.fields[0](m)
        for field in self.fields[1:]:
            total = total + field(m)
        return jnp.broadcast_to(total, m.shape)

    def bound(self) -> Array:
        return sum((field.bound() for field in self.fields), start=jnp.zeros(()))


def quadratic_density(field: Array, m: Array, sample: Sample) -> Array:
    """Density −½ Ms m·B in J/m³ of an energy quadratic in m whose field is `field`."""
    return -sample.Ms * dot(m, field) / 2


def terms_of(energy: AbstractEnergy) -> tuple[AbstractEnergy, ...]:
    """The single terms of an energy.

    **Raises** `TypeError` for what is none.
    """
    if not isinstance(energy, AbstractEnergy):
        given = f"the class `{energy.__name__}`" if isinstance(energy, type) else repr(energy)
        raise TypeError(
            f"Argument `energy` must be an energy, such as `mj.Exchange(A=1.3e-11)`, or several joined by `+`, but got "
            f"{given}."
        )
    return cast("Sum", energy).terms if isinstance(energy, Sum) else (energy,)
