"""What every shape can do: be combined, moved, and laid on a mesh."""

import abc
import dataclasses
import itertools
import math
import re
from collections.abc import Sequence
from typing import Any, Literal, Self, final

import numpy as np
from jaxtyping import Bool, Float

from magjax.geometry import arguments
from magjax.geometry.arguments import Point
from magjax.mesh import AXES, Mesh


class AbstractShape(abc.ABC):
    """A region of space, drawn about the origin unless its `center` says otherwise.

    Shapes combine like sets: `a | b` (either), `a & b` (both), `a - b` (without), `a ^ b` (one of them), `~a`
    (outside). They do not repeat by themselves on a periodic mesh: use `repeat`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh(cells=(40, 40, 1), cell_size=(5e-9, 5e-9, 10e-9))
    >>> ring = mj.shapes.cylinder(radius=90e-9) - mj.shapes.cylinder(radius=50e-9)
    >>> ring.at(mesh.center).mask(mesh).shape
    (1, 40, 40)
    """

    @abc.abstractmethod
    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Whether the points x, y, z (m) lie in the shape: a bool array of their common shape."""

    def mask(self, mesh: Mesh) -> Bool[np.ndarray, "nz ny nx"]:
        """The cells of `mesh` whose centre lies in the shape.

        **Raises** `ValueError` when there is none.
        """
        cells = self._inside(*mesh.centers())
        if not cells.any():
            (x, y, z), (lx, ly, lz) = mesh.origin, mesh.extent
            raise ValueError(
                f"Argument `shape` must hold the centre of at least one cell, but got {self!r} on a mesh that spans "
                f"x = {x:g} … {x + lx:g} m, y = {y:g} … {y + ly:g} m, z = {z:g} … {z + lz:g} m; {self._advice(mesh)}"
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
        x, y, z = mesh.centers()
        offsets = ((np.arange(samples) + 0.5) / samples - 0.5)[:, None] * np.array(mesh.cell_size)
        filled = np.zeros(mesh.shape)
        for i, j, k in itertools.product(range(samples), repeat=3):
            filled += self._inside(x + offsets[i, 0], y + offsets[j, 1], z + offsets[k, 2])
        return filled / samples**3

    def at(self, point: Sequence[float]) -> "AbstractShape":
        """The shape with its own origin put at `point` (m): `shape.at(mesh.center)` centres it in the mesh."""
        return Translated(self, arguments.point("point", point))

    def translate(self, shift: Sequence[float]) -> "AbstractShape":
        """The shape moved by `shift`, m."""
        return Translated(self, arguments.point("shift", shift))

    def rotate(
        self, angle: float, axis: str | Sequence[float] = "z", about: Sequence[float] = (0.0, 0.0, 0.0)
    ) -> "AbstractShape":
        """The shape turned counter-clockwise (right-handed) by `angle`, in **radians**.

        **Arguments**

        - `axis`: "x", "y", "z" or a vector along the axis of rotation.
        - `about`: a point on that axis, m.
        """
        if not (math.isfinite(angle) and abs(angle) <= 2 * math.pi + 1e-9):
            raise ValueError(
                f"Argument `angle` must be in radians, between −2π and 2π, but got {angle!r}; did you give degrees?"
            )
        return Rotated(self, float(angle), arguments.direction("axis", axis), arguments.point("about", about))

    def scale(self, factor: float | Sequence[float]) -> "AbstractShape":
        """The shape stretched about the origin, by one factor or by one for each of x, y, z."""
        given = [factor] * 3 if isinstance(factor, (int, float)) else list(factor)
        if len(given) != 3 or not all(math.isfinite(f) and f > 0 for f in given):
            raise ValueError(f"Argument `factor` must hold one or three numbers > 0, but got {factor!r}.")
        return Scaled(self, (float(given[0]), float(given[1]), float(given[2])))

    def repeat(self, period: Sequence[float], counts: Sequence[int]) -> "AbstractShape":
        """A lattice of copies, which has the shape's own origin as its centre.

        **Arguments**

        - `period`: distance between copies along x, y, z, m (0 along an axis with one copy).
        - `counts`: number of copies along x, y, z.

        >>> import magjax as mj
        >>> hole = mj.shapes.cylinder(radius=10e-9)
        >>> antidots = ~hole.repeat(period=(50e-9, 50e-9, 0), counts=(4, 4, 1))
        """
        px, py, pz = arguments.point("period", period)
        nx, ny, nz = _counts(counts)
        if any(n > 1 and p <= 0 for p, n in zip((px, py, pz), (nx, ny, nz), strict=True)):
            raise ValueError(f"Argument `period` must be > 0 m along every axis with copies, but got {period!r}.")
        return Repeated(self, (px, py, pz), (nx, ny, nz))

    def __or__(self, other: "AbstractShape") -> "AbstractShape":
        return _combine("|", self, other)

    def __and__(self, other: "AbstractShape") -> "AbstractShape":
        return _combine("&", self, other)

    def __sub__(self, other: "AbstractShape") -> "AbstractShape":
        return _combine("-", self, other)

    def __xor__(self, other: "AbstractShape") -> "AbstractShape":
        return _combine("^", self, other)

    def __invert__(self) -> "AbstractShape":
        return Complement(self)

    def _inside(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.contains(x, y, z), x.shape)

    def _advice(self, mesh: Mesh) -> str:
        x, y, z = mesh.centers()
        if self.at(mesh.center)._inside(x, y, z).any():
            return "shapes are drawn about the origin: did you mean `shape.at(mesh.center)`?"
        return "check its place, that it is not smaller than a cell, and that every length is in metres."


class AbstractSolid(AbstractShape):
    """A shape of its own, printed as the call that makes it."""

    def __repr__(self) -> str:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        fields = ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self) if f.repr)  # type: ignore[arg-type]
        return f"{name}({', '.join(f'{key}={value!r}' for key, value in fields)})"

    def centered(self, center: Sequence[float]) -> AbstractShape | Self:
        """The solid about `center`, m; itself where that is the origin, so that it prints shortly."""
        where = arguments.point("center", center)
        return self if where == (0.0, 0.0, 0.0) else Translated(self, where)


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Combination(AbstractShape):
    """Two shapes joined by one of the set operators."""

    operator: Literal["|", "&", "-", "^"]
    left: AbstractShape
    right: AbstractShape

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
class Complement(AbstractShape):
    """Everything outside a shape."""

    shape: AbstractShape

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Outside the shape."""
        return ~self.shape.contains(x, y, z)

    def __repr__(self) -> str:
        return f"(~{self.shape!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Translated(AbstractShape):
    """A shape moved by a vector, m."""

    shape: AbstractShape
    shift: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Where the shape was before the shift."""
        dx, dy, dz = self.shift
        return self.shape.contains(x - dx, y - dy, z - dz)

    def __repr__(self) -> str:
        return f"{self.shape!r}.translate({self.shift!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Rotated(AbstractShape):
    """A shape turned by an angle in radians about an axis through a point."""

    shape: AbstractShape
    angle: float
    axis: Point
    about: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Points are turned back (Rodrigues' formula with −angle)."""
        px, py, pz = (value - start for value, start in zip((x, y, z), self.about, strict=True))
        ux, uy, uz = self.axis
        c, s = math.cos(self.angle), -math.sin(self.angle)
        along = (1 - c) * (ux * px + uy * py + uz * pz)
        return self.shape.contains(
            self.about[0] + c * px + s * (uy * pz - uz * py) + along * ux,
            self.about[1] + c * py + s * (uz * px - ux * pz) + along * uy,
            self.about[2] + c * pz + s * (ux * py - uy * px) + along * uz,
        )

    def __repr__(self) -> str:
        return f"{self.shape!r}.rotate({self.angle!r}, axis={self.axis!r}, about={self.about!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Scaled(AbstractShape):
    """A shape stretched about the origin."""

    shape: AbstractShape
    factor: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Where the shape was before it was stretched."""
        fx, fy, fz = self.factor
        return self.shape.contains(x / fx, y / fy, z / fz)

    def __repr__(self) -> str:
        return f"{self.shape!r}.scale({self.factor!r})"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Repeated(AbstractShape):
    """A finite lattice of copies of a shape."""

    shape: AbstractShape
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


def _combine(operator: Literal["|", "&", "-", "^"], left: AbstractShape, right: Any) -> AbstractShape:
    return Combination(operator, left, right) if isinstance(right, AbstractShape) else NotImplemented


def _counts(counts: Any) -> tuple[int, int, int]:
    given = tuple(counts) if isinstance(counts, (Sequence, np.ndarray)) else ()
    if len(given) != len(AXES) or any(isinstance(n, bool) or n != int(n) or n < 1 for n in given):
        raise ValueError(f"Argument `counts` must hold three whole numbers ≥ 1, but got {counts!r}.")
    nx, ny, nz = (int(n) for n in given)
    return nx, ny, nz
