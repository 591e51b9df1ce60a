"""Parameters anywhere in space, as a configuration can say them: as data, never as an expression.

- a number or a text with a unit: `A = "13 pJ/m"`; a vector is a list of three;
- a table over regions: `Ms = { core = "1 MA/m", rest = "800 kA/m" }`;
- a straight line across the mesh: `A = { from = "10 pJ/m", to = "13 pJ/m", along = "x" }`;
- a file, OVF or NumPy's `.npy`, in SI units: `Ms = { file = "Ms.ovf" }`.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem, nearest
from magjax.config.model import direction, number, three
from magjax.mesh import AXES, Axis, Mesh

#: A number, or three of them.
Plain = float | tuple[float, float, float]


@dataclasses.dataclass(frozen=True)
class Site:
    """Where a configuration is built: its mesh, and the folder that its file names are relative to."""

    mesh: Mesh
    folder: Path


@dataclasses.dataclass(frozen=True)
class Line:
    """A value that goes straight from `first` at the lower end of an axis of the mesh to `last` at its upper end."""

    first: Plain
    last: Plain
    along: Axis


@dataclasses.dataclass(frozen=True)
class InFile:
    """A value for each cell, in a file."""

    path: str


@dataclasses.dataclass(frozen=True)
class Value:
    """A parameter as it was read; `build` makes what a `magjax.System` takes.

    - `content`: a number, a vector, a dictionary over regions, a `Line` or a file.
    - `vector`: whether it has three components.
    """

    content: Any
    vector: bool

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it names."""
        return tuple(self.content) if isinstance(self.content, dict) else ()

    def build(self, site: Site, scale: float = 1.0) -> Any:
        """The parameter in SI units, times `scale`."""
        match self.content:
            case Line():
                return _line(self.content, site.mesh, scale)
            case InFile(path):
                return scale * read_cells(site, path, self.vector)
            case dict():
                return {name: _times(scale, value) for name, value in self.content.items()}
        return _times(scale, self.content)


def scalar(
    unit: str,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    hint: str = "",
) -> Callable[[Any], Value]:
    """A reader of scalar parameters."""
    return _reader(number(unit, minimum=minimum, above=above, maximum=maximum, hint=hint), vector=False)


def vector(unit: str) -> Callable[[Any], Value]:
    """A reader of vector parameters."""
    return _reader(three(number(unit)), vector=True)


def axis_field(value: Any) -> Value:
    """A reader of fields of directions."""
    return _reader(direction, vector=True)(value)


def parts_in(config: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every table and parameter of a configuration, and where it stands."""
    if isinstance(config, (Value, pydantic.BaseModel)):
        yield place, config
    if isinstance(config, pydantic.BaseModel):
        for name, field in type(config).model_fields.items():
            yield from parts_in(getattr(config, name), (*place, field.alias or name))
    elif isinstance(config, dict):
        for name, each in config.items():
            yield from parts_in(each, (*place, name))
    elif isinstance(config, tuple):
        for i, each in enumerate(config):
            yield from parts_in(each, (*place, i) if len(config) > 1 else place)


def _reader(read: Callable[[Any], Any], *, vector: bool) -> Callable[[Any], Value]:
    def read_value(value: Any) -> Value:
        if not isinstance(value, Mapping):
            return Value(read(value), vector)
        if not value:
            raise Problem("must hold a value for each region, but got an empty table.")
        if "file" in value:
            _only(value, ("file",))
            if not isinstance(value["file"], str):
                raise Problem(f"must name its file by a text, but got {value['file']!r}.")
            return Value(InFile(value["file"]), vector)
        if "from" in value or "to" in value:
            _only(value, ("from", "to", "along"))
            missing = [key for key in ("from", "to", "along") if key not in value]
            if missing or value["along"] not in AXES:
                raise Problem("must have `from`, `to` and `along` = 'x', 'y' or 'z' to be a straight line in space.")
            return Value(Line(read(value["from"]), read(value["to"]), value["along"]), vector)
        for key in ("drive", "waveform"):
            if key in value:
                raise Problem(
                    f"must be a value in space, but has the key `{key}`; a course in time stands beside it, in its own "
                    'table: `drive = { waveform = "sin", … }`.'
                )
        return Value({name: _of_region(read, name, each) for name, each in value.items()}, vector)

    return read_value


def _of_region(read: Callable[[Any], Any], name: str, value: Any) -> Any:
    try:
        return read(value)
    except Problem as error:
        raise Problem(f"(region {name!r}) {error.problem}") from None


def _only(value: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in value:
        if key not in keys:
            raise Problem(f"has the unknown key `{key}`; {nearest(key, keys)}")


def _times(scale: float, value: Plain) -> Plain:
    if isinstance(value, tuple):
        x, y, z = value
        return (scale * x, scale * y, scale * z)
    return scale * value


def _line(line: Line, mesh: Mesh, scale: float) -> np.ndarray:
    i = AXES.index(line.along)
    s = (mesh.centers()[i] - mesh.origin[i]) / mesh.extent[i]
    first, last = (np.asarray(end, float) * scale for end in (line.first, line.last))
    if first.ndim:
        first, last = first[:, None, None, None], last[:, None, None, None]
        s = s[None]
    return (1 - s) * first + s * last


def read_cells(site: Site, path: str, vector: bool) -> np.ndarray:
    """A value for each cell from an OVF file or a NumPy array, in float64.

    **Raises** `Problem` for a file that is missing, of another kind, or does not fit the mesh.
    """
    where = site.folder / path
    if where.suffix == ".npy":
        try:
            # Object arrays are pickles, and a pickle runs code.
            values = np.load(where, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise Problem(f"must name a readable file, but {path!r} is not: {str(error).splitlines()[0]}") from None
    else:
        from magjax.io import ovf

        try:
            values = ovf.read(where).values
        except OSError as error:
            raise Problem(f"must name a readable file, but {path!r} is not: {error.strerror}.") from None
        values = values if vector else values[0] if len(values) == 1 else values
    wanted = (3, *site.mesh.shape) if vector else site.mesh.shape
    if cast("np.ndarray", values).shape != wanted or values.dtype.kind not in "fiu":
        raise Problem(f"must be a file with numbers of shape {wanted}, but {path!r} has shape {values.shape}.")
    return np.asarray(values, float)


AXIS_FIELD = BeforeValidator(axis_field)
Ms = Annotated[Value, BeforeValidator(scalar("A/m", minimum=0))]
Damping = Annotated[Value, BeforeValidator(scalar("", minimum=0, hint="negative damping pumps energy in"))]
Temperature = Annotated[Value, BeforeValidator(scalar("K", minimum=0, hint="temperatures are in kelvin"))]
Factor = Annotated[Value, BeforeValidator(scalar(""))]
ExchangeStiffness = Annotated[Value, BeforeValidator(scalar("J/m"))]
EnergyDensity = Annotated[Value, BeforeValidator(scalar("J/m3"))]
SurfaceDensity = Annotated[Value, BeforeValidator(scalar("J/m2"))]
FieldB = Annotated[Value, BeforeValidator(vector("T"))]
FieldH = Annotated[Value, BeforeValidator(vector("A/m"))]
AxisField = Annotated[Value, AXIS_FIELD]
