"""The objects that a configuration stands for."""

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax import constants
from magjax.config.errors import ConfigError, at, line
from magjax.config.initial import EachTexture
from magjax.config.parameter import Site
from magjax.config.sample import is_changed, sample
from magjax.config.stage import AbstractStage, Evolve
from magjax.numerics.sphere import component_axis

if TYPE_CHECKING:
    from magjax.config.config import Config


@dataclasses.dataclass(frozen=True)
class Job:
    """The objects of a configuration, each made when it is first asked for.

    - `config`: the configuration. `folder`: what its file names are relative to. `terms`: those made so far.
    """

    config: "Config"
    folder: Path
    terms: list[Any] = dataclasses.field(default_factory=list, repr=False)
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
        """The `magjax.System` or `magjax.Sublattices` of the file, without what stages add."""
        return self._once("system", lambda: sample(self))

    def system_of(self, stage: AbstractStage) -> Any:
        """The system of a stage."""
        # What is wrong with the file's own terms is said of them, not of the stage.
        system = self.system
        return sample(self, stage) if is_changed(self.config, stage) else system

    def attempt(self) -> None:
        """Make all that the stages are given: what cannot be made is known before the first of them begins.

        **Raises** `ConfigError` for what cannot.
        """
        if self.config.initial is not None:
            self.initial()
        for i, stage in enumerate(self.config.stage):
            with at("stage", i):
                self.system_of(stage)
            if isinstance(stage, Evolve):
                with at("stage", i, *(["temperature"] if stage.seed is None else [])):
                    stage.dynamics(self.site)
            if stage.initial is not None:
                self.initial(stage)

    def initial(self, stage: AbstractStage | None = None) -> Any:
        """The state that a stage brings along, or that the file begins with; unit vectors, 0 in empty cells."""
        texture = self.config.initial if stage is None or stage.initial is None else stage.initial
        place = ("initial",) if texture is self.config.initial else ("stage", "initial")
        if texture is None:
            raise ConfigError([line(("initial",), "must be given.")])
        with at(*place):
            m = self.state_of(texture)
        none = ~np.any(np.asarray(m), axis=component_axis(m.ndim))
        bare = none if self.system.occupied is None else none & np.asarray(self.system.occupied.value)
        if bare.any():
            problem = (
                f"must give every magnetic cell a direction, but {int(bare.sum())} of {bare.size} cells hold zero "
                "vectors; where the sample is empty, say so by `geometry` or `Ms`."
            )
            raise ConfigError([line((*place, ""), problem)])
        return m

    def state_of(self, texture: Any) -> Any:
        """The unit vectors of a texture's table, 0 in empty cells; of two sublattices each against the other."""
        import jax.numpy as jnp

        from magjax import textures

        def built(one: Any) -> Any:
            return one.build(self.site, self.dtype)

        if isinstance(texture, EachTexture):
            m = jnp.stack([built(texture.root[name]) for name in self.config.sublattices])
        else:
            m = textures.antiparallel(built(texture)) if self.config.sublattices else built(texture)
        occupied = self.system.occupied
        return m if occupied is None else jnp.where(jnp.expand_dims(occupied.value, -4), m, 0)

    @property
    def shape(self) -> Any:
        """The shape of the sample, or `None`."""
        return self._once("shape", self._shape)

    @property
    def regions(self) -> Any:
        """The named regions, or `None`."""
        return self._once("regions", self._regions)

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
        exchange, material = self.config.energy.exchange, self.config.material
        if exchange is None or material is None:
            return []
        A = float(np.min(np.abs(_numbers(exchange.A.build(self.site)))))
        largest = float(np.max(_numbers(material.Ms.build(self.site))))
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
    return np.array(list(value.values()) if isinstance(value, dict) else value, float).ravel()
