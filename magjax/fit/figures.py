"""Pictures of fits; matplotlib is imported where they are drawn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from magjax.fit.text import with_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from magjax.fit.data import Data
    from magjax.fit.profile import Profile
    from magjax.fit.result import Fit
    from magjax.fit.sampling import Samples

#: Radii of the ellipses that hold 68.27 % and 95.45 % of a normal distribution of two numbers.
_RADII = (1.515, 2.486)


def plot_fit(found: "Fit") -> "Figure":
    """Data with error bars, the model, and below them the residuals in units of the errors.

    - `found`: a fit. A column for each output of each data set, along its first input.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> len(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]).plot().axes)
    2
    """
    from magjax.plot import figure as fig

    outputs = [
        (data, *each)
        for data, predicted, left in zip(found.problem.data, found.predicted, found.residuals, strict=True)
        for each in _outputs(data, predicted, left)
    ]
    figure: Any = fig.new_figure(3.4 * len(outputs), 3.4)
    panels = figure.subplots(2, len(outputs), squeeze=False, sharex="col", gridspec_kw={"height_ratios": (3, 1)})
    for column, (data, name, y, model, left, error) in enumerate(outputs):
        model_units = getattr(found.problem.model, "outputs", {})
        factor, unit = fig.prefixed(float(np.nanmax(np.abs(y))), model_units.get(name, ""))
        y, model, error = y * factor, model * factor, None if error is None else error * factor
        x, label = _axis(data, len(y), getattr(found.problem.model, "inputs", {}))
        order = _order(x)
        top, below = panels[:, column]
        log = (x > 0).all() and x.max() > 100 * x.min()
        bars = None if error is None else error * found.noise
        top.errorbar(x, y, bars, fmt=".", color=fig.LINE_COLORS[0], markersize=3, elinewidth=0.6, zorder=1)
        style = "-" if _one_curve(data) else "_"
        top.plot(x[order], model[order], style, color=fig.LINE_COLORS[1], linewidth=1.1, zorder=2)
        below.plot(x, left / found.noise, ".", color=fig.LINE_COLORS[0], markersize=3)
        below.axhline(0, color=fig.INK, linewidth=0.6)
        top.set(ylabel=fig.label(name, unit), title=data.name if len(found.problem.data) > 1 else "")
        below.set(xlabel=label, ylabel="residual/error")
        if log:
            below.set_xscale("log")
        fig.tidy(top)
        fig.tidy(below)
    return figure


def corner(found: "Fit") -> "Figure":
    """Ellipses that hold 68 % and 95 % of every pair of parameters, and their bells, by the Fisher information.

    - `found`: a fit. Logarithms are drawn as such, in decades; what is not determined is left out.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> len(fit.corner(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"])).axes)
    3
    """
    covariance = found.fisher.covariance
    shown = [i for i in range(found.problem.size) if np.isfinite(covariance[i, i])][:8]
    errors = np.sqrt(np.diag(covariance))
    unit, centers, labels = _drawn(found.problem, found.z, errors)
    with np.errstate(invalid="ignore"):
        covariance = covariance * np.outer(unit, unit)
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(turn), np.sin(turn)])

    def pair(axes: Any, i: int, j: int) -> None:
        from magjax.plot.figure import LINE_COLORS

        values, vectors = np.linalg.eigh(covariance[np.ix_([j, i], [j, i])])
        for radius, width in zip(_RADII, (1.2, 0.7), strict=True):
            x, y = (vectors * np.sqrt(np.maximum(values, 0))) @ (radius * circle)
            axes.plot(centers[j] + x, centers[i] + y, color=LINE_COLORS[0], linewidth=width)
        axes.plot(centers[j], centers[i], ".", color=LINE_COLORS[1])

    def single(axes: Any, i: int) -> None:
        from magjax.plot.figure import LINE_COLORS

        error = np.sqrt(covariance[i, i]) or 1.0
        x = np.linspace(-3.2, 3.2, 121)
        axes.plot(centers[i] + x * error, np.exp(-(x**2) / 2), color=LINE_COLORS[0], linewidth=1.1)
        axes.set_title(with_error(float(centers[i]), float(error)), fontsize=7)

    return _triangle(shown, labels, single, pair)


def corner_of_samples(samples: "Samples") -> "Figure":
    """Scatter of every pair of parameters, and their histograms.

    - `samples`: of a bootstrap or a posterior.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> drawn = fit.bootstrap(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), 50)
    >>> len(fit.corner_of_samples(drawn).axes)
    3
    """
    from magjax.plot.figure import LINE_COLORS

    middle = samples.z.mean(axis=0)
    unit, centers, labels = _drawn(samples.problem, middle, samples.z.std(axis=0))
    points = centers + (samples.z - middle) * unit

    def pair(axes: Any, i: int, j: int) -> None:
        axes.plot(points[:, j], points[:, i], ".", color=LINE_COLORS[0], markersize=1.5, alpha=0.5)

    def single(axes: Any, i: int) -> None:
        axes.hist(points[:, i], bins=30, color=LINE_COLORS[0], histtype="step")
        axes.set_title(with_error(float(points[:, i].mean()), float(points[:, i].std())), fontsize=7)

    return _triangle(list(range(points.shape[1]))[:8], labels, single, pair)


def plot_profile(profile: "Profile") -> "Figure":
    """Excess of χ² along a parameter, with lines at 68 % and 95 %.

    - `profile`: as `fit.profile` finds it.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> len(fit.plot_profile(fit.profile(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), "b")).axes)
    1
    """
    from magjax.plot import figure as fig

    figure: Any = fig.new_figure(3.4, 2.6)
    axes = figure.subplots()
    axes.plot(profile.values, profile.excess, ".-", color=fig.LINE_COLORS[0], linewidth=1.1, markersize=3)
    for height, text in ((1.0, "68 %"), (3.841, "95 %")):
        axes.axhline(height, color=fig.INK, linewidth=0.6, linestyle="--")
        axes.annotate(text, (0.99, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7)
    axes.set(xlabel=fig.label(profile.name, profile.unit), ylabel="$\\chi^2-\\chi^2_\\mathrm{min}$")
    fig.tidy(axes)
    return figure


def _triangle(shown: list[int], labels: list[str], single: Any, pair: Any) -> "Figure":
    """A lower triangle of panels: singles on the diagonal, pairs below it."""
    from magjax.plot import figure as fig

    n = max(len(shown), 1)
    figure: Any = fig.new_figure(1.0 + 1.7 * n, 0.6 + 1.5 * n)
    grid = figure.add_gridspec(n, n)
    for row, i in enumerate(shown):
        for column, j in enumerate(shown[: row + 1]):
            axes = figure.add_subplot(grid[row, column])
            if i == j:
                single(axes, i)
                axes.set_yticks([])
            else:
                pair(axes, i, j)
            axes.set_xlabel(labels[j] if row == n - 1 else "")
            axes.set_ylabel(labels[i] if column == 0 and row else "")
            axes.tick_params(axis="x", labelrotation=30)
            axes.ticklabel_format(useOffset=False, style="plain")
            axes.locator_params(nbins=4)
            fig.tidy(axes)
            axes.tick_params(labelsize=6)
    return figure


def _drawn(problem: Any, z: Any, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Of each number: the slope of what is drawn by its coordinate, where it lies, and its label.

    Values with a prefix; decades where a logarithm is known to less than 30 %.
    """
    from magjax.plot.figure import label, prefixed

    z, units = (
        np.asarray(z, float),
        [p.unit for p, s in zip(problem.parameters, problem.shapes, strict=True) for _ in np.ndindex(*s)],
    )
    slopes, centers, labels = [], [], []
    for i, (name, unit, log) in enumerate(zip(problem.names, units, problem.logs, strict=True)):
        if log and not errors[i] < 0.3:
            slopes.append(1 / np.log(10))
            centers.append(z[i] / np.log(10))
            labels.append(f"log10 {name}" + (f" ({unit})" if unit else ""))
            continue
        slope = np.exp(z[i]) if log else float(problem.scale[i])
        value = slope if log else slope * z[i]
        factor, text = prefixed(abs(value), unit)
        slopes.append(slope * factor)
        centers.append(value * factor)
        labels.append(label(name, text))
    return np.array(slopes), np.array(centers), labels


