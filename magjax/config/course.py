"""A number that may change in the course of a study: one quantity, or a table of times and values."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Model, number


class Course(Model):
    """`{ times = […], values = […] }`: straight lines between values, held before and after."""

    times: tuple[Annotated[float, BeforeValidator(number("s", minimum=0))], ...] = pydantic.Field(min_length=2)
    values: tuple[Any, ...] = pydantic.Field(min_length=2)

    def build(self) -> Any:
        """The function of time, or the number that does not change."""
        from magjax import drive

        return drive.table(self.times, self.values)


def course(read: Callable[[Any], float]) -> Callable[[Any], float | Course]:
    """A reader of one quantity, or of a table of times and of such quantities.

    >>> from magjax.config.course import course
    >>> from magjax.config.model import number
    >>> course(number("T"))({"times": ["0 s", "1 h"], "values": ["0 T", "100 mT"]}).values
    (0.0, 0.1)
    """

    def either(value: Any) -> float | Course:
        if isinstance(value, Course):
            return value
        if not isinstance(value, Mapping):
            return read(value)
        if set(value) != {"times", "values"}:
            raise Problem(f"must be a quantity, or a table with `times` and `values`, but got {value!r}.")
        found = Course(times=value["times"], values=tuple(read(each) for each in value["values"]))
        if len(found.times) != len(found.values):
            raise Problem(f"must have a value for each time, but got {len(found.values)} for {len(found.times)}.")
        return found

    return either
