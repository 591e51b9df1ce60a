"""Energy terms, one per file; each declares its parameters, density and field together."""

from magjax.energy.base import AbstractEnergy as AbstractEnergy
from magjax.energy.base import AbstractField as AbstractField
from magjax.energy.base import AbstractInduced as AbstractInduced
from magjax.energy.base import EnergyTerm as EnergyTerm
from magjax.energy.base import Sum as Sum
from magjax.energy.coupling import Coupling as Coupling
from magjax.energy.cubic import CubicAnisotropy as CubicAnisotropy
from magjax.energy.exchange import Exchange as Exchange
from magjax.energy.interlayer import InterlayerExchange as InterlayerExchange
from magjax.energy.magnetoelastic import Magnetoelastic as Magnetoelastic
from magjax.energy.oersted_pillar import OerstedPillar as OerstedPillar
from magjax.energy.uniaxial import UniaxialAnisotropy as UniaxialAnisotropy
from magjax.energy.zeeman import Zeeman as Zeeman
