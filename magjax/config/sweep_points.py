"""What single points of a sweep found, side by side."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.config.errors import ConfigError
from magjax.config.report import StageReport
from magjax.units import measure

if TYPE_CHECKING:
    import xarray as xr


@dataclasses.dataclass(frozen=True)
class Failed:
    """A point whose solve failed. `outcome`: its `Outcome` code."""

    outcome: int


def joined(found: "Sequence[xr.Dataset | Failed]", numbers: np.ndarray) -> "xr.Dataset":
    """Points side by side along `point`, with NaN where one failed; axes become data, for they may differ.

    - `found`: what each gave. `numbers`: of the points.

    **Raises** `ConfigError` for results whose shapes differ.

    >>> import numpy as np, xarray as xr
    >>> from magjax.config.sweep_points import Failed, joined
    >>> data = joined([xr.Dataset({"m": ("t", [0.1, 0.2])}), Failed(2)], np.array([4, 5]))
    >>> data.m.shape, data.outcome.values.tolist()
    ((2, 2), [0, 2])
    """
    import xarray as xr

    good = [(i, _plain(each)) for i, each in zip(numbers, found, strict=True) if not isinstance(each, Failed)]
    sizes = {dim: {each.sizes.get(dim) for _, each in good} for _, one in good for dim in one.sizes}
    for dim, lengths in sizes.items():
        if len(lengths) > 1:
            raise ConfigError(
                [f"sweep: must give results of one shape, but {dim} has the lengths {sorted(map(str, lengths))}."]
            )
    codes = [each.outcome if isinstance(each, Failed) else 0 for each in found]
    about = {"units": "", "long_name": "outcome code of the point, 0 for success"}
    outcome = xr.Dataset({"outcome": ("point", np.array(codes), about)}, {"point": numbers})
    if not good:
        return outcome
    data = xr.concat([each for _, each in good], "point", data_vars="all", combine_attrs="override")
    data = data.assign_coords(point=[i for i, _ in good])
    return data.reindex(point=numbers).assign(outcome=outcome.outcome)


def of_reports(reports: Sequence[StageReport]) -> "xr.Dataset":
    """What the stages of a configuration came to: averages, energies, steps."""
    import xarray as xr

    one = {"units": ""}
    return xr.Dataset(
        {
            "m": (("stage", "component"), [r.average for r in reports], one | {"long_name": "⟨m⟩ at the end"}),
            "E_total": ("stage", [r.energies["total"] for r in reports], {"units": "J", "long_name": "total energy"}),
            "steps": ("stage", [r.steps for r in reports], one | {"long_name": "steps"}),
        },
        {
            "stage": ("stage", [r.name for r in reports], one | {"long_name": "stage"}),
            "component": ("component", list("xyz"), one | {"long_name": "component"}),
        },
    )


def setting_variables(settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What was set at each point, as coordinates along `point`: numbers in SI units where they are numbers.

    >>> from magjax.config.sweep_points import setting_variables
    >>> setting_variables([{"a.K": "1 kJ/m3"}, {"a.K": "2 kJ/m3"}])["a.K"][1].tolist()
    [1000.0, 2000.0]
    """
    found: dict[str, Any] = {}
    for key in settings[0]:
        values, units = zip(*(_measured(setting[key]) for setting in settings), strict=True)
        unit = units[0] if len(set(units)) == 1 else ""
        found[key] = ("point", np.array(values), {"units": unit, "long_name": key})
    return found


def _plain(data: "xr.Dataset") -> "xr.Dataset":
    """The same with its axes as data named `axis_…`."""
    names = [str(name) for name in data.coords]
    attrs = {name: data[name].attrs for name in names}
    axes = {f"axis_{name}": (data[name].dims, data[name].values, attrs[name]) for name in names}
    return data.drop_vars(names).assign(axes)


def _measured(value: Any) -> tuple[Any, str]:
    if isinstance(value, str):
        try:
            return measure(value)
        except ValueError:
            return value, ""
    return (float(value), "") if isinstance(value, (int, float)) else (str(value), "")
