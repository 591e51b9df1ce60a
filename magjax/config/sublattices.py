"""`[sublattices.NAME]` and `[coupling]`: several magnetisations in the same cells, and what couples them."""

import re
from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator

from magjax.config.energy import Energies
from magjax.config.errors import Problem
from magjax.config.material import Material
from magjax.config.model import Model
from magjax.config.parameter import Damping, EnergyDensity, ExchangeStiffness, Site, Value, vector
from magjax.config.torque import TorquesConfig
from magjax.mesh import AXES

EnergyDensityVector = Annotated[Value, BeforeValidator(vector("J/m3"))]


class Sublattice(Model):
    """`[sublattices.NAME]`: one magnetisation of several in the same cells.

    - `material`: its own Ms, α and γ. `energy`: the terms that act on it alone, a staggered field among them.
    - `torque`: of currents, on it alone, in stages that evolve.
    """

    material: Material
    energy: Energies = Energies()
    torque: TorquesConfig = TorquesConfig()


class SublatticeChange(Model):
    """`sublattices = { NAME = { … } }` of a stage: what is other about one sublattice there.

    - `energy`, `torque`: terms that replace those of the same name, or join them. `alpha`: damping.
    """

    energy: Energies = Energies()
    torque: TorquesConfig = TorquesConfig()
    alpha: Damping | None = None


class CouplingConfig(Model):
    """`[coupling]`: exchange between two sublattices, or each two of them without `between`.

    - `between`: names of the two. `J`: homogeneous, J/m³, positive for antiparallel ones. `A`: inhomogeneous, J/m.
    - `D`: Dzyaloshinskii–Moriya vector, J/m³.
    """

    between: tuple[str, str] | None = None
    J: EnergyDensity | None = None
    A: ExchangeStiffness | None = None
    D: EnergyDensityVector | None = None

    @pydantic.model_validator(mode="after")
    def _couples(self) -> "CouplingConfig":
        if self.J is None and self.A is None and self.D is None:
            raise Problem("must have `J` (J/m³), `A` (J/m) or `D` (J/m³): it couples nothing.")
        if self.between is not None and self.between[0] == self.between[1]:
            raise Problem(f"must name two sublattices, but got {self.between[0]!r} twice.", "between")
        return self

    def build(self, site: Site) -> Any:
        """The coupling."""
        import magjax as mj

        given = {name: getattr(self, name) for name in ("J", "A", "D")}
        return mj.Coupling(**{name: value.build(site) for name, value in given.items() if value is not None})


def named(value: Any) -> Any:
    """A reader of tables by sublattice: at least two, with names that columns and files can bear."""
    if not isinstance(value, dict):
        raise Problem(f"must be tables by name, such as [sublattices.a], but got {value!r}.")
    if len(value) < 2:
        raise Problem(f"must be at least two, but got {list(value)}; one alone is given by [material] and [energy].")
    for name in value:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", str(name)):
            raise Problem(f"must have names of letters and digits, which columns and files bear, but got {name!r}.")
        if name in AXES:
            raise Problem(f"must not have the name of an axis, but got {name!r}: `m_{name}` is a component of ⟨m⟩.")
    return value


#: `[sublattices]`, in their order; none of a ferromagnet.
Sublattices = Annotated[dict[str, Sublattice], BeforeValidator(named)]
