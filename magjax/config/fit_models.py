"""Ready models of `magjax.fit` in a configuration: one table for each, with units on every quantity."""

import abc
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator

from magjax.config.barriers import Barriers
from magjax.config.model import Angle, Count, Duration, Flag, Length, Model, Number, Positive, Tesla, number

if TYPE_CHECKING:
    from magjax.fit import AbstractLaw

Component = Annotated[float, BeforeValidator(number("", minimum=-1, maximum=1, hint="it is m_z of a unit vector"))]
Magnetization = Annotated[float, BeforeValidator(number("A/m", above=0, hint="did you give T for A/m?"))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3"))]
Stiffness = Annotated[float, BeforeValidator(number("J/m", above=0, maximum=1e-9, hint="did you mean pJ/m?"))]
Attempt = Annotated[float, BeforeValidator(number("s", above=0, maximum=1e-3, hint="did you mean ns?"))]
Exponent = Annotated[float, BeforeValidator(number("", minimum=1, maximum=4))]


class LawTable(Model, abc.ABC):
    """A table `[fit.model]`: values with which the fit starts, or which it leaves alone.

    - `needs`: which inputs the data must hold, as alternatives.
    """

    kind: str
    needs: ClassVar[tuple[tuple[str, ...], ...]]

    @abc.abstractmethod
    def build(self) -> "AbstractLaw":
        """The model."""


class RelaxationTable(LawTable):
    """`kind = "relaxation"`: m(t) of a damped macrospin in a field along z, from m_z = `start`."""

    kind: Literal["relaxation"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("t",),)
    alpha: Positive
    B: Tesla
    start: Component
    azimuth: Angle = 0.0

    def build(self) -> "AbstractLaw":
        from magjax.fit import Relaxation

        return Relaxation(self.alpha, self.B, self.start, self.azimuth)


class SharrockTable(LawTable):
    """`kind = "sharrock"`: Hc against waiting `time` or sweep `rate`."""

    kind: Literal["sharrock"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("time",), ("rate",))
    H0: Magnetization
    xi: Positive
    tau0: Attempt = 1e-9
    m: Exponent = 1.5
    exact: Flag = False

    def build(self) -> "AbstractLaw":
        from magjax.fit import Sharrock

        return Sharrock(self.H0, self.xi, self.tau0, self.m, exact=self.exact)


class ViscosityTable(LawTable):
    """`kind = "viscosity"`: M and S against time and temperature, over `barriers`."""

    kind: Literal["viscosity"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("t", "T"),)
    barriers: Barriers
    Ms: Magnetization
    tau0: Attempt = 1e-9

    def build(self) -> "AbstractLaw":
        from magjax.fit import Viscosity

        return Viscosity(self.barriers.build(), self.Ms, self.tau0)


class ResonanceTable(LawTable):
    """`kind = "resonance"`: ferromagnetic resonance of an ellipsoid, a film unless `factors` are given."""

    kind: Literal["resonance"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("f",),)
    Ms: Magnetization
    K: Anisotropy = 0.0
    K_perp: Anisotropy = 0.0
    g: Positive = 2.0023
    alpha: Positive = 0.01
    width0: Tesla = 0.0
    factors: tuple[Number, Number, Number] = (0.0, 1.0, 0.0)

    def build(self) -> "AbstractLaw":
        from magjax.fit import Resonance

        return Resonance(self.Ms, self.K, self.K_perp, self.g, self.alpha, self.width0, self.factors)


class SpinWavesTable(LawTable):
    """`kind = "spin_waves"`: frequencies of the lowest mode of a film."""

    kind: Literal["spin_waves"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("k",),)
    A: Stiffness
    Ms: Magnetization
    thickness: Length
    B: Tesla = 0.0
    K: Anisotropy = 0.0

    def build(self) -> "AbstractLaw":
        from magjax.fit import SpinWaves

        return SpinWaves(self.A, self.Ms, self.thickness, self.B, self.K)


class AntiferromagnetTable(LawTable):
    """`kind = "antiferromagnetic_resonance"`: both resonances and the spin flop."""

    kind: Literal["antiferromagnetic_resonance"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("B",),)
    B_E: Annotated[float, BeforeValidator(number("T", above=0))]
    B_A: Annotated[float, BeforeValidator(number("T", above=0))]
    g: Positive = 2.0

    def build(self) -> "AbstractLaw":
        from magjax.fit import AntiferromagneticResonance

        return AntiferromagneticResonance(self.B_E, self.B_A, self.g)


class StonerWohlfarthTable(LawTable):
    """`kind = "stoner_wohlfarth"`: a major loop of particles with a texture, in the order of its measurement."""

    kind: Literal["stoner_wohlfarth"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("H",),)
    HK: Magnetization
    Ms: Magnetization
    sigma: Positive = 0.2
    kappa: Number = 0.0
    density: tuple[Positive, ...] = (1.0,)

    def build(self) -> "AbstractLaw":
        from magjax.fit import StonerWohlfarth

        return StonerWohlfarth(self.HK, self.Ms, self.sigma, self.kappa, self.density)


class MaterialMapTable(LawTable):
    """`kind = "material_map"`: pictures of a film whose spins start as a helix; A, K, Ms differ from cell to cell."""

    kind: Literal["material_map"]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("x", "y", "t"),)
    cells: tuple[Count, Count]
    cell_size: tuple[Length, Length, Length]
    A: Stiffness
    Ms: Magnetization
    alpha: Positive
    K: Anisotropy = 0.0
    B: tuple[Tesla, Tesla, Tesla] = (0.0, 0.0, 0.0)
    period: tuple[Length, Length]
    times: tuple[Duration, ...]

    def build(self) -> "AbstractLaw":
        from magjax.fit import MaterialMap
        from magjax.mesh import Mesh

        mesh = Mesh((*self.cells, 1), self.cell_size)
        return MaterialMap(
            mesh, A=self.A, Ms=self.Ms, alpha=self.alpha, K=self.K, B=self.B, period=self.period, times=self.times
        )


LAWS: dict[str, Any] = {
    "relaxation": RelaxationTable,
    "sharrock": SharrockTable,
    "viscosity": ViscosityTable,
    "resonance": ResonanceTable,
    "spin_waves": SpinWavesTable,
    "antiferromagnetic_resonance": AntiferromagnetTable,
    "material_map": MaterialMapTable,
    "stoner_wohlfarth": StonerWohlfarthTable,
}
