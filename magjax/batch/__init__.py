"""Thousands of simulations at once: ensembles of replicas and parameters, and statistics without trajectories."""

from magjax.batch.design import Design as Design
from magjax.batch.ensemble import ensemble as ensemble
from magjax.batch.result import Ensemble as Ensemble
from magjax.batch.statistics import Autocorrelation as Autocorrelation
from magjax.batch.statistics import Course as Course
from magjax.batch.statistics import FirstPassage as FirstPassage
from magjax.batch.statistics import Histogram as Histogram
from magjax.batch.statistics import Mean as Mean
from magjax.batch.statistics import Record as Record
