"""Distributions of precession frequencies: continuous, discrete, tabulated, mixed."""

from magjax.kinetics.frequencies.base import AbstractDensity as AbstractDensity
from magjax.kinetics.frequencies.base import AbstractFrequencies as AbstractFrequencies
from magjax.kinetics.frequencies.discrete import Discrete as Discrete
from magjax.kinetics.frequencies.discrete import equidistant as equidistant
from magjax.kinetics.frequencies.gaussian import Gaussian as Gaussian
from magjax.kinetics.frequencies.lorentzian import Lorentzian as Lorentzian
from magjax.kinetics.frequencies.mixture import Mixture as Mixture
from magjax.kinetics.frequencies.rectangular import Rectangular as Rectangular
from magjax.kinetics.frequencies.tabulated import Tabulated as Tabulated
from magjax.kinetics.frequencies.tabulated import tabulate as tabulate
