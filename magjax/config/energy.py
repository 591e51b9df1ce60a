"""`[energy.NAME]`: the energy terms, each under the name that it has in tables."""

import abc
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.between import Constants, Stiffnesses, by_pair
from magjax.config.drive import AbstractWaveformConfig, Drive, build_drive
from magjax.config.errors import Problem, at
from magjax.config.model import Direction, Length, Model, Natural, Point, as_list, number
from magjax.config.parameter import (
    AxisField,
    EnergyDensity,
    ExchangeStiffness,
    FieldB,
    FieldH,
    Site,
    SurfaceDensity,
    Value,
    vector,
)
from magjax.mesh import Axis

Strain = Annotated[Value, BeforeValidator(vector(""))]
CurrentDensity = Annotated[Value, BeforeValidator(vector("A/m2"))]
Current = Annotated[float, BeforeValidator(number("A", minimum=-1e3, maximum=1e3, hint="did you mean mA?"))]


#: Each copy is a sum over all cells: more of them would take longer than anyone waits, and be no better than endless.
_MOST_COPIES = 10_000


def _copies(value: Any) -> float:
    if value in (math.inf, "inf"):
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int):
        raise Problem(f"must be a whole number ≥ 0, or inf for endlessly many copies, but got {value!r}.")
    if value < 0:
        raise Problem(f"must be ≥ 0, but got {value}.")
    if value > _MOST_COPIES:
        raise Problem(f"must be at most {_MOST_COPIES:,}, but got {value:,}; inf is for endlessly many.")
    return value


Copies = Annotated[float, pydantic.Field(allow_inf_nan=True), BeforeValidator(_copies)]


def driven(value: Value, drive: tuple[AbstractWaveformConfig, ...] | None, site: Site) -> Any:
    """A parameter, times its course in time where it has one."""
    built = value.build(site)
    return built if drive is None else build_drive(drive, site) * built


class AbstractTerm(Model, abc.ABC):
    """A table that builds one energy term."""

    @abc.abstractmethod
    def build(self, site: Site) -> Any:
        """The term."""


class Exchange(AbstractTerm):
    """`A`: exchange stiffness, J/m; `between`: other stiffnesses where two regions meet, or factors of theirs."""

    A: ExchangeStiffness
    between: Stiffnesses = ()

    def build(self, site: Site) -> Any:
        import magjax as mj

        return mj.Exchange(self.A.build(site), **by_pair(self.between, site))


class UniaxialAnisotropy(AbstractTerm):
    """`K`, `K2`: constants, J/m³; `axis`: its direction."""

    K: EnergyDensity
    axis: AxisField
    K2: EnergyDensity | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        second = None if self.K2 is None else self.K2.build(site)
        return mj.UniaxialAnisotropy(self.K.build(site), self.axis.build(site), K2=second)


class CubicAnisotropy(AbstractTerm):
    """`Kc1`, `Kc2`, `Kc3`: constants, J/m³; `axis1`, `axis2`: two of the crystal's axes."""

    Kc1: EnergyDensity
    Kc2: EnergyDensity | None = None
    Kc3: EnergyDensity | None = None
    axis1: AxisField | None = None
    axis2: AxisField | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        given = {key: getattr(self, key) for key in ("Kc2", "Kc3", "axis1", "axis2")}
        options = {key: value.build(site) for key, value in given.items() if value is not None}
        return mj.CubicAnisotropy(self.Kc1.build(site), **options)


class DMI(AbstractTerm):
    """`D`, J/m²; `kind` = "interfacial" (with its `normal`), "bulk" or "D2d"; `boundary` = "open", or "free" with `A`.

    `between`: other constants where two regions meet, or factors of theirs.
    """

    D: SurfaceDensity
    kind: Literal["interfacial", "bulk", "D2d"]
    normal: Direction | None = None
    boundary: Literal["open", "free"] = "open"
    A: ExchangeStiffness | None = None
    between: Constants = ()

    @pydantic.model_validator(mode="after")
    def _stiffness_where_free(self) -> "DMI":
        if self.boundary == "free" and self.A is None:
            raise Problem("must be given where `boundary` is 'free': exchange is what bends the spins there.", "A")
        if self.boundary == "open" and self.A is not None:
            raise Problem("has no meaning where `boundary` is 'open'; did you mean `boundary` = 'free'?", "A")
        return self

    @pydantic.model_validator(mode="after")
    def _normal_of_a_film(self) -> "DMI":
        if self.kind != "interfacial" and self.normal is not None:
            raise Problem(f"has no meaning with `kind` = {self.kind!r}; did you mean 'interfacial'?", "normal")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        return mj.DMI(
            self.D.build(site),
            self.kind,
            normal=self.normal,
            boundary=self.boundary,
            A=None if self.A is None else self.A.build(site),
            **by_pair(self.between, site),
        )


class InterlayerExchange(AbstractTerm):
    """`J1`, `J2`: bilinear and biquadratic, J/m²; `layers`: the numbers of two layers of cells along `axis`."""

    J1: SurfaceDensity | None = None
    J2: SurfaceDensity | None = None
    layers: tuple[Natural, Natural]
    axis: Axis = "z"

    @pydantic.model_validator(mode="after")
    def _couples(self) -> "InterlayerExchange":
        if self.J1 is None and self.J2 is None:
            raise Problem("must have `J1` or `J2`: it couples nothing.")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        J1, J2 = (0.0 if J is None else J.build(site) for J in (self.J1, self.J2))
        return mj.InterlayerExchange(J1, J2, layers=self.layers, axis=self.axis)


