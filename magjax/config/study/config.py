"""The whole of a configuration that studies a model other than a mesh of spins."""

from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.config import Scan
from magjax.config.model import Flag, Model, choose
from magjax.config.study.base import AbstractStudy, kinds
from magjax.config.sweep_design import SweepTable


class StudyOutput(Model):
    """`[output]` of a study; its data are always written.

    - `pictures`: whether to draw them.
    """

    pictures: Flag = True


class StudyConfig(Model):
    """A configuration with the table `[study]`.

    - `title`: one line of text. `precision`: "double" unless given.
    - `study`: what is computed; its key `kind` says which other keys there are.
    - `output`: what is written. `scan`: lists of values by dotted key; every combination is run.
    - `sweep`: points that `magjax sweep` runs.
    """

    title: str = ""
    precision: Literal["single", "double"] = "double"
    study: Annotated[Any, BeforeValidator(choose("kind", kinds))]
    output: StudyOutput = StudyOutput()
    scan: Scan = pydantic.Field(default_factory=dict)
    sweep: SweepTable | None = None

    @property
    def model(self) -> AbstractStudy:
        """The study."""
        return self.study
