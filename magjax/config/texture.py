"""`[initial]`: the state to start from."""

import abc
import os
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax.config.model import Angle, Coordinate, Direction, Length, Model, Natural, Point, choose
from magjax.config.parameter import Site
from magjax.io.errors import FileFormatError
from magjax.mesh import Axis

Sign = Literal[1, -1]


class AbstractTextureConfig(Model, abc.ABC):
    """A table with the key `texture`."""

    texture: str

    @abc.abstractmethod
    def build(self, site: Site, dtype: Any) -> Any:
        """Unit vectors `(3, nz, ny, nx)`."""


class Uniform(AbstractTextureConfig):
    """One `direction` everywhere."""

    direction: Direction

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.uniform(site.mesh, self.direction, dtype)


class Random(AbstractTextureConfig):
    """Independent directions, from a `seed`."""

    seed: Natural = 0

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.random(site.mesh, self.seed, dtype)


class Vortex(AbstractTextureConfig):
    """`circulation` and `polarity` ±1, `core_radius`, m, `center` (x, y), m; its `axis`."""

    circulation: Sign = 1
    polarity: Sign = 1
    core_radius: Length = 10e-9
    center: tuple[Coordinate, Coordinate] | None = None

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.vortex(site.mesh, self.circulation, self.polarity, self.core_radius, self.center, dtype)


class Antivortex(AbstractTextureConfig):
    """`polarity` ±1, `core_radius`, m, `center` (x, y), m, `angle` of the spins on the +x side."""

    polarity: Sign = 1
    core_radius: Length = 10e-9
    center: tuple[Coordinate, Coordinate] | None = None
    angle: Angle = 0.0

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.antivortex(site.mesh, self.polarity, self.core_radius, self.center, self.angle, dtype)


class TwoDomains(AbstractTextureConfig):
    """Directions on the `left`, in the `wall`, on the `right`; `position`, `width` of the wall, m; `axis` across it."""

    left: Direction
    wall: Direction
    right: Direction
    position: Coordinate | None = None
    width: Length | None = None
    axis: Axis = "x"

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        directions = (self.left, self.wall, self.right)
        return textures.two_domains(site.mesh, *directions, self.position, self.width, self.axis, dtype)


class DomainWall(AbstractTextureConfig):
    """A 180° wall of `kind` "bloch" or "neel" across `axis`, with the parameter `width`, m, at `position`, m."""

    width: Length
    kind: Literal["bloch", "neel"] = "bloch"
    position: Coordinate | None = None
    chirality: Sign = 1
    axis: Axis = "x"
    easy_axis: Axis = "z"

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        options = self.model_dump(exclude={"texture"})
        return textures.domain_wall(site.mesh, dtype=dtype, **options)


class Skyrmion(AbstractTextureConfig):
    """`radius` and `wall_width`, m; `kind` "neel" or "bloch"; `polarity`, `chirality`, `winding`; `center`, m."""

    radius: Length
    wall_width: Length
    kind: Literal["neel", "bloch"] = "neel"
    polarity: Sign = -1
    chirality: Sign = 1
    winding: int = 1
    center: tuple[Coordinate, Coordinate] | None = None

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.skyrmion(site.mesh, dtype=dtype, **self.model_dump(exclude={"texture"}))


class Hopfion(AbstractTextureConfig):
    """`radius` of its ring and `wall_width`, m; `index` and `background` ±1; `center` (x, y, z), m."""

    radius: Length
    wall_width: Length
    index: Sign = 1
    background: Sign = 1
    center: Point | None = None

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.hopfion(site.mesh, dtype=dtype, **self.model_dump(exclude={"texture"}))


class Helix(AbstractTextureConfig):
    """`period`, m, along `direction`, turning about `normal` (`direction` itself unless given)."""

    period: Length
    direction: Direction = (1.0, 0.0, 0.0)
    normal: Direction | None = None
    handedness: Sign = 1
    cone_angle: Angle = np.pi / 2
    phase: Angle = 0.0

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        return textures.helix(site.mesh, dtype=dtype, **self.model_dump(exclude={"texture"}))


class FromFile(AbstractTextureConfig):
    """An OVF `file` with the cells of the mesh, such as the state that another run ended with."""

    file: str

    def build(self, site: Site, dtype: Any) -> Any:
        from magjax import textures

        try:
            return textures.from_file(site.mesh, site.folder / self.file, dtype)
        except FileFormatError as error:
            raise ValueError(f"Argument `file` must be an OVF file with a state: {error}") from error
        except ValueError as error:
            raise ValueError(str(error).replace("`path`", "`file`", 1)) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ValueError(
                f"Argument `file` must name a file that can be read, but {self.file!r} cannot ({why}); names are "
                f"relative to the configuration's folder, {os.fspath(site.folder)!r}."
            ) from error


TEXTURES: dict[str, type[AbstractTextureConfig]] = {
    "uniform": Uniform,
    "random": Random,
    "vortex": Vortex,
    "antivortex": Antivortex,
    "two_domains": TwoDomains,
    "domain_wall": DomainWall,
    "skyrmion": Skyrmion,
    "hopfion": Hopfion,
    "helix": Helix,
    "file": FromFile,
}


#: Any texture.
Texture = Annotated[AbstractTextureConfig, BeforeValidator(choose("texture", lambda: TEXTURES))]
