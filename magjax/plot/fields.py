"""Fields on a plane through the mesh, as colours and arrows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.mesh import AXES, Axis, Mesh
from magjax.plot.colors import color_wheel, luminance, spin_colors
from magjax.plot.plane import cells_shown, layer_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Arrows along the longer side of the picture; more of them cannot be told apart.
_ARROWS = 26
# Shorter arrows are dots that say nothing.
_SHORTEST_ARROW = 0.12
# Beyond this ratio of its sides a picture to scale is a line.
_LONGEST_RATIO = 15.0


def plot_field(
    mesh: Mesh,
    values: Any,
    *,
    axis: Axis = "z",
    index: int | None = None,
    position: float | None = None,
    component: Axis | None = None,
    box: Mapping[Axis, tuple[float, float]] | None = None,
    arrows: bool = True,
    name: str = "m",
    units: str = "",
    limits: tuple[float, float] | None = None,
    title: str | None = None,
    ax: "Axes | None" = None,
) -> "Figure":
    """Show a field on a plane of cells.

    Vectors are coloured by direction (`spin_colors`, with its wheel as a key) and drawn as arrows; one component, or a
    scalar field, is coloured by value. Empty cells are grey. Axes are to scale unless one is over 15 times the other.

    **Arguments**

    - `mesh`: the mesh.
    - `values`: `(3, nz, ny, nx)` or `(nz, ny, nx)`, in `units`. Vectors that are no unit vectors are drawn relative to
      the longest one. Empty cells are those where a vector field is zero; give NaN for them in a scalar field.
    - `axis`: the normal of the plane.
    - `index`: which plane of cells along `axis`; or
    - `position`: where it lies, m. The middle by default.
    - `component`: `"x"`, `"y"` or `"z"` shows one component by value.
    - `box`: the part to show, as `{"x": (lower, upper)}` in m; other axes stay whole.
    - `arrows`: whether to draw arrows on directions.
    - `name`: name of the field, for labels.
    - `units`: unit of the values; gets an SI prefix where that helps.
    - `limits`: smallest and largest value of the colour bar, in `units`.
    - `title`: a line above; by default it tells where the plane lies, if there are several.
    - `ax`: axes to draw into; by default a new figure.

    **Returns** the figure; `.savefig("m.png")` keeps it.

    **Raises** `ValueError` for a shape that does not fit, or a plane outside the mesh.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.plot.fields import plot_field
    >>> mesh = mj.Mesh(cells=(40, 10, 1), cell_size=(2.5e-9, 2.5e-9, 3e-9))
    >>> x, y, z = mesh.centers()
    >>> m = np.stack([np.cos(x / 20e-9), np.sin(x / 20e-9), 0 * x])
    >>> figure = plot_field(mesh, m)
    >>> figure.savefig("m.png")
    """
    view = FieldView(
        mesh,
        values,
        axis=axis,
        index=index,
        position=position,
        component=component,
        box=box,
        arrows=arrows,
        name=name,
        units=units,
        limits=limits,
        ax=ax,
    )
    view.set_title(view.where if title is None else title)
    return view.figure


class FieldView:
    """A picture of a field that can be shown another field; what `plot_field` and `animate` draw with.

    Arguments are those of `plot_field`. Limits of the colour bar stay those of the first field, unless given.
    """

    def __init__(
        self,
        mesh: Mesh,
        values: Any,
        *,
        axis: Axis = "z",
        index: int | None = None,
        position: float | None = None,
        component: Axis | None = None,
        box: Mapping[Axis, tuple[float, float]] | None = None,
        arrows: bool = True,
        name: str = "m",
        units: str = "",
        limits: tuple[float, float] | None = None,
        ax: "Axes | None" = None,
    ):
        from magjax.plot import figure as fig

        for argument, given in (("axis", axis), ("component", component)):
            if given not in AXES and not (argument == "component" and given is None):
                raise ValueError(f"Argument `{argument}` must be 'x', 'y' or 'z', but got {given!r}.")
        self.mesh, self.component = mesh, component
        self.across: tuple[int, int] = tuple(i for i in range(3) if AXES[i] != axis)  # type: ignore[assignment]
        layer = layer_at(mesh, axis, index, position)
        self.planes = tuple(cells_shown(mesh, a, layer if a == axis else None, (box or {}).get(a)) for a in AXES)
        self.factor, length_unit = fig.prefixed(max(mesh.extent[i] for i in self.across), "m")
        along = mesh.coordinates(axis)[layer] * self.factor
        self.where = f"${axis}$ = {along:.4g} {length_unit}" if mesh.cells[AXES.index(axis)] > 1 else ""
        plane = self._plane(values)
        self.by_value = plane.shape[0] == 1
        self.scale = 1.0 if self.by_value else _longest(values)
        left, right, bottom, top = self._edges()
        width, height = right - left, top - bottom
        if ax is None:
            ratio = min(max(height / width, 1 / 6), 5.0) if self._to_scale(width, height) else 0.3
            long = 4.8 / max(1.0, ratio)
            self.axes = fig.new_figure(long + 1.9, long * ratio + 0.95).add_subplot()
        else:
            self.axes = ax
        self.figure: Figure = self.axes.get_figure(root=True)  # type: ignore[assignment]
        self.axes.set_facecolor(fig.EMPTY)
        options: dict[str, Any] = {"origin": "lower", "extent": (left, right, bottom, top), "zorder": 1}
        options["aspect"] = "equal" if self._to_scale(width, height) else "auto"
        self.value_factor = 1.0
        if self.by_value:
            self._draw_values(plane, name, units, limits, options)
        else:
            self.image = self.axes.imshow(spin_colors(plane / self.scale), **options)
            self._draw_wheel()
        self.quiver = self._draw_arrows(plane) if arrows and not self.by_value else None
        for set_label, i in ((self.axes.set_xlabel, self.across[0]), (self.axes.set_ylabel, self.across[1])):
            set_label(fig.label(AXES[i], length_unit))
        fig.tidy(self.axes)

    def update(self, values: Any) -> None:
        """Show another field on the same mesh."""
        plane = self._plane(values)
        if self.by_value:
            self.image.set_data(np.ma.masked_invalid(plane[0] * self.value_factor))
            return
        colors = spin_colors(plane / self.scale)
        self.image.set_data(colors)
        if self.quiver is not None:
            u, v, ink = self._arrows(plane)
            self.quiver.set_UVC(u, v)
            self.quiver.set_facecolor(ink)

    def set_title(self, text: str) -> None:
        """Write a line above the picture."""
        self.axes.set_title(text, fontsize=9, loc="left")

    def _plane(self, values: Any) -> np.ndarray:
        """The values to show, `(c, n_vertical, n_horizontal)`; one component if they are shown by value."""
        array = np.asarray(values, dtype=np.float64)
        scalar = array.shape == self.mesh.shape
        if array.shape != (3, *self.mesh.shape) and not scalar:
            raise ValueError(
                f"Argument `values` must have shape (3, nz, ny, nx) = {(3, *self.mesh.shape)} or {self.mesh.shape}, "
                f"but got {array.shape}; the component comes first and x last."
            )
        if scalar and self.component is not None:
            raise ValueError("Argument `component` must be left out for a scalar field, which has none.")
        if scalar:
            array = array[None]
        elif self.component is not None:
            empty = (array == 0).all(axis=0)
            array = np.where(empty, np.nan, array[AXES.index(self.component)])[None]
        x, y, z = self.planes
        cut = array[:, z, y, x]
        normal = next(i for i in range(3) if i not in self.across)
        return cut.squeeze(axis=3 - normal)

    def _edges(self) -> tuple[float, float, float, float]:
        edges = []
        for i in self.across:
            lower, d = self.mesh.origin[i], self.mesh.cell_size[i]
            edges += [(lower + n * d) * self.factor for n in (self.planes[i].start, self.planes[i].stop)]
        left, right, bottom, top = edges
        return left, right, bottom, top

    @staticmethod
    def _to_scale(width: float, height: float) -> bool:
        return max(width / height, height / width) <= _LONGEST_RATIO

    def _draw_values(
        self, plane: np.ndarray, name: str, units: str, limits: tuple[float, float] | None, options: dict[str, Any]
    ) -> None:
        from magjax.plot import figure as fig

        finite = plane[np.isfinite(plane)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        diverging = self.component is not None or low < 0 < high
        if diverging:
            high = max(abs(low), abs(high))
            # A component of a unit vector is seen against the range it could have.
            high = 1.0 if self.component is not None and not units and 0.05 < high <= 1.0001 else high
            low = -high
        low, high = limits or (low, high)
        self.value_factor, unit = fig.prefixed(max(abs(low), abs(high)), units)
        self.image = self.axes.imshow(
            np.ma.masked_invalid(plane[0] * self.value_factor),
            cmap="RdBu_r" if diverging else "viridis",
            vmin=low * self.value_factor,
            vmax=high * self.value_factor,
            **options,
        )
        bar = self.figure.colorbar(self.image, cax=fig.beside(self.axes, 0.13, None))
        bar.set_label(fig.label(f"{name}_{self.component}" if self.component else name, unit))
        bar.outline.set_linewidth(0.6)
        fig.tidy(bar.ax)

    def _draw_wheel(self) -> None:
        from magjax.plot import figure as fig

        wheel = fig.beside(self.axes, 0.68, 0.68, pad=0.24)
        wheel.imshow(color_wheel(), origin="lower", extent=(-1, 1, -1, 1), interpolation="bilinear")
        wheel.set_axis_off()
        style: dict[str, Any] = {"fontsize": 8, "color": fig.INK, "clip_on": False}
        wheel.text(1.1, 0, "$x$", ha="left", va="center", **style)
        wheel.text(0, 1.08, "$y$", ha="center", va="bottom", **style)
        style["fontsize"] = 6.5
        wheel.text(0, -1.12, "centre $+z$\nrim $-z$", ha="center", va="top", **style)

    def _draw_arrows(self, plane: np.ndarray) -> Any:
        left, right, bottom, top = self._edges()
        width, height = right - left, top - bottom
        scaled = self._to_scale(width, height)
        spacing = (max(width, height) / _ARROWS,) * 2 if scaled else (width / _ARROWS, height / 5)
        cells = [self.mesh.cell_size[k] * self.factor for k in self.across]
        counts = [self.planes[k].stop - self.planes[k].start for k in self.across]
        self.steps = tuple(min(max(1, round(s / d)), n) for s, d, n in zip(spacing, cells, counts, strict=True))
        x, y = (
            (self.mesh.coordinates(AXES[k])[self.planes[k]] * self.factor)[step // 2 :: step]
            for k, step in zip(self.across, self.steps, strict=True)
        )
        # Arrows touch in the denser direction; where there is but one row of them, it has room.
        room = zip(self.steps, cells, counts, spacing, strict=True)
        pitch = min(step * d if step < n else s for step, d, n, s in room)
        size: dict[str, Any] = (
            {"angles": "xy", "scale_units": "xy", "scale": 1.05 / pitch, "units": "xy", "width": 0.085 * pitch}
            if scaled
            else {"scale_units": "width", "scale": 1.05 * _ARROWS, "units": "width", "width": 0.0032}
        )
        shape = {"headwidth": 4.2, "headlength": 4.6, "headaxislength": 4.0, "minlength": 0, "pivot": "mid"}
        u, v, ink = self._arrows(plane)
        return self.axes.quiver(*np.meshgrid(x, y), u, v, color=ink, zorder=2, **shape, **size)

    def _arrows(self, plane: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The components of the arrows, and a colour for each that stands out from what is below it."""
        step_x, step_y = self.steps
        some = plane[:, step_y // 2 :: step_y, step_x // 2 :: step_x] / self.scale
        u, v = some[self.across[0]], some[self.across[1]]
        short = np.hypot(u, v) < _SHORTEST_ARROW
        dark = luminance(spin_colors(some)) < 0.32
        ink = np.where(dark[..., None], np.array([1, 1, 1, 0.9]), np.array([0.08, 0.08, 0.08, 0.9])).reshape(-1, 4)
        return np.ma.masked_where(short, u), np.ma.masked_where(short, v), ink


def _longest(values: Any) -> float:
    norm = np.sqrt((np.asarray(values, dtype=np.float64) ** 2).sum(axis=0))
    longest = float(np.nanmax(norm, initial=0.0))
    # Unit vectors, also after averaging, stay as they are.
    return 1.0 if longest == 0 or 0.5 <= longest <= 1.001 else longest
