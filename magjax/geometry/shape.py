"""What every shape can do: be combined, moved, and laid on a mesh."""

import abc
import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Literal, final

import numpy as np
from jaxtyping import Bool, Float

from magjax.geometry import arguments
from magjax.geometry.arguments import Point
from magjax.mesh import Mesh


class AbstractShape(abc.ABC):
    """A region of space. A shape without a place sits in the middle of the mesh.

    It is *floating* until `center=` or `.at(point)` puts its own origin somewhere. `.translate`, `.rotate`, `.scale`
    and `.repeat` act about the own origin of a floating shape, and leave it floating; on a placed one they act in the
    coordinates of the mesh.

    Shapes combine like sets: `a | b` (either), `a & b` (both), `a - b` (without), `a ^ b` (one of them), `~a`
    (outside). Each part keeps its own place; one part with a place gives the whole a place. They do not repeat by
    themselves on a periodic mesh: use `repeat`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh(cells=(40, 40, 1), cell_size=(5e-9, 5e-9, 10e-9))
    >>> ring = mj.shapes.cylinder(radius=90e-9) - mj.shapes.cylinder(radius=50e-9)
    >>> mask = ring.mask(mesh)
    >>> mask.shape, bool((mask == ring.at(mesh.center).mask(mesh)).all())
    ((1, 40, 40), True)
    """

    @abc.abstractmethod
    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Whether the points x, y, z (m) lie in the shape: a bool array of their common shape.

        The coordinates are those of the mesh; a floating shape, which no mesh holds yet, has its own origin at 0.
        """

    @property
    @abc.abstractmethod
    def floating(self) -> bool:
        """Whether the shape has no place yet."""

    @abc.abstractmethod
    def settle(self, middle: Point) -> "AbstractShape":
        """The shape with what is floating of it put at `middle`, m."""

    def mask(self, mesh: Mesh) -> Bool[np.ndarray, "nz ny nx"]:
        """The cells of `mesh` whose centre lies in the shape.

        **Raises** `ValueError` when there is none.
        """
        cells = self.settle(mesh.center)._inside(*mesh.centers())
        if not cells.any():
            (x, y, z), (lx, ly, lz) = mesh.origin, mesh.extent
            place = "without a place it is in the middle" if self.floating else "check its place in these coordinates"
            raise ValueError(
                f"Argument `shape` must hold the centre of at least one cell, but got {self!r} on a mesh that spans "
                f"x = {x:g} … {x + lx:g} m, y = {y:g} … {y + ly:g} m, z = {z:g} … {z + lz:g} m; "
                f"{place}; check that it is not smaller than a cell, and that every length is in metres."
            )
        return cells

    def fraction(self, mesh: Mesh, samples: int = 4) -> Float[np.ndarray, "nz ny nx"]:
        """The part of each cell's volume that the shape fills, 0 … 1, for smooth edges.

        **Arguments**

        - `samples`: points per axis at which a cell is probed. A face along the mesh is placed to half a distance of
          points, 1/(2 `samples`) of a cell; on oblique and curved surfaces such errors average out.
        """
        if samples < 1:
            raise ValueError(f"Argument `samples` must be ≥ 1, but got {samples!r}.")
        settled, (x, y, z) = self.settle(mesh.center), mesh.centers()
        offsets = ((np.arange(samples) + 0.5) / samples - 0.5)[:, None] * np.array(mesh.cell_size)
        filled = np.zeros(mesh.shape)
        for i, j, k in itertools.product(range(samples), repeat=3):
            filled += settled._inside(x + offsets[i, 0], y + offsets[j, 1], z + offsets[k, 2])
        return filled / samples**3

    def at(self, point: Sequence[float]) -> "AbstractShape":
        """The shape with its own origin put at `point`, m: what it is made of is read as seen from there."""
        return Placed(self, arguments.point("point", point))

    def translate(self, shift: Sequence[float]) -> "AbstractShape":
        """The shape moved by `shift`, m: from the middle of the mesh, unless it has a place."""
        return Translated(self, arguments.point("shift", shift))

    def rotate(
        self, angle: float, axis: str | Sequence[float] = "z", about: Sequence[float] = (0.0, 0.0, 0.0)
    ) -> "AbstractShape":
        """The shape turned counter-clockwise (right-handed) by `angle`, in **radians**.

        **Arguments**

        - `axis`: "x", "y", "z" or a vector along the axis of rotation.
        - `about`: a point on that axis, m; seen from the own origin of a floating shape.
        """
        return Rotated(
            self,
            arguments.angle("angle", angle),
            arguments.direction("axis", axis),
            arguments.point("about", about),
        )

    def scale(self, factor: float | Sequence[float]) -> "AbstractShape":
        """The shape stretched by one factor or by one for each of x, y, z, about 0 (while it floats, its own)."""
        return Scaled(self, arguments.factors("factor", factor))

    def repeat(self, period: Sequence[float], counts: Sequence[int]) -> "AbstractShape":
        """A lattice of copies, whose middle is where the shape was.

        **Arguments**

        - `period`: distance between copies along x, y, z, m (0 along an axis with one copy).
        - `counts`: number of copies along x, y, z.

        >>> import magjax as mj
        >>> hole = mj.shapes.cylinder(radius=10e-9)
        >>> antidots = ~hole.repeat(period=(50e-9, 50e-9, 0), counts=(4, 4, 1))
        """
        px, py, pz = arguments.point("period", period)
        nx, ny, nz = arguments.counts("counts", counts)
        if any(n > 1 and p <= 0 for p, n in zip((px, py, pz), (nx, ny, nz), strict=True)):
            raise ValueError(f"Argument `period` must be > 0 m along every axis with copies, but got {period!r}.")
        return Repeated(self, (px, py, pz), (nx, ny, nz))

    def __or__(self, other: "AbstractShape") -> "AbstractShape":
        return Combination("|", self, other) if isinstance(other, AbstractShape) else NotImplemented

    def __and__(self, other: "AbstractShape") -> "AbstractShape":
        return Combination("&", self, other) if isinstance(other, AbstractShape) else NotImplemented

    def __sub__(self, other: "AbstractShape") -> "AbstractShape":
        return Combination("-", self, other) if isinstance(other, AbstractShape) else NotImplemented

    def __xor__(self, other: "AbstractShape") -> "AbstractShape":
        return Combination("^", self, other) if isinstance(other, AbstractShape) else NotImplemented

    def __invert__(self) -> "AbstractShape":
        return Complement(self)

    def _inside(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.contains(x, y, z), x.shape)


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Combination(AbstractShape):
    """Two shapes joined by one of the set operators."""

    operator: Literal["|", "&", "-", "^"]
    left: AbstractShape
    right: AbstractShape

    @property
    def floating(self) -> bool:
        """Whether neither has a place."""
        return self.left.floating and self.right.floating

    def settle(self, middle: Point) -> AbstractShape:
        """Each part for itself."""
        return Combination(self.operator, self.left.settle(middle), self.right.settle(middle))

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Either, both, the first without the second, or exactly one."""
        left, right = self.left.contains(x, y, z), self.right.contains(x, y, z)
        match self.operator:
            case "|":
                return left | right
            case "&":
                return left & right
            case "-":
                return left & ~right
            case "^":
                return left ^ right

    def __repr__(self) -> str:
        return f"({self.left!r} {self.operator} {self.right!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Placed(AbstractShape):
    """A shape with its own origin at a point, m."""

    shape: AbstractShape
    point: Point

    @property
    def floating(self) -> bool:
        """False: this is its place."""
        return False

    def settle(self, middle: Point) -> AbstractShape:
        """The shape itself."""
        return self

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Seen from the point."""
        px, py, pz = self.point
        return self.shape.contains(x - px, y - py, z - pz)

    def __repr__(self) -> str:
        return f"{self.shape!r}.at({self.point!r})"


@dataclasses.dataclass(frozen=True, repr=False)
class AbstractChanged(AbstractShape):
    """A shape made of one other, which floats as long as that one does."""

    shape: AbstractShape

    @property
    def floating(self) -> bool:
        """Whether the other has no place."""
        return self.shape.floating

    def settle(self, middle: Point) -> AbstractShape:
        """A floating shape is changed about its own origin and then placed; any other where it is."""
        if self.floating:
            return Placed(self, middle)
        return dataclasses.replace(self, shape=self.shape.settle(middle))


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Complement(AbstractChanged):
    """Everything outside a shape."""

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Outside the shape."""
        return ~self.shape.contains(x, y, z)

    def __repr__(self) -> str:
        return f"(~{self.shape!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Translated(AbstractChanged):
    """A shape moved by a vector, m."""

    shift: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Where the shape was before the shift."""
        dx, dy, dz = self.shift
        return self.shape.contains(x - dx, y - dy, z - dz)

    def __repr__(self) -> str:
        return f"{self.shape!r}.translate({self.shift!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Rotated(AbstractChanged):
    """A shape turned by an angle in radians about an axis through a point."""

    angle: float
    axis: Point
    about: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Points are turned back (Rodrigues' formula with −angle)."""
        (ax, ay, az), (ux, uy, uz) = self.about, self.axis
        px, py, pz = x - ax, y - ay, z - az
        c, s = math.cos(self.angle), -math.sin(self.angle)
        along = (1 - c) * (ux * px + uy * py + uz * pz)
        return self.shape.contains(
            ax + c * px + s * (uy * pz - uz * py) + along * ux,
            ay + c * py + s * (uz * px - ux * pz) + along * uy,
            az + c * pz + s * (ux * py - uy * px) + along * uz,
        )

    def __repr__(self) -> str:
        return f"{self.shape!r}.rotate({self.angle!r}, axis={self.axis!r}, about={self.about!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Scaled(AbstractChanged):
    """A shape stretched about the origin."""

    factor: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Where the shape was before it was stretched."""
        fx, fy, fz = self.factor
        return self.shape.contains(x / fx, y / fy, z / fz)

    def __repr__(self) -> str:
        return f"{self.shape!r}.scale({self.factor!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Repeated(AbstractChanged):
    """A finite lattice of copies of a shape."""

    period: Point
    counts: tuple[int, int, int]

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """In any of the copies: all are asked, so copies may overlap and may lie off their origin."""
        inside = np.zeros(np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z)), dtype=bool)
        for index in itertools.product(*(range(n) for n in self.counts)):
            dx, dy, dz = ((i - (n - 1) / 2) * p for i, n, p in zip(index, self.counts, self.period, strict=True))
            inside |= self.shape.contains(x - dx, y - dy, z - dz)
        return inside

    def __repr__(self) -> str:
        return f"{self.shape!r}.repeat({self.period!r}, {self.counts!r})"
