"""Equations of motion: each gives the vector field that diffrax's solvers and ours integrate."""

from magjax.dynamics.base import AbstractDynamics as AbstractDynamics
from magjax.dynamics.d_term import DTerm as DTerm
from magjax.dynamics.eddy import EddyDamping as EddyDamping
from magjax.dynamics.inertial import Inertial as Inertial
from magjax.dynamics.langevin import Langevin as Langevin
from magjax.dynamics.langevin import LangevinTerm as LangevinTerm
from magjax.dynamics.llg import LLG as LLG
from magjax.dynamics.llg import SpinTerm as SpinTerm
from magjax.dynamics.llg import gilbert_from_landau_lifshitz as gilbert_from_landau_lifshitz
from magjax.dynamics.llg import landau_lifshitz_from_gilbert as landau_lifshitz_from_gilbert
from magjax.dynamics.radiation import Radiation as Radiation
