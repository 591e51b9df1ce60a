"""`[sweep]`: which values the points of a sweep have."""

import itertools
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Model, Natural
from magjax.units import measure

_MOST = 1_000_000


class Span(Model):
    """`{ from = "1 kJ/m3", to = "1 MJ/m3", count = 4, spacing = "log" }`: values between two ends.

    - `from`, `to`: the ends, numbers or quantities of one unit. `count`: how many, in a grid.
    - `spacing`: "linear" or "log".
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    first: float | str = pydantic.Field(alias="from")
    last: float | str = pydantic.Field(alias="to")
    count: Count | None = None
    spacing: Literal["linear", "log"] = "linear"

    @pydantic.model_validator(mode="after")
    def _ends(self) -> "Span":
        (a, unit), (b, other) = _number(self.first, "from"), _number(self.last, "to")
        if unit != other:
            raise Problem(f"must be in {unit or 'no unit'} as `from` is, but got {self.last!r}.", "to")
        if self.spacing == "log" and not (a > 0 and b > 0):
            raise Problem('must have ends > 0 for `spacing = "log"`.')
        return self

    def at(self, parts: np.ndarray) -> list[Any]:
        """The values at parts of the way from one end to the other, 0 to 1, as a configuration writes them."""
        (a, unit), (b, _) = _number(self.first, "from"), _number(self.last, "to")
        x = a * (b / a) ** parts if self.spacing == "log" else a + (b - a) * parts
        return [f"{value!r} {unit}" if unit else value for value in map(float, x)]


def _over(value: Any) -> Any:
    """Lists and spans by dotted key, told apart by what they look like."""
    if not isinstance(value, Mapping) or not value:
        raise Problem('must be a table of keys and their values, such as `"material.alpha" = [0.01, 0.1]`.')
    found: dict[str, Any] = {}
    for key, given in value.items():
        if isinstance(given, list):
            if not given:
                raise Problem(f"must hold at least one value for `{key}`, but got an axis of length zero.")
            found[key] = given
        elif isinstance(given, Mapping) and {"from", "to"} <= set(given):
            found[key] = Span.model_validate(given)
        else:
            raise Problem(f"must hold a list for `{key}`, or a table with `from` and `to`, but got {given!r}.")
    return found


class SweepTable(Model):
    """`[sweep]`.

    - `over`: values by dotted key: lists, or spans `{ from = …, to = … }`.
    - `design`: "grid", every combination; "random", independent draws; "latin", draws with every value's range covered
      evenly (a Latin hypercube). `count`: number of points of the latter two. `seed`: of the draws.
    - `chunk`: points per file.

    >>> from magjax.config.sweep_design import SweepTable
    >>> table = SweepTable.model_validate({"over": {"alpha": {"from": 0.01, "to": 1, "count": 3, "spacing": "log"}}})
    >>> [round(point["alpha"], 6) for point in table.points()]
    [0.01, 0.1, 1.0]
    """

    over: Annotated[dict[str, Any], BeforeValidator(_over)]
    design: Literal["grid", "random", "latin"] = "grid"
    count: Count | None = None
    seed: Natural = 0
    chunk: Count = 16

    @pydantic.model_validator(mode="after")
    def _counted(self) -> "SweepTable":
        if (self.count is None) != (self.design == "grid"):
            grid = "has no place in a grid, which is counted by its values."
            raise Problem(grid if self.design == "grid" else f"must be given for a {self.design} design.", "count")
        if self.design == "grid":
            for key, span in self.over.items():
                if isinstance(span, Span) and span.count is None:
                    raise Problem(f"must give `count` for `{key}` in a grid.", "over")
        if self.length > _MOST:
            raise Problem(f"must have at most {_MOST:,} points, but got {self.length:,}.")
        return self

    @property
    def length(self) -> int:
        """Number of points."""
        if self.count is not None:
            return self.count
        return math.prod(len(v) if isinstance(v, list) else v.count or 1 for v in self.over.values())

    def points(self) -> list[dict[str, Any]]:
        """What is set at each point, the same in every process."""
        if self.count is None:
            axes = [v if isinstance(v, list) else v.at(np.linspace(0, 1, v.count or 1)) for v in self.over.values()]
            return [dict(zip(self.over, values, strict=True)) for values in itertools.product(*axes)]
        rng = np.random.default_rng(self.seed)
        columns = []
        for values in self.over.values():
            drawn = rng.random(self.count)
            if self.design == "latin":
                drawn = (rng.permutation(self.count) + drawn) / self.count
            whole = isinstance(values, list)
            columns.append([values[int(u * len(values))] for u in drawn] if whole else values.at(drawn))
        return [dict(zip(self.over, row, strict=True)) for row in zip(*columns, strict=True)]


def _number(value: float | str, key: str) -> tuple[float, str]:
    if isinstance(value, str):
        try:
            return measure(value)
        except ValueError:
            raise Problem(f'must be a number or a quantity such as "5 nm", but got {value!r}.', key) from None
    return float(value), ""
