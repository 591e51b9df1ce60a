"""Ready models: laws whose parameters people measure."""

from magjax.fit.models.antiferromagnet import AntiferromagneticResonance as AntiferromagneticResonance
from magjax.fit.models.base import AbstractLaw as AbstractLaw
from magjax.fit.models.relaxation import Relaxation as Relaxation
from magjax.fit.models.resonance import Resonance as Resonance
from magjax.fit.models.sharrock import Sharrock as Sharrock
from magjax.fit.models.stoner_wohlfarth import StonerWohlfarth as StonerWohlfarth
from magjax.fit.models.viscosity import Viscosity as Viscosity
from magjax.fit.models.waves import SpinWaves as SpinWaves
