"""Shapes that are not made of others: those with an origin of their own, and those drawn where they are."""

import dataclasses
import re
from collections.abc import Sequence

from magjax.geometry import arguments
from magjax.geometry.arguments import Point
from magjax.geometry.shape import AbstractShape, Placed


class AbstractPrimitive(AbstractShape):
    """A shape printed as the call that makes it."""

    def __repr__(self) -> str:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        fields = ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self) if f.repr)  # type: ignore[arg-type]
        return f"{name}({', '.join(f'{key}={value!r}' for key, value in fields)})"


class AbstractSolid(AbstractPrimitive):
    """A shape drawn about its own origin, which is the middle of the mesh until it is put elsewhere."""

    @property
    def floating(self) -> bool:
        """True: an origin of its own is nowhere yet."""
        return True

    def settle(self, middle: Point) -> AbstractShape:
        """The solid about `middle`."""
        return Placed(self, middle)

    def centered(self, center: Sequence[float] | None) -> AbstractShape:
        """The solid about `center`, m; without one it stays floating."""
        return self if center is None else Placed(self, arguments.point("center", center))


class AbstractFixed(AbstractPrimitive):
    """A shape drawn in the coordinates of the mesh: its numbers say where it is."""

    @property
    def floating(self) -> bool:
        """False: it has its place."""
        return False

    def settle(self, middle: Point) -> AbstractShape:
        """The shape itself."""
        return self
