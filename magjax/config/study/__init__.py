"""Studies: configurations of models other than a mesh of spins, one kind in each module, named as it is."""

from magjax.config.study.base import AbstractStudy as AbstractStudy
from magjax.config.study.base import Findings as Findings
