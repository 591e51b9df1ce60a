"""`[geometry]` and `[regions.NAME]`: shapes, alone and combined.

Coordinates are those of the mesh, whose lower corner is its `origin`; a shape without a place sits in the middle.
"""

import abc
from functools import reduce
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Angle, Coordinate, Count, Direction, Length, Lengths, Model, Point, Positive, choose
from magjax.config.parameter import Site
from magjax.mesh import Axis


class AbstractShapeConfig(Model, abc.ABC):
    """A table with the key `shape`."""

    @abc.abstractmethod
    def build(self, site: Site) -> Any:
        """The shape, which its `mask` lays on the mesh."""


#: Any shape.
Shape = Annotated[AbstractShapeConfig, BeforeValidator(choose("shape", lambda: SHAPES))]


class Turn(Model):
    """`rotate = { angle = "30 deg", axis = "z" }`: about the shape's own centre."""

    angle: Angle
    axis: Direction = (0.0, 0.0, 1.0)


class Lattice(Model):
    """`repeat = { period = [...], counts = [...] }`: copies about the shape's own centre."""

    period: Point
    counts: tuple[Count, Count, Count]


class AbstractSolidConfig(AbstractShapeConfig):
    """A shape with a centre, which may be turned and repeated.

    - `center`: m; the middle of the mesh unless given.
    """

    shape: str
    center: Point | None = None
    scale: tuple[Positive, Positive, Positive] | None = None
    rotate: Turn | None = None
    repeat: Lattice | None = None

    @abc.abstractmethod
    def solid(self, site: Site) -> Any:
        """The shape without a place."""

    def build(self, site: Site) -> Any:
        shape = self.solid(site)
        if self.scale is not None:
            shape = shape.scale(self.scale)
        if self.rotate is not None:
            shape = shape.rotate(self.rotate.angle, self.rotate.axis)
        if self.repeat is not None:
            shape = shape.repeat(self.repeat.period, self.repeat.counts)
        return shape if self.center is None else shape.at(self.center)


class Cuboid(AbstractSolidConfig):
    """`size`: edge lengths, m."""

    size: Lengths

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.cuboid(self.size)


class Ellipsoid(AbstractSolidConfig):
    """`size`: the three diameters, m."""

    size: Lengths

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.ellipsoid(self.size)


class _Round(AbstractSolidConfig):
    """A solid with a `radius` or a `diameter`, m."""

    radius: Length | None = None
    diameter: Length | None = None

    @pydantic.model_validator(mode="after")
    def _one_of_two(self) -> "_Round":
        if (self.radius is None) == (self.diameter is None):
            raise Problem("must have exactly one of `radius` and `diameter`.")
        return self

    @property
    def half(self) -> float:
        """The radius, m."""
        return self.radius if self.radius is not None else (self.diameter or 0.0) / 2

    @abc.abstractmethod
    def solid(self, site: Site) -> Any: ...


class Sphere(_Round):
    """`radius` or `diameter`, m."""

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.sphere(radius=self.half)


class Cylinder(_Round):
    """`radius` or `diameter`, m; `height`, m, endless unless given; `axis`."""

    height: Length | None = None
    axis: Axis = "z"

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.cylinder(self.half, self.height, axis=self.axis)


class Cone(AbstractSolidConfig):
    """`radius` of the base, `height`, `top_radius`, m; its tip points along `axis`."""

    radius: Length
    height: Length
    top_radius: Length | None = None
    axis: Axis = "z"

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.cone(self.radius, self.height, top_radius=self.top_radius or 0.0, axis=self.axis)


class Torus(AbstractSolidConfig):
    """`radius` to the middle of the tube, `tube_radius`, m; `axis`."""

    radius: Length
    tube_radius: Length
    axis: Axis = "z"

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.torus(self.radius, self.tube_radius, axis=self.axis)


class Image(AbstractSolidConfig):
    """`file` with a picture, stretched to `size`: width and height, m; the whole mesh unless given.

    `inside`: whether what is "dark" or "bright" is the shape, with the grey level `threshold` between them.
    """

    file: str
    size: tuple[Length, Length] | None = None
    inside: Literal["dark", "bright"] = "dark"
    threshold: Positive = 0.5

    def solid(self, site: Site) -> Any:
        from magjax.geometry import shapes

        size = self.size or site.mesh.extent[:2]
        return shapes.image_mask(site.folder / self.file, size, inside=self.inside, threshold=self.threshold)


class Polygon(AbstractShapeConfig):
    """`vertices`: corners in order, pairs in m; a prism along `axis`."""

    shape: str
    vertices: tuple[tuple[Coordinate, Coordinate], ...] = pydantic.Field(min_length=3)
    axis: Axis = "z"

    def build(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.polygon(self.vertices, axis=self.axis)


class HalfSpace(AbstractShapeConfig):
    """What `normal` points into, from the plane through `point` (m; the middle of the mesh unless given) on."""

    shape: str
    normal: Direction
    point: Point | None = None

    def build(self, site: Site) -> Any:
        from magjax.geometry import shapes

        return shapes.half_space(self.normal, self.point)


class Layer(AbstractShapeConfig):
    """From `lower` up to `upper`, m, across `axis`; open on the side that is left out."""

    shape: str
    lower: Coordinate | None = None
    upper: Coordinate | None = None
    axis: Axis = "z"

    def build(self, site: Site) -> Any:
        from magjax.geometry import shapes

        limits = {k: v for k, v in (("lower", self.lower), ("upper", self.upper)) if v is not None}
        return shapes.layer(axis=self.axis, **limits)


class Combination(AbstractShapeConfig):
    """Several shapes `of` which the sample is the union, the intersection, or the first without the others."""

    shape: Literal["union", "intersection", "difference"]
    of: tuple[Shape, ...] = pydantic.Field(min_length=2)

    def build(self, site: Site) -> Any:
        join = {
            "union": lambda a, b: a | b,
            "intersection": lambda a, b: a & b,
            "difference": lambda a, b: a - b,
        }[self.shape]
        return reduce(join, (shape.build(site) for shape in self.of))


class Complement(AbstractShapeConfig):
    """Everything that is not in the shape `of`."""

    shape: str
    of: Shape

    def build(self, site: Site) -> Any:
        return ~self.of.build(site)


SHAPES: dict[str, type[AbstractShapeConfig]] = {
    "cuboid": Cuboid,
    "ellipsoid": Ellipsoid,
    "sphere": Sphere,
    "cylinder": Cylinder,
    "cone": Cone,
    "torus": Torus,
    "polygon": Polygon,
    "image": Image,
    "half_space": HalfSpace,
    "layer": Layer,
    "union": Combination,
    "intersection": Combination,
    "difference": Combination,
    "complement": Complement,
}
