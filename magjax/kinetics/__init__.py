"""Thermally activated magnetism: master equations, Fokker–Planck, rates over barriers, viscosity, coercivity."""

from magjax.kinetics import frequencies as frequencies
from magjax.kinetics.dephasing import Signal as Signal
from magjax.kinetics.dephasing import macrospins as macrospins
from magjax.kinetics.dephasing import signal as signal
from magjax.kinetics.dissipation import entropy_production as entropy_production
from magjax.kinetics.dissipation import free_energy as free_energy
from magjax.kinetics.first_passage import mean_first_passage as mean_first_passage
from magjax.kinetics.ink_drop import Stirred as Stirred
from magjax.kinetics.ink_drop import Twist as Twist
from magjax.kinetics.ink_drop import coarse_entropy as coarse_entropy
from magjax.kinetics.ink_drop import drop as drop
from magjax.kinetics.ink_drop import stir as stir
from magjax.kinetics.master import MasterEquation as MasterEquation
from magjax.kinetics.master import rate_matrix as rate_matrix
from magjax.kinetics.master import stationary as stationary
from magjax.kinetics.master_spectrum import relaxation_rates as relaxation_rates
from magjax.kinetics.motion import AbstractMotion as AbstractMotion
from magjax.kinetics.motion import Bloch as Bloch
from magjax.kinetics.motion import Damped as Damped
from magjax.kinetics.populations import Populations as Populations
from magjax.kinetics.populations import evolve_populations as evolve_populations
from magjax.kinetics.pulse import Pulse as Pulse
from magjax.kinetics.pulse import pulse_train as pulse_train
from magjax.kinetics.recurrence import Returns as Returns
from magjax.kinetics.recurrence import coarse_grained as coarse_grained
from magjax.kinetics.recurrence import returns as returns
