"""What a torque is: a field that no energy stands behind."""

import abc
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

import equinox as eqx
from jaxtyping import Array

from magjax import constants
from magjax.material.description import numbered
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample


class AbstractTorqueField(eqx.Module):
    """A torque on one sample, ready for use: called with unit vectors `m`, it gives its field b in T, alike."""

    @abc.abstractmethod
    def __call__(self, m: Array) -> Array:
        """The field b in T for the unit vectors `m`, `(3, nz, ny, nx)`; what it has along m turns nothing."""

    @abc.abstractmethod
    def bound(self) -> Array:
        """An upper bound of how strongly b depends on the spins, T: explicit solvers size their steps by it."""


class AbstractTorque(eqx.Module):
    """A torque τ beside those of energies, in Gilbert's form dm/dt = −γ m×B_eff + α m×dm/dt + τ; `+` composes.

    A torque perpendicular to m is that of a field, τ = −γ m×b with b = m×τ/γ, and b is what a subclass gives. So
    every equation of motion and every solver takes torques as it takes fields, and the explicit form gets
    (τ + α m×τ)/(1+α²), as it must. The field of no energy: `system.field` and `minimize` do not know of it.

    `units` are those of the parameters, by name, for printing.
    """

    is_nonlocal: ClassVar[bool] = False
    units: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def prepare(self, sample: Sample) -> AbstractTorqueField:
        """The torque's field on `sample`, with everything that does not depend on `m` computed once."""

    @property
    def name(self) -> str:
        """The torque's name in configs and messages: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def __add__(self, other: "AbstractTorque") -> "Torques":
        if not isinstance(other, AbstractTorque):
            return NotImplemented
        return Torques((*torques_of(self), *torques_of(other)))

    def __radd__(self, other: Any) -> "AbstractTorque":
        return self if other == 0 else NotImplemented


class Torques(AbstractTorque):
    """Several torques; `zhang_li + spin_orbit` makes one.

    - `terms`: the torques, none of them a sum.

    >>> import magjax as mj
    >>> (mj.ZhangLi(u=(50.0, 0, 0)) + mj.Slonczewski(j=1e11, p="z", P=0.5, thickness=2e-9)).names
    ('zhang_li', 'slonczewski')
    """

    terms: tuple[AbstractTorque, ...]

    def prepare(self, sample: Sample) -> AbstractTorqueField:
        """Sum of the torques' fields."""
        return SumTorqueField(tuple(term.prepare(sample) for term in self.terms))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the torques, numbered where a kind occurs twice: `zhang_li`, `zhang_li_2`."""
        return numbered(term.name for term in self.terms)

    def __iter__(self) -> Iterator[AbstractTorque]:
        return iter(self.terms)


class SumTorqueField(AbstractTorqueField):
    """Sum of torques' fields."""

    fields: tuple[AbstractTorqueField, ...]

    def __call__(self, m: Array) -> Array:
        return sum((field(m) for field in self.fields), start=0 * m)

    def bound(self) -> Array:
        return cast("Array", sum(field.bound() for field in self.fields))


def torques_of(torque: AbstractTorque) -> tuple[AbstractTorque, ...]:
    """The single torques of one."""
    return cast("Torques", torque).terms if isinstance(torque, Torques) else (torque,)


def current_density(j: Parameter) -> Parameter:
    """A current density as a parameter.

    **Raises** `ValueError` above 1e16 A/m², where every wire has evaporated.
    """
    found = parameter(j, "j")
    if largest(found) > 1e16:
        raise ValueError(f"Argument `j` must be a current density in A/m², but got {largest(found):g} A/m².")
    return found


def polarisation(P: Parameter) -> Parameter:
    """The polarisation of a current as a parameter.

    **Raises** `ValueError` outside 0 … 1.
    """
    found = parameter(P, "P", minimum=0.0, hint="turn the current round to reverse the torque")
    if largest(found) > 1:
        raise ValueError(
            f"Argument `P` must be a fraction between 0 and 1, but got {largest(found):g}; did you give %?"
        )
    return found


def layer_thickness(thickness: Parameter) -> Parameter:
    """The thickness of a layer as a parameter.

    **Raises** `ValueError` for a thickness that is not positive, or above 1 mm.
    """
    found = parameter(thickness, "thickness", minimum=0.0)
    if largest(found) > 1e-3 or (eqx.is_array(found) and largest(found) == 0):
        raise ValueError(
            f"Argument `thickness` must be a length > 0 in metres, but got {largest(found):g} m; did you give nm?"
        )
    return found


def spin_current_field(sample: Sample, j: Array, thickness: Array) -> Array:
    """ħ j/(2 e Ms t) in T: the field of a current that hands over one spin ħ/2 with each electron; 0 in empty cells.

    - `j`: A/m². `thickness`: t, m; numbers or `(nz, ny, nx)`.
    """
    # In this order no factor leaves the range of single precision.
    return (constants.HBAR / (2 * constants.E_CHARGE) * j / thickness) * sample.inverse_Ms
