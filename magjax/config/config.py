"""The whole of a configuration, and the objects it stands for."""

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.energy import Energies
from magjax.config.errors import ConfigError, Problem, at, line, nearest
from magjax.config.geometry import Shape
from magjax.config.mesh import MeshConfig
from magjax.config.model import Model, number
from magjax.config.output import OutputConfig
from magjax.config.parameter import Damping, Ms, Site, Value, regions_in
from magjax.config.solver import SolverConfig
from magjax.config.stage import AbstractStage, Evolve, Stage
from magjax.config.texture import Texture

Precision = Literal["single", "double"]
_GAMMA = BeforeValidator(number("rad/(s T)", above=0, hint="magjax takes |γ|"))
_GAMMA0 = BeforeValidator(number("m/(A s)", above=0, hint="magjax takes μ0|γ|"))


class Material(Model):
    """`[material]`.

    - `Ms`: saturation magnetisation, A/m. `alpha`: Gilbert damping.
    - `gamma`: |γ|, rad/(s·T), or `gamma0` = μ0|γ|, m/(A·s); the electron's unless given.
    """

    Ms: Ms
    alpha: Damping = Value(0.0, False)
    gamma: Annotated[float, _GAMMA] | None = None
    gamma0: Annotated[float, _GAMMA0] | None = None

    @pydantic.model_validator(mode="after")
    def _one_gamma(self) -> "Material":
        if self.gamma is not None and self.gamma0 is not None:
            raise Problem("must have at most one of `gamma` and `gamma0`: γ0 = μ0 γ.")
        if isinstance(self.Ms.content, float) and 0 < self.Ms.content < 100:
            got = f"but got {self.Ms.content:g} A/m; did you give it in T or MA/m?"
            raise Problem(f"must be in A/m, {got}", "Ms")
        return self

    @property
    def ratio(self) -> float:
        """|γ|, rad/(s·T)."""
        if self.gamma0 is not None:
            return self.gamma0 / constants.MU0
        return constants.GAMMA if self.gamma is None else self.gamma


def _keys(value: Any) -> Any:
    for key in value if isinstance(value, Mapping) else ():
        if not value[key] or not isinstance(value[key], list):
            raise Problem(f"must hold a list of values for `{key}`, but got {value[key]!r}.")
    return value


