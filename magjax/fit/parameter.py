"""What is fitted: leaves of a model by name, their bounds, scales, priors and ties."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

from jaxtyping import Array

from magjax.fit.variation import TotalVariation

#: Where a value belongs: a dotted name, several that share it, or a function from a model to its leaf.
Place = str | tuple[str, ...] | Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A leaf of a model that a fit may change: a number, or an array of them such as a map of Ms.

    **Arguments**

    - `name`: how tables call it. `at`: where it is: a dotted name such as `"energy.exchange.A"` or `"m0[2]"`, a tuple
      of names that share one value, or a function `lambda system: system.alpha`; `name` itself unless given.
    - `start`: where the fit begins; the model's own value unless given.
    - `bounds`: lowest and highest value, each of which may be infinite. The fit stays between them.
    - `log`: fit the logarithm: for what is positive and known to a factor only, such as τ0.
    - `scale`: how large the value and its changes are, in its unit; |start| unless given.
    - `prior`: mean and standard deviation known beforehand; with `log` the latter is that of the natural logarithm.
    - `smooth`: of an array: the standard deviation of the difference between neighbours, over `scale`.
    - `variation`: of an array, beside or instead of `smooth`: a `TotalVariation`, which lets edges be sharp.
    - `unit`: for tables.

    **Raises** `ValueError` for bounds that do not rise, a start outside them, logarithms of what may be negative.

    >>> from magjax import fit
    >>> fit.Parameter("tau0", start=1e-9, bounds=(1e-13, 1e-6), log=True, unit="s").at
    'tau0'
    """

    name: str
    at: Place = ""
    start: Any = dataclasses.field(default=None, compare=False)
    bounds: tuple[float, float] = (-math.inf, math.inf)
    log: bool = False
    scale: float | None = None
    prior: tuple[float, float] | None = None
    smooth: float | None = None
    variation: TotalVariation | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Argument `name` must be a text, but got {self.name!r}.")
        if not self.at:
            object.__setattr__(self, "at", self.name)
        if isinstance(self.at, list):
            object.__setattr__(self, "at", tuple(self.at))
        low, high = (float(x) for x in self.bounds)
        object.__setattr__(self, "bounds", (low, high))
        if not low < high:
            raise ValueError(f"Argument `bounds` of {self.name} must rise, but got {self.bounds}.")
        if self.log and low < 0:
            object.__setattr__(self, "bounds", (0.0, high))
        if self.log and high <= 0:
            raise ValueError(
                f"Argument `log` of {self.name} must be False for what is negative, but got {self.bounds}."
            )
        for what in ("scale", "smooth"):
            value = getattr(self, what)
            if value is not None and not value > 0:
                raise ValueError(f"Argument `{what}` of {self.name} must be > 0, but got {value!r}.")
        if self.prior is not None and not (len(self.prior) == 2 and self.prior[1] > 0):
            raise ValueError(
                f"Argument `prior` of {self.name} must be a mean and a standard deviation > 0, but got {self.prior!r}."
            )
        if self.prior is not None and self.log and self.prior[0] <= 0:
            raise ValueError(
                f"Argument `prior` of {self.name} must have a mean > 0 with `log`, but got {self.prior!r}."
            )


@dataclasses.dataclass(frozen=True)
class Tie:
    """A leaf that follows from fitted parameters: exact, not fitted itself.

    - `at`: where it is, as for `Parameter`. `value`: a function of the dictionary of fitted values.

    >>> from magjax import fit
    >>> fit.Tie("xi", lambda fitted: fitted["E0"] / 4.14e-21).at
    'xi'
    """

    at: Place
    value: Callable[[Mapping[str, Array]], Any]
