"""The whole of a configuration, and the objects it stands for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config import links
from magjax.config.energy import Energies
from magjax.config.errors import ConfigError, Problem
from magjax.config.geometry import Shape
from magjax.config.initial import Initial
from magjax.config.job import Job
from magjax.config.material import Material
from magjax.config.mesh import MeshConfig
from magjax.config.model import Model, as_list
from magjax.config.output import OutputConfig
from magjax.config.solver import SolverConfig
from magjax.config.stage import Stage
from magjax.config.sublattices import CouplingConfig, Sublattices
from magjax.config.sweep_design import SweepTable
from magjax.config.torque import TorquesConfig

Precision = Literal["single", "double"]


def _keys(value: Any) -> Any:
    for key in value if isinstance(value, Mapping) else ():
        if not value[key] or not isinstance(value[key], list):
            raise Problem(f"must hold a list of values for `{key}`, but got {value[key]!r}.")
    return value


#: Lists of values by dotted key.
Scan = Annotated[dict[str, list[Any]], BeforeValidator(_keys)]


class Config(Model):
    """A configuration: what a TOML file of magjax says, checked.

    - `title`: one line of text. `precision`: "single" or "double"; by the device unless given.
    - `mesh`, `material`, `geometry`, `regions`, `energy`: the system. `torque`: of currents, in stages that evolve.
    - `sublattices`, in place of `material`: several magnetisations in the same cells, by name; `energy` then holds what
      acts on their sum. `coupling`: between them.
    - `initial`: the state to start from. `stage`: what is done, in order.
    - `solver`, `output`: how, and what is written.
    - `scan`: lists of values by dotted key; every combination is run. `compare`: two stages whose energies are compared
      along the last key of it. `sweep`: points that `magjax sweep` runs.

    >>> from magjax.config import Config
    >>> config = Config.model_validate({
    ...     "mesh": {"cells": [4, 2, 1], "cell_size": "5 nm"},
    ...     "material": {"Ms": "800 kA/m"},
    ...     "energy": {"exchange": {"A": "13 pJ/m"}},
    ...     "initial": {"texture": "uniform", "direction": "x"},
    ...     "stage": [{"kind": "minimize"}],
    ... })
    >>> config.build().system.names
    ('exchange',)
    """

    title: str = ""
    precision: Precision | None = None
    mesh: MeshConfig
    sublattices: Sublattices = pydantic.Field(default_factory=dict)
    coupling: Annotated[tuple[CouplingConfig, ...], BeforeValidator(as_list)] = ()
    material: Annotated[Material | None, pydantic.Field(validate_default=True)] = None
    geometry: Shape | None = None
    regions: dict[str, Shape] = pydantic.Field(default_factory=dict)
    energy: Energies = Energies()
    torque: TorquesConfig = TorquesConfig()
    initial: Initial | None = None
    solver: SolverConfig = SolverConfig()
    output: OutputConfig = OutputConfig()
    scan: Scan = pydantic.Field(default_factory=dict)
    sweep: SweepTable | None = None
    compare: tuple[str, str] | None = None
    stage: Annotated[tuple[Stage, ...], pydantic.Field(min_length=1)]

    @pydantic.field_validator("material")
    @classmethod
    def _one_sample(cls, value: Material | None, info: pydantic.ValidationInfo) -> Material | None:
        # Where [sublattices] is wrong itself, nothing is known of what is missing.
        several = info.data.get("sublattices", {"unknown": None})
        if value is None and not several:
            raise Problem("must be given.")
        if value is not None and info.data.get("sublattices"):
            raise Problem("has no meaning beside [sublattices]: each of them has a material of its own.")
        return value

    def names(self) -> tuple[str, ...]:
        """A name for each stage: its own, or its kind and number."""
        return tuple(stage.name or f"{i + 1}-{stage.kind}" for i, stage in enumerate(self.stage))

    def starts(self) -> tuple[str, ...]:
        """Where each stage starts: "own", "initial", or the name of another stage."""
        names = self.names()
        before = ("initial", *names)
        return tuple(
            "own" if stage.initial is not None else stage.start or before[i] for i, stage in enumerate(self.stage)
        )

    def problems(self) -> list[str]:
        """What is wrong between the parts: names of regions and stages that lead nowhere, images without a period."""
        return links.problems(self)

    def without_demag(self) -> "Config":
        """The same without demagnetisation, whose kernel may take seconds to compute."""

        def bare(energy: Energies) -> Energies:
            return energy.model_copy(update={"demag": None}) if energy.demag is not None else energy

        stages = tuple(stage.model_copy(update={"energy": bare(stage.energy)}) for stage in self.stage)
        return self.model_copy(update={"energy": bare(self.energy), "stage": stages})

    def build(self, folder: Path = Path()) -> Job:
        """The objects: mesh, system, states.

        - `folder`: what the file names in it are relative to.

        **Raises** `ConfigError` for values that fit their keys but not each other, `MemoryError` for too many cells.
        """
        problems = self.problems()
        if problems:
            raise ConfigError(problems)
        return Job(self, folder)

    def memory(self, dtype: Any) -> int:
        """Bytes that the run will need, about."""
        from magjax.run.memory import memory_needed

        demag = bool(self.energy.demag or any(stage.energy.demag for stage in self.stage))
        return memory_needed(self.mesh.build(), dtype, demag=demag, sublattices=len(self.sublattices))
