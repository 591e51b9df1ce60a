"""Distributions of energy barriers: bells, evenly spread, heavy tails, measured, mixed."""

from magjax.kinetics.barriers.base import AbstractBarriers as AbstractBarriers
from magjax.kinetics.barriers.gamma import Gamma as Gamma
from magjax.kinetics.barriers.log_normal import LogNormal as LogNormal
from magjax.kinetics.barriers.lorentzian import Lorentzian as Lorentzian
from magjax.kinetics.barriers.mixture import Mixture as Mixture
from magjax.kinetics.barriers.normal import Normal as Normal
from magjax.kinetics.barriers.tabulated import Tabulated as Tabulated
from magjax.kinetics.barriers.tabulated import tabulate as tabulate
from magjax.kinetics.barriers.uniform import Uniform as Uniform
