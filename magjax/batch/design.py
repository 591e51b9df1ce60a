"""Which parameters the members of an ensemble have: a grid of named axes, or a list of points."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

#: Replicas are told apart by numbers of 32 bits.
_MOST = 2**32


@dataclasses.dataclass(frozen=True, eq=False)
class Design:
    """The points of an ensemble and the replicas at each. Member number = point · replicas + replica.

    - `values`: by name, `(n, …)` each in SI units. `replicas`: at each point.
    - `kind`: `"grid"`, every combination, the first name varying slowest; `"zip"`, the n-th of each together.

    **Raises** `ValueError` for fewer than one replica, lists to zip that differ in length, and more than 2³² members.

    >>> from magjax.batch.design import Design
    >>> import numpy as np
    >>> design = Design({"alpha": np.array([0.1, 0.2]), "T": np.array([4.0, 77.0, 300.0])}, replicas=10)
    >>> design.shape, design.members, design.at(np.array([1]))["T"].tolist()
    ((2, 3), 60, [77.0])
    """

    values: Mapping[str, np.ndarray]
    replicas: int = 1
    kind: Literal["grid", "zip"] = "grid"

    def __post_init__(self) -> None:
        whole = isinstance(self.replicas, (int, float, np.integer)) and not isinstance(self.replicas, bool)
        if not (whole and self.replicas >= 1 and self.replicas == int(self.replicas)):
            raise ValueError(f"Argument `replicas` must be a whole number ≥ 1, but got {self.replicas!r}.")
        if self.kind not in ("grid", "zip"):
            raise ValueError(f"Argument `design` must be 'grid' or 'zip', but got {self.kind!r}.")
        lengths = {name: len(array) for name, array in self.values.items()}
        if self.kind == "zip" and len(set(lengths.values())) > 1:
            raise ValueError(f"Argument `over` must hold lists of one length to zip them, but got {lengths}.")
        if self.members > _MOST:
            raise ValueError(f"Argument `over` makes {self.members} members, but there are numbers for {_MOST} only.")

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the axes of points."""
        if self.kind == "zip" and self.values:
            return ("point",)
        return tuple(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes of points."""
        lengths = tuple(len(array) for array in self.values.values())
        return lengths[:1] if self.kind == "zip" else lengths

    @property
    def points(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    @property
    def members(self) -> int:
        """Number of points times replicas."""
        return self.points * int(self.replicas)

    def at(self, points: np.ndarray) -> dict[str, np.ndarray]:
        """The value of each parameter at points by number."""
        if self.kind == "zip" or not self.values:
            return {name: array[points] for name, array in self.values.items()}
        where = np.unravel_index(points, self.shape)
        return {name: array[index] for (name, array), index in zip(self.values.items(), where, strict=True)}

    def coordinates(self, units: Mapping[str, str]) -> dict[str, tuple[Any, ...]]:
        """Coordinates as xarray takes them: numbers by themselves; vectors as lengths and parts along x, y, z.

        - `units`: by name.
        """
        found: dict[str, tuple[Any, ...]] = {}
        for name, array in self.values.items():
            dim = "point" if self.kind == "zip" else name
            about = {"units": units.get(name, ""), "long_name": name}
            if array.ndim == 1:
                found[name] = (dim, array, about)
                continue
            found[dim] = (dim, np.arange(len(array)), {"units": "", "long_name": f"number of {dim}"})
            if array.ndim == 2:
                parts = {f"{name}_{axis}": array[:, i] for i, axis in enumerate("xyz")}
                found |= {key: (dim, part, {**about, "long_name": key}) for key, part in parts.items()}
        if "point" in self.dims:
            found["point"] = ("point", np.arange(self.points), {"units": "", "long_name": "number of the point"})
        return found
