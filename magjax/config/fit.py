"""The whole of a configuration that fits a model to measurements."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import ConfigError, Problem, line, nearest, problems_of
from magjax.config.fit_models import LAWS, LawTable
from magjax.config.model import Count, Flag, Model, Natural, choose, number
from magjax.units import UnitError, quantity

if TYPE_CHECKING:
    from magjax.fit import AbstractLaw, Parameter, TotalVariation

#: A quantity whose unit the model knows.
Quantity = str | float


class FreeTable(Model):
    """`[fit.free.NAME]`: a parameter that is fitted, with what the ready model does not know already.

    - `start`: where the fit begins; the model's value unless given. `bounds`: lowest and highest value.
    - `log`: fit the logarithm. `prior`: mean and standard deviation known beforehand, with `log` of the logarithm.
    - `smooth`: for lists of values: how much neighbours differ.
    - `variation`: for maps of grains: the typical size of a step, which may be sharp; `epsilon`: what counts as even.
    """

    start: Quantity | None = None
    bounds: tuple[Quantity, Quantity] | None = None
    log: Flag | None = None
    prior: tuple[Quantity, Quantity] | None = None
    smooth: Annotated[float, BeforeValidator(number("", above=0))] | None = None
    variation: Annotated[float, BeforeValidator(number("", above=0))] | None = None
    epsilon: Annotated[float, BeforeValidator(number("", above=0))] = 0.01


class InputTable(Model):
    """`[fit.simulate.inputs.NAME]`: values of an input for synthetic data.

    - `values`: a list of them; or `since`, `until` and `points`, spaced evenly, in the logarithm with `log`.
    - `course`: turning points, such as those of a loop, with `points` in all on the way.
    """

    values: tuple[Quantity, ...] = ()
    course: tuple[Quantity, ...] = ()
    since: Quantity | None = None
    until: Quantity | None = None
    points: Count = 50
    log: Flag = False

    @pydantic.model_validator(mode="after")
    def _one_way(self) -> "InputTable":
        ends = self.since is not None or self.until is not None
        if bool(self.values) + bool(self.course) + ends != 1:
            raise Problem("must be given, or `since` and `until`, or a `course` instead.", "values")
        if self.course and (len(self.course) < 2 or self.log):
            raise Problem("must hold two turning points or more, without `log`.", "course")
        if ends and (self.since is None or self.until is None):
            raise Problem("must be given together with `until`.", "since")
        return self


class SimulateTable(Model):
    """`[fit.simulate]`: how synthetic data are made.

    - `truth`: values of parameters other than the model's; of a map, rows of them along y, or one.
    - `inputs`: every combination of them is a point.
    - `seed`: of the noise, whose size is that of `errors`.
    """

    truth: dict[str, Quantity | tuple[Quantity, ...] | tuple[tuple[Quantity, ...], ...]] = pydantic.Field(
        default_factory=dict
    )
    inputs: dict[str, InputTable] = pydantic.Field(min_length=1)
    seed: Natural = 0


class DataTable(Model):
    """One of several data sets in `[fit] data`.

    - `file`: the CSV file, seen from the configuration. `held`: values of parameters in this set alone, such as the
      temperature or the thickness at which it was measured; they are not fitted.
    """

    file: str
    held: dict[str, Quantity] = pydantic.Field(default_factory=dict)


def _sets(value: Any) -> Any:
    """One file, several, or tables of them."""
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, (list, tuple)):
        raise Problem(f"must be the name of a CSV file, or a list of them, but got {value!r}.")
    return [{"file": each} if isinstance(each, str) else each for each in several if each != ""]


class FitTable(Model):
    """`[fit]`.

    - `model`: a table whose `kind` names a ready model. `free`: what is fitted, a table for each.
    - `data`: the CSV file, seen from the configuration; several share the parameters: a list of files, or of tables
      `{ file, held }`. `measured`: outputs to use, all of the file by default.
    - `errors`: standard error by output; else the file's columns `NAME_error`; else from the scatter.
    - `method`, `starts`, `seed`, `max_steps`: of the fit. `bootstrap`: so many synthetic fits beside it. `posterior`:
      so many samples of each of four chains beside it; needs blackjax.
    - `simulate`: how `--simulate` makes data.
    """

    model: Annotated[Any, BeforeValidator(choose("kind", lambda: LAWS))]
    free: dict[str, FreeTable] = pydantic.Field(min_length=1)
    data: Annotated[tuple[DataTable, ...], BeforeValidator(_sets)] = ()
    measured: tuple[str, ...] = ()
    errors: dict[str, Quantity] = pydantic.Field(default_factory=dict)
    method: Literal["levenberg-marquardt", "gauss-newton", "lbfgs"] = "levenberg-marquardt"
    starts: Annotated[int, pydantic.Field(ge=1, le=10_000, strict=True)] = 1
    seed: Natural = 0
    max_steps: Count = 200
    bootstrap: Annotated[int, pydantic.Field(ge=0, le=100_000, strict=True)] = 0
    posterior: Annotated[int, pydantic.Field(ge=0, le=1_000_000, strict=True)] = 0
    simulate: SimulateTable | None = None


class FitOutput(Model):
    """`[output]` of a fit; its numbers are always written.

    - `pictures`: whether to draw it.
    """

    pictures: Flag = True


class FitConfig(Model):
    """A configuration with the table `[fit]`.

    - `title`: one line of text. `precision`: "double" unless given. `fit`: what is fitted. `output`: what is written.
    """

    title: str = ""
    precision: Literal["single", "double"] = "double"
    fit: FitTable
    output: FitOutput = FitOutput()

    @property
    def table(self) -> LawTable:
        """The table of the model."""
        return self.fit.model

    def parameters(self, law: "AbstractLaw") -> "list[Parameter]":
        """What is fitted, with bounds and starts in SI units.

        **Raises** `ConfigError` for names that the model does not have, and quantities of another kind.
        """
        found = []
        for name, free in self.fit.free.items():
            place = ("fit", "free", name)
            known = _known(law, name, place)
            changes: dict[str, Any] = {"smooth": free.smooth, "variation": _variation(free, law)}
            if free.log is not None:
                changes["log"] = free.log
            log = changes.get("log", known.log)
            if free.start is not None:
                changes["start"] = read(free.start, known.unit, (*place, "start"))
            if free.bounds is not None:
                changes["bounds"] = tuple(read(b, known.unit, (*place, "bounds")) for b in free.bounds)
            if free.prior is not None:
                mean, width = free.prior
                unit = "" if log else known.unit
                changes["prior"] = (
                    read(mean, known.unit, (*place, "prior")),
                    read(width, unit, (*place, "prior")),
                )
            try:
                found.append(dataclasses.replace(known, **changes))
            except ValueError as error:
                raise ConfigError([line(place, str(error))]) from None
        return found

    def truth(self, law: "AbstractLaw") -> "AbstractLaw":
        """The model with the values from which synthetic data are made."""
        return with_values(law, self.fit.simulate.truth if self.fit.simulate else {}, ("fit", "simulate", "truth"))


def check_fit(data: Mapping[str, Any], path: str = "") -> FitConfig:
    """A configuration with the table `[fit]` from tables.

    **Raises** `ConfigError` with one line for each problem.
    """
    try:
        config = FitConfig.model_validate(data)
        law = config.table.build()
        config.parameters(law)
        config.truth(law)
        for each in config.fit.data:
            with_values(law, each.held, ("fit", "data", "held"))
            for name in each.held:
                if name in config.fit.free:
                    raise ConfigError([line(("fit", "data", "held", name), "is fitted: it cannot be held, too.")])
    except pydantic.ValidationError as error:
        raise ConfigError(problems_of(error, data), path) from None
    except ConfigError as error:
        raise ConfigError(error.problems, path) from None
    for key in ("measured", "errors"):
        for name in getattr(config.fit, key):
            if name not in law.outputs:
                problem = f"names the output {name!r}, which the model does not have; {nearest(name, law.outputs)}"
                raise ConfigError([line(("fit", key), problem)], path)
    return config


def read(value: Quantity, unit: str, place: tuple[str, ...]) -> float:
    """A quantity in SI units.

    **Raises** `ConfigError` for quantities of another kind.
    """
    try:
        return quantity(value, unit)
    except UnitError as error:
        raise ConfigError([line(place, error.problem)]) from None


def _variation(free: FreeTable, law: "AbstractLaw") -> "TotalVariation | None":
    """The belief in sharp edges, with the shape of the cells where the model has some."""
    from magjax.fit import MaterialMap, TotalVariation

    if free.variation is None:
        return None
    size = law.system.mesh.cell_size if isinstance(law, MaterialMap) else (1.0, 1.0, 1.0)
    return TotalVariation(free.variation, free.epsilon, size)


def with_values(law: "AbstractLaw", values: Mapping[str, Any], place: tuple[str, ...]) -> "AbstractLaw":
    """A model with other values of some of its parameters: quantities, rows of them, or rows of rows.

    **Raises** `ConfigError` for names that the model does not have, and quantities of another kind.
    """
    import jax.numpy as jnp

    from magjax.fit.selection import leaf, put

    for name, value in values.items():
        known = _known(law, name, (*place, name))
        old = jnp.asarray(leaf(law, known.at))
        law = put(law, known.at, jnp.asarray(_spread(value, old.shape, known.unit, (*place, name)), old.dtype))
    return law


def _spread(value: Any, shape: tuple[int, ...], unit: str, place: tuple[str, ...]) -> Any:
    """One quantity, a row or rows of them in SI units, in the shape of what they replace."""
    import numpy as np

    def each(value: Any) -> Any:
        return [each(v) for v in value] if isinstance(value, (tuple, list)) else read(value, unit, place)

    try:
        return np.broadcast_to(np.array(each(value), float), shape)
    except ValueError:
        raise ConfigError([line(place, f"must be one value or rows of them that fill {shape}.")]) from None


def _known(law: "AbstractLaw", name: str, place: tuple[str, ...]) -> "Parameter":
    if name not in law.parameters:
        raise ConfigError([line(place, f"is no parameter of the model; {nearest(name, law.parameters)}")])
    known = law.parameters[name]
    from magjax.fit.selection import leaf

    try:
        leaf(law, known.at)
    except ValueError:
        raise ConfigError([line(place, "is no parameter of these barriers.")]) from None
    return known
