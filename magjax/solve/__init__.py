"""Solvers as verbs: pure functions of a system and a state."""

from magjax.solve.eigenmodes import eigenmodes as eigenmodes
from magjax.solve.equilibrium import Equilibrium as Equilibrium
from magjax.solve.evolve import Trajectory as Trajectory
from magjax.solve.evolve import evolve as evolve
from magjax.solve.follow import Followed as Followed
from magjax.solve.follow import follow as follow
from magjax.solve.hysteresis import Loop as Loop
from magjax.solve.hysteresis import hysteresis as hysteresis
from magjax.solve.linear.modes import Modes as Modes
from magjax.solve.minimize import minimize as minimize
from magjax.solve.path import find_path as find_path
from magjax.solve.paths.energy_path import EnergyPath as EnergyPath
from magjax.solve.paths.escape import escape_rate as escape_rate
from magjax.solve.relax import relax as relax
