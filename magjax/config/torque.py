"""`[torque.NAME]`: the torques of currents, in the stages that evolve."""

import abc
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.drive import Drive, build_drive
from magjax.config.errors import Problem, at
from magjax.config.model import Model, as_list
from magjax.config.parameter import AxisField, Site, Value, scalar, vector

DriftVelocity = Annotated[Value, BeforeValidator(vector("m/s"))]
Current = Annotated[Value, BeforeValidator(vector("A/m2"))]
CurrentAcross = Annotated[Value, BeforeValidator(scalar("A/m2"))]
Fraction = Annotated[Value, BeforeValidator(scalar("", minimum=0, maximum=1, hint="a polarisation is a fraction"))]
Ratio = Annotated[Value, BeforeValidator(scalar(""))]
Asymmetry = Annotated[Value, BeforeValidator(scalar("", minimum=0))]
Thickness = Annotated[Value, BeforeValidator(scalar("m", above=0, maximum=1e-3, hint="did you mean nm?"))]


class AbstractTorqueConfig(Model, abc.ABC):
    """A table that builds one torque."""

    @abc.abstractmethod
    def build(self, site: Site) -> Any:
        """The torque."""


def _driven(value: Value, drive: Drive | None, site: Site) -> Any:
    built = value.build(site)
    return built if drive is None else build_drive(drive, site) * built


class ZhangLi(AbstractTorqueConfig):
    """`u`: drift velocity, m/s, or `j`: current density, A/m², with its polarisation `P`; `beta`; `drive`: in time."""

    u: DriftVelocity | None = None
    j: Current | None = None
    P: Fraction | None = None
    beta: Ratio = Value(0.0, False)
    drive: Drive | None = None

    @pydantic.model_validator(mode="after")
    def _one_current(self) -> "ZhangLi":
        if (self.u is None) == (self.j is None):
            raise Problem("must have exactly one of `u` (m/s) and `j` (A/m²): they are one current.")
        if (self.j is None) != (self.P is None):
            raise Problem("must be given with `j`, and only then.", "P")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        beta = self.beta.build(site)
        if self.u is not None:
            return mj.ZhangLi(_driven(self.u, self.drive, site), beta=beta)
        j, P = (value and value.build(site) for value in (self.j, self.P))
        return mj.ZhangLi(j=j if self.drive is None else build_drive(self.drive, site) * j, P=P, beta=beta)


class Slonczewski(AbstractTorqueConfig):
    """`j` along +z, A/m²; `p` of a layer `fixed` at "top" or "bottom"; `P`, `Lambda`, `epsilon_prime`, `thickness`."""

    j: CurrentAcross
    p: AxisField
    P: Fraction
    thickness: Thickness
    Lambda: Asymmetry = Value(1.0, False)
    epsilon_prime: Ratio = Value(0.0, False)
    fixed: Literal["top", "bottom"] = "top"
    drive: Drive | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        given = {name: getattr(self, name).build(site) for name in ("p", "P", "thickness", "Lambda", "epsilon_prime")}
        return mj.Slonczewski(_driven(self.j, self.drive, site), fixed=self.fixed, **given)


class SpinOrbit(AbstractTorqueConfig):
    """`j` in the heavy metal, A/m², `p` of the spins that enter; `theta_SH`, `theta_FL`, `thickness`; `drive`."""

    j: CurrentAcross
    p: AxisField
    theta_SH: Ratio
    thickness: Thickness
    theta_FL: Ratio = Value(0.0, False)
    drive: Drive | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        given = {name: getattr(self, name).build(site) for name in ("p", "theta_SH", "thickness", "theta_FL")}
        return mj.SpinOrbit(_driven(self.j, self.drive, site), **given)


class TorquesConfig(Model):
    """`[torque]`: the torques by name. Those that occur several times are given as `[[torque.zhang_li]]`."""

    zhang_li: Annotated[tuple[ZhangLi, ...], BeforeValidator(as_list)] = ()
    slonczewski: Annotated[tuple[Slonczewski, ...], BeforeValidator(as_list)] = ()
    spin_orbit: Annotated[tuple[SpinOrbit, ...], BeforeValidator(as_list)] = ()

    def terms(self) -> Iterator[tuple[str, AbstractTorqueConfig]]:
        """The torques with their names."""
        for name in type(self).model_fields:
            for torque in getattr(self, name):
                yield name, torque

    def replaced_by(self, other: "TorquesConfig") -> "TorquesConfig":
        """These torques, where `other` has one of the same name replaced by that one."""
        return self.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})

    def join(self, system: Any, site: Site, place: tuple[Any, ...] = ()) -> Any:
        """A system with these torques."""
        for name, config in self.terms():
            with at(*place, "torque", name):
                system = system + config.build(site)
        return system
