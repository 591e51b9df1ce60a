"""`magjax plot`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

AxisName = Literal["x", "y", "z"]


def plot(
    path: Annotated[Path, typer.Argument(help="A table, a field, or a folder of results.")],
    out: Annotated[
        Path | None, typer.Option(help="The picture (.png, .pdf, .svg).  [default: beside the file]")
    ] = None,
    columns: Annotated[str, typer.Option(help="Columns of a table, separated by commas.")] = "",
    axis: Annotated[AxisName, typer.Option(help="Normal of the plane that shows a field.")] = "z",
    layer: Annotated[int | None, typer.Option(help="Number of the plane of cells.  [default: the middle]")] = None,
    component: Annotated[AxisName | None, typer.Option(help="Show one component by value.")] = None,
) -> None:
    """Draw a table along its first column, a field on a plane, or all results in a folder."""
    from magjax.io.formats import FIELD_SUFFIXES, TABLE_SUFFIXES

    if path.is_dir() and path.suffix != ".zarr":
        states = (each for each in path.rglob("m_*.ovf") if not each.stem[2:].isdigit() and "_" not in each.stem[2:])
        found = sorted((*path.rglob("table.csv"), *path.rglob("loop.csv"), *path.rglob("m.ovf"), *states))
        if not found:
            raise ValueError(f"{str(path)!r} holds no results: no table.csv, loop.csv or m.ovf.")
        if out is not None:
            raise ValueError("Option `--out` names one picture, but a folder makes several; give a file instead.")
        for each in found:
            _draw(each, each.with_suffix(".png"), columns, axis, layer, component)
        return
    if not path.exists():
        raise FileNotFoundError(2, "no such file or folder", str(path))
    if path.suffix.lower() not in (*FIELD_SUFFIXES, *TABLE_SUFFIXES):
        known = ", ".join((*TABLE_SUFFIXES, *FIELD_SUFFIXES))
        raise ValueError(f"{str(path)!r} cannot be drawn: its ending must be one of {known}.")
    _draw(path, out or path.with_suffix(".png"), columns, axis, layer, component)


def _draw(path: Path, out: Path, columns: str, axis: AxisName, layer: int | None, component: AxisName | None) -> None:
    from magjax.io.formats import TABLE_SUFFIXES, read_field, read_table

    if out.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise ValueError(f"Option `--out` must end in .png, .pdf or .svg, but got {str(out)!r}.")
    if path.suffix.lower() in TABLE_SUFFIXES:
        from magjax.plot.series import plot_series

        table = read_table(path)
        names = [str(name) for name in table.data.columns]
        first = "B" if "B" in names and names[0] == "step" else names[0]
        default = ["m_along"] if "m_along" in names else [n for n in ("m_x", "m_y", "m_z") if n in names] or names[1:]
        wanted = [name.strip() for name in columns.split(",") if name.strip()] or default
        for name in wanted:
            if name not in names:
                raise ValueError(f"Option `--columns` must name some of {', '.join(names)}, but got {name!r}.")
        shown = {name: table.data[name].to_numpy() for name in wanted}
        x = table.data[first].to_numpy()
        figure = plot_series(x, shown, units=table.units, x_name=first, x_unit=table.units.get(first, ""))
    else:
        from magjax.plot.fields import plot_field

        field = read_field(path)
        values = field.values if len(field.values) == 3 else field.values[0]
        options = {"axis": axis, "index": layer, "component": component if len(field.values) == 3 else None}
        figure = plot_field(field.mesh, values, name=field.labels[0].split("_")[0], units=field.units[0], **options)
    figure.savefig(out)
    typer.echo(str(out))
