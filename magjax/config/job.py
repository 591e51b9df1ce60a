"""The objects that a configuration stands for."""

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax import constants
from magjax.config.energy import Energies
from magjax.config.errors import ConfigError, at, line
from magjax.config.parameter import Site, Value
from magjax.config.stage import AbstractStage, Evolve

if TYPE_CHECKING:
    from magjax.config.config import Config


@dataclasses.dataclass(frozen=True)
class Job:
    """The objects of a configuration, each made when it is first asked for.

    - `config`: the configuration. `folder`: what its file names are relative to.
    """

    config: "Config"
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
        place = ("stage", self.config.stage.index(stage))
        system = self.system
        if stage.energy.model_fields_set or stage.alpha is not None:
            energy = self.config.energy.replaced_by(stage.energy)
            system = self._system(energy, stage.alpha or self.config.material.alpha, place)
        if not isinstance(stage, Evolve):
            return system
        torques = self.config.torque.replaced_by(stage.torque)
        return torques.join(system, self.site, place if stage.torque.model_fields_set else ())

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
        with at("material", "Ms"):
            Ms = config.material.Ms.build(site)
        with at(*place, *(() if place else ("material",)), "alpha"):
            damping = alpha.build(site)
        shape, regions = self._once("shape", self._shape), self._once("regions", self._regions)
        with at(*place, "material"):
            gamma = config.material.ratio
            return System(site.mesh, energy=terms, gamma=gamma, shape=shape, regions=regions, Ms=Ms, alpha=damping)

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
    return np.array(list(value.values()) if isinstance(value, dict) else value, float).ravel()
