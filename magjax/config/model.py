"""The ground of every configuration class: strict tables, and quantities with units and bounds."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Nested, Problem, nearest, register
from magjax.units import UnitError, quantity


class Model(pydantic.BaseModel):
    """A table of a configuration: unknown keys are errors, and nothing changes after it was read."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        register(cls)


def number(
    unit: str, *, above: float | None = None, minimum: float | None = None, maximum: float | None = None, hint: str = ""
) -> Callable[[Any], float]:
    """A reader of quantities in `unit` within bounds; `hint` says why the bound is there.

    >>> from magjax.config.model import number
    >>> number("m", above=0)("5 nm")
    5e-09
    """
    reason = f"; {hint}" if hint else ""
    reason += "" if reason.endswith("?") else "."

    def read(value: Any) -> float:
        try:
            found = quantity(value, unit)
        except UnitError as error:
            raise Problem(error.problem) from None
        given = f"but got {value!r}"
        if above is not None and not found > above:
            raise Problem(f"must be > {above:g}{unit and ' ' + unit}, {given}{reason}")
        if minimum is not None and found < minimum:
            raise Problem(f"must be ≥ {minimum:g}{unit and ' ' + unit}, {given}{reason}")
        if maximum is not None and found > maximum:
            raise Problem(f"must be ≤ {maximum:g}{unit and ' ' + unit}, {given}{reason}")
        return found

    return read


def three(read: Callable[[Any], float], *, repeat: bool = False) -> Callable[[Any], tuple[float, float, float]]:
    """A reader of three quantities; with `repeat`, a single one stands for three equal ones."""

    def read_three(value: Any) -> tuple[float, float, float]:
        if repeat and isinstance(value, (str, int, float)):
            value = [value] * 3
        if not isinstance(value, (list, tuple)) or len(value) != 3:
            raise Problem(f"must hold three numbers along x, y, z, but got {value!r}.")
        x, y, z = (read(each) for each in value)
        return x, y, z

    return read_three


def direction(value: Any) -> tuple[float, float, float]:
    """A reader of directions: "x", "-y", … or three numbers of any length but zero."""
    axes = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
    if isinstance(value, str) and value.removeprefix("-") in axes:
        sign = -1.0 if value.startswith("-") else 1.0
        x, y, z = (sign * c if c else 0.0 for c in axes[value.removeprefix("-")])
        return x, y, z
    if isinstance(value, str):
        raise Problem(f"must be 'x', 'y', 'z', '-x', '-y', '-z' or three numbers, but got {value!r}.")
    x, y, z = three(number(""))(value)
    if x == y == z == 0:
        raise Problem("must have a direction, but got a vector of length zero.")
    return x, y, z


def choose(key: str, kinds: Callable[[], Mapping[str, type[Model]]]) -> Callable[[Any], Any]:
    """A reader of tables whose `key` says which kind they are.

    **Raises** `Problem` for what is no table, has no such key, or names an unknown kind.
    """

    def read(value: Any) -> Any:
        if isinstance(value, Model):
            return value
        if not isinstance(value, Mapping):
            raise Problem(f"must be a table with the key `{key}`, but got {value!r}.")
        known = kinds()
        if key not in value:
            close = [k for k in value if nearest(k, [key]).startswith("did")]
            advice = f"; did you mean it by `{close[0]}`?" if close else f", as one of {', '.join(known)}."
            raise Problem(f"must be given{advice}", key)
        kind = value[key]
        if not isinstance(kind, str) or kind not in known:
            raise Problem(f"must be a known kind, but got {kind!r}; {nearest(str(kind), known)}", key)
        try:
            return known[kind].model_validate(dict(value))
        except pydantic.ValidationError as error:
            raise Nested(error) from None

    return read


def as_list(value: Any) -> Any:
    """A reader that takes a single table for a list of one."""
    return [value] if isinstance(value, Mapping) else value


_METRES = "lengths are in metres unless they have a unit: did you mean nm?"

Number = Annotated[float, BeforeValidator(number(""))]
Positive = Annotated[float, BeforeValidator(number("", above=0))]
Length = Annotated[float, BeforeValidator(number("m", above=0, maximum=1e-2, hint=_METRES))]
Coordinate = Annotated[float, BeforeValidator(number("m", minimum=-1e-2, maximum=1e-2, hint=_METRES))]
Duration = Annotated[float, BeforeValidator(number("s", above=0, maximum=1, hint="did you mean ns?"))]
Time = Annotated[float, BeforeValidator(number("s", minimum=-1, maximum=1, hint="did you mean ns?"))]
Frequency = Annotated[float, BeforeValidator(number("Hz", minimum=0))]
Angle = Annotated[float, BeforeValidator(number("rad"))]
Point = Annotated[
    tuple[float, float, float], BeforeValidator(three(number("m", minimum=-1e-2, maximum=1e-2, hint=_METRES)))
]
Lengths = Annotated[
    tuple[float, float, float], BeforeValidator(three(number("m", above=0, maximum=1e-2, hint=_METRES), repeat=True))
]
Direction = Annotated[tuple[float, float, float], BeforeValidator(direction)]
Count = Annotated[int, pydantic.Field(ge=1, strict=True)]
Natural = Annotated[int, pydantic.Field(ge=0, strict=True)]
Flag = Annotated[bool, pydantic.Field(strict=True)]
#: Times of relaxation rather than of precession: up to the age of a tape.
Seconds = Annotated[float, BeforeValidator(number("s", above=0))]
Kelvin = Annotated[float, BeforeValidator(number("K", above=0, hint="temperatures are in kelvin"))]
Joules = Annotated[float, BeforeValidator(number("J", minimum=0))]
Tesla = Annotated[float, BeforeValidator(number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?"))]
