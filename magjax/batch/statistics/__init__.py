"""Statistics that grow as an ensemble goes along: means, courses, histograms, first passages, autocorrelations."""

from magjax.batch.statistics.autocorrelation import Autocorrelation as Autocorrelation
from magjax.batch.statistics.base import AbstractStatistic as AbstractStatistic
from magjax.batch.statistics.course import Course as Course
from magjax.batch.statistics.first_passage import FirstPassage as FirstPassage
from magjax.batch.statistics.histogram import Histogram as Histogram
from magjax.batch.statistics.mean import Mean as Mean
from magjax.batch.statistics.record import Record as Record