class Config(Model):
    """A configuration: what a TOML file of magjax says, checked.

    - `title`: one line of text. `precision`: "single" or "double"; by the device unless given.
    - `mesh`, `material`, `geometry`, `regions`, `energy`: the system.
    - `initial`: the state to start from. `stage`: what is done, in order.
    - `solver`, `output`: how, and what is written.
    - `scan`: lists of values by dotted key; every combination is run.

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
    material: Material
    geometry: Shape | None = None
    regions: dict[str, Shape] = pydantic.Field(default_factory=dict)
    energy: Energies = Energies()
    initial: Texture | None = None
    solver: SolverConfig = SolverConfig()
    output: OutputConfig = OutputConfig()
    scan: Annotated[dict[str, list[Any]], BeforeValidator(_keys)] = pydantic.Field(default_factory=dict)
    stage: Annotated[tuple[Stage, ...], pydantic.Field(min_length=1)]

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
        """What is wrong between the parts: names of regions and stages that lead nowhere."""
        found = []
        known = (*self.regions, "rest")
        for place, name in regions_in(self):
            if name not in known:
                what = nearest(name, known) if self.regions else "the file has no [regions]."
                found.append(line(place, f"is no region; {what}"))
        names = self.names()
        for i, (stage, start) in enumerate(zip(self.stage, self.starts(), strict=True)):
            if names[i] in (*names[:i], "initial"):
                found.append(line(("stage", i, "name"), f"must be a name of its own, but {names[i]!r} is taken."))
            if start == "initial" and self.initial is None:
                found.append(line(("initial",), "must be given: the first stage starts from it."))
            elif start not in ("own", "initial", *names[:i]):
                advice = nearest(start, ("initial", *names[:i]))
                found.append(line(("stage", i, "from"), f"must name an earlier stage, but got {start!r}; {advice}"))
            if not isinstance(stage, Evolve) and any(term.drive for term in stage.energy.zeeman):
                found.append(line(("stage", i, "energy", "zeeman", "drive"), "has no meaning here: time stands still."))
        if self.energy.demag is None and not any(s.energy.demag for s in self.stage):
            return list(dict.fromkeys(found))
        for place, demag in (("energy", self.energy.demag), *((s.name, s.energy.demag) for s in self.stage)):
            for axis, n in zip("xyz", demag.images if demag and demag.images else (0, 0, 0), strict=True):
                if n > 0 and axis not in self.mesh.periodic:
                    found.append(
                        line((place, "demag", "images"), f"must be 0 along {axis}, an axis that is not periodic.")
                    )
        return list(dict.fromkeys(found))

    def build(self, folder: Path = Path()) -> "Job":
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
        return memory_needed(self.mesh.build(), dtype, demag=demag)


@dataclasses.dataclass(frozen=True)
class Job:
    """The objects of a configuration, each made when it is first asked for.

    - `config`: the configuration. `folder`: what its file names are relative to.
    """

    config: Config
    folder: Path
    _cache: list[Any] = dataclasses.field(default_factory=list, repr=False)
    _parts: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def site(self) -> Site:
        """The mesh, and where files are."""
        return self._once("site", lambda: Site(self.config.mesh.build(), self.folder))

    @property
    def dtype(self) -> Any:
        """The precision asked for, else the one that jax computes in."""
        import jax.numpy as jnp

        names = {"single": jnp.float32, "double": jnp.float64}
        return jnp.dtype(names[self.config.precision] if self.config.precision else jnp.result_type(float))

    @property
    def system(self) -> Any:
        """The `magjax.System` of the file, without what stages add."""
        return self._once("system", lambda: self._system(self.config.energy, self.config.material.alpha, ()))

    def system_of(self, stage: AbstractStage) -> Any:
        """The system of a stage."""
        if not stage.energy.model_fields_set and stage.alpha is None:
            return self.system
        energy = self.config.energy.replaced_by(stage.energy)
        alpha = stage.alpha or self.config.material.alpha
        return self._system(energy, alpha, ("stage", self.config.stage.index(stage)))

    def initial(self, stage: AbstractStage | None = None) -> Any:
        """The state that a stage brings along, or that the file begins with; unit vectors, 0 in empty cells."""
        texture = self.config.initial if stage is None or stage.initial is None else stage.initial
        place = ("initial",) if texture is self.config.initial else ("stage", "initial")
        if texture is None:
            raise ConfigError([line(("initial",), "must be given.")])
        with at(*place):
            m = texture.build(self.site, self.dtype)
        occupied = self.system.occupied
        if occupied is None:
            return m
        from magjax.textures import masked

        return masked(m, occupied.value)

    def _system(self, energy: Energies, alpha: Value, place: tuple[Any, ...]) -> Any:
        from magjax.system import System

        config, site = self.config, self.site
        terms = energy.build(site, self._cache, place)
        with at("material"):
            values = {"Ms": config.material.Ms.build(site), "alpha": alpha.build(site)}
        shape, regions = self._once("shape", self._shape), self._once("regions", self._regions)
        with at(*place, "material"):
            return System(site.mesh, energy=terms, gamma=config.material.ratio, shape=shape, regions=regions, **values)

    def _shape(self) -> Any:
        if self.config.geometry is None:
            return None
        with at("geometry"):
            shape = self.config.geometry.build(self.site)
            shape.mask(self.site.mesh)
        return shape

    def _regions(self) -> Any:
        if not self.config.regions:
            return None
        from magjax.geometry import Regions

        areas = {}
        for name, shape in self.config.regions.items():
            with at("regions", name):
                areas[name] = shape.build(self.site)
        with at("regions"):
            return Regions(self.site.mesh, areas)

    def _once(self, name: str, make: Any) -> Any:
        if name not in self._parts:
            self._parts[name] = make()
        return self._parts[name]

    def advice(self) -> list[str]:
        """What is allowed but likely a slip: cells larger than the exchange length."""
        import numpy as np

        exchange, Ms = self.config.energy.exchange, self.config.material.Ms
        if exchange is None:
            return []
        A = float(np.min(np.abs(_numbers(exchange.A.build(self.site)))))
        largest = float(np.max(_numbers(Ms.build(self.site))))
        length = math.sqrt(2 * A / (constants.MU0 * largest**2))
        mesh = self.site.mesh
        cells = [d for d, n in zip(mesh.cell_size, mesh.cells, strict=True) if n > 1]
        if not cells or max(cells) <= length:
            return []
        return [
            f"[mesh] cells of {max(cells) * 1e9:.3g} nm are larger than the exchange length √(2A/μ0Ms²) = "
            f"{length * 1e9:.3g} nm: walls and vortex cores will be blurred."
        ]


def _numbers(value: Any) -> Any:
    import numpy as np

    return np.array(list(value.values()) if isinstance(value, dict) else value, float).ravel()