class Magnetoelastic(AbstractTerm):
    """`B1`, `B2`: J/m³; `strain`: ε_xx, ε_yy, ε_zz; `shear`: ε_xy, ε_xz, ε_yz; `drive`: their course in time.

    `axis1`, `axis2`: two of the crystal's axes, where they are not those of the mesh.
    """

    B1: EnergyDensity
    B2: EnergyDensity | None = None
    strain: Strain | None = None
    shear: Strain | None = None
    axis1: AxisField | None = None
    axis2: AxisField | None = None
    drive: Drive | None = None

    @pydantic.model_validator(mode="after")
    def _strained(self) -> "Magnetoelastic":
        if self.strain is None and self.shear is None:
            raise Problem("must have `strain` or `shear`: spins couple to it.")
        if self.B2 is None and any(x is not None for x in (self.shear, self.axis1, self.axis2)):
            raise Problem("must be given with `shear` or turned axes: it is what couples the spins to shear.", "B2")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        strains = {key: getattr(self, key) for key in ("strain", "shear")}
        options = {key: driven(value, self.drive, site) for key, value in strains.items() if value is not None}
        others = {key: getattr(self, key) for key in ("B2", "axis1", "axis2")}
        options |= {key: value.build(site) for key, value in others.items() if value is not None}
        return mj.Magnetoelastic(self.B1.build(site), **options)


class Oersted(AbstractTerm):
    """`j`: current density, A/m², whose field acts; `drive`: its course in time; `images`: as in `[energy.demag]`.

    Copies along periodic axes are endless unless given.
    """

    j: CurrentDensity
    drive: Drive | None = None
    images: tuple[Copies, Copies, Copies] | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        return mj.Oersted(site.mesh, driven(self.j, self.drive, site), images=self.images)


class OerstedPillar(AbstractTerm):
    """`I`: current, A, through a long round pillar of `radius`, m, along `axis`; `center`, m; `drive`."""

    I: Current  # noqa: E741 a current has no other name
    radius: Length
    center: Point | None = None
    axis: Axis = "z"
    drive: Drive | None = None

    def build(self, site: Site) -> Any:
        import magjax as mj

        current = self.I if self.drive is None else build_drive(self.drive, site) * self.I
        return mj.OerstedPillar(current, self.radius, center=self.center, axis=self.axis)


class Zeeman(AbstractTerm):
    """`B`: external field, T, or `H`, A/m; `drive`: its course in time."""

    B: FieldB | None = None
    H: FieldH | None = None
    drive: Drive | None = None

    @pydantic.model_validator(mode="after")
    def _one_of_two(self) -> "Zeeman":
        if (self.B is None) == (self.H is None):
            raise Problem("must have exactly one of `B` (T) and `H` (A/m): they are one field.")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        field = self.B.build(site) if self.B is not None else self.H and self.H.build(site, constants.MU0)
        return mj.Zeeman(B=field if self.drive is None else build_drive(self.drive, site) * field)


class Demag(AbstractTerm):
    """`images`: copies of the sample on either side along x, y, z where it is periodic; inf for endlessly many."""

    images: tuple[Copies, Copies, Copies] | None = None

    @pydantic.model_validator(mode="after")
    def _finite(self) -> "Demag":
        if self.images is not None and self.images.count(math.inf) == 3:
            raise Problem("must be finite along one axis at least: no field of a full space is unique.", "images")
        return self

    def build(self, site: Site) -> Any:
        import magjax as mj

        return mj.Demag(site.mesh, images=self.images)


class Energies(Model):
    """`[energy]`: the terms by name. Terms that may occur several times are given as `[[energy.zeeman]]`."""

    exchange: Exchange | None = None
    uniaxial_anisotropy: Annotated[tuple[UniaxialAnisotropy, ...], BeforeValidator(as_list)] = ()
    cubic_anisotropy: Annotated[tuple[CubicAnisotropy, ...], BeforeValidator(as_list)] = ()
    dmi: Annotated[tuple[DMI, ...], BeforeValidator(as_list)] = ()
    interlayer_exchange: Annotated[tuple[InterlayerExchange, ...], BeforeValidator(as_list)] = ()
    magnetoelastic: Annotated[tuple[Magnetoelastic, ...], BeforeValidator(as_list)] = ()
    oersted: Annotated[tuple[Oersted, ...], BeforeValidator(as_list)] = ()
    oersted_pillar: Annotated[tuple[OerstedPillar, ...], BeforeValidator(as_list)] = ()
    zeeman: Annotated[tuple[Zeeman, ...], BeforeValidator(as_list)] = ()
    demag: Demag | None = None

    def terms(self) -> Iterator[tuple[str, AbstractTerm]]:
        """The terms with their names."""
        for name in type(self).model_fields:
            given = getattr(self, name)
            for term in given if isinstance(given, tuple) else (given,):
                if term is not None:
                    yield name, term

    def replaced_by(self, other: "Energies") -> "Energies":
        """These terms, where `other` has a term of the same name replaced by that one."""
        given = {name: getattr(other, name) for name in other.model_fields_set}
        return self.model_copy(update=given)

    def build(self, site: Site, cache: list[tuple[AbstractTerm, Any]], place: tuple[str, ...] = ()) -> Any:
        """The sum of the terms. Those in `cache`, as pairs of configuration and term, are not built again."""
        from magjax.energy.base import Sum

        built = []
        for name, config in self.terms():
            term = next((term for known, term in cache if known is config), None)
            if term is None:
                with at(*place, "energy", name):
                    term = config.build(site)
                cache.append((config, term))
            built.append(term)
        return Sum(tuple(built))