def _order(x: np.ndarray) -> np.ndarray:
    """In which order points make a curve: by x, or as measured where x goes to and fro, as the field of a loop does."""
    ways = np.sign(np.diff(x))
    ways = ways[ways != 0]
    runs = np.diff(np.flatnonzero(np.concatenate([[True], np.diff(ways) != 0, [True]])))
    # Three steps at least one way: neither scattered points nor the jump back to the start of a second sweep.
    to_and_fro = runs.size > 1 and runs.min() >= 3
    return np.arange(x.size) if to_and_fro else np.argsort(x, kind="stable")


def _outputs(data: "Data", predicted: Any, left: Any) -> list[tuple[Any, ...]]:
    names = sorted(data.y) if isinstance(data.y, Mapping) else ["y"]
    errors = jax.tree.leaves(data.error) if data.error is not None else [None] * len(names)
    rows = zip(
        names, *(map(np.asarray, jax.tree.leaves(t)) for t in (data.y, data.mask, predicted, left)), errors, strict=True
    )
    return [
        (n, np.where(m, y, np.nan).ravel(), p.ravel(), r.ravel(), None if e is None else np.asarray(e).ravel())
        for n, y, m, p, r, e in rows
    ]


def _axis(data: "Data", number: int, units: Mapping[str, str]) -> tuple[np.ndarray, str]:
    """The first input that belongs to the points one by one, else their number."""
    from magjax.plot.figure import label, prefixed

    inputs = dict(data.x) if isinstance(data.x, Mapping) else {"x": data.x}
    for name, x in inputs.items():
        if np.size(x) == number and np.ndim(x) == 1:
            known = np.asarray(x, float)
            # Over many decades the axis is logarithmic, and one prefix does not help.
            wide = (known > 0).all() and known.max() > 100 * known.min()
            factor, unit = (1.0, units.get(name, "")) if wide else prefixed(np.abs(known).max(), units.get(name, ""))
            return known * factor, label(name, unit)
    return np.arange(number, dtype=float), "point"


def _one_curve(data: "Data") -> bool:
    """Whether nothing but the first input changes from point to point."""
    others = list(data.x.values())[1:] if isinstance(data.x, Mapping) else []
    return all(np.size(np.unique(np.asarray(x))) <= 1 for x in others)
