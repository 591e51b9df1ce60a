"""Study `standard_problem_2`: remanence and coercivity of a bar of permalloy against its size."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pydantic

from magjax.config.errors import Problem
from magjax.config.model import Count, Positive
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

#: Any will do: only d over the exchange length counts, and fields over Ms.
_MS, _D = 8e5, 100e-9
#: Fields on the way down from saturation, in Ms.
_DOWN = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
#: Torque to which each equilibrium is found, in μ0 Ms.
_TORQUE = 1e-7
#: Coercivity in Ms of a bar so small that its spins stay parallel (see `StandardProblem2`).
SMALL_LIMIT = 0.05707


class StandardProblem2(AbstractStudy):
    """`kind = "standard_problem_2"`: a bar of 5d × d × 0.1d in a field along (1, 1, 1), from saturation and back.

    Without anisotropy the answer depends on d over the exchange length √(2A/μ0Ms²) alone, so one mesh does for all
    sizes, and A changes instead. The coercivity is the field at which ⟨m⟩ along it passes zero, as a rule by a jump; it
    is bracketed by fields in `step` and then bisected to `resolution`. Small bars turn coherently, at 0.05707 Ms.

    - `sizes`: d over the exchange length. `cells`: across d; five times as many along the bar, one through it.
    - `step`, `resolution`: in Ms.

    Source: µMAG standard problem 2; M. J. Donahue, D. G. Porter, R. D. McMichael, J. Eicke, J. Appl. Phys. 87, 5520
    (2000).
    """

    kind: Literal["standard_problem_2"]
    sizes: tuple[Positive, ...] = pydantic.Field(min_length=1)
    cells: Count = 10
    step: Positive = 4e-3
    resolution: Positive = 2e-5

    @pydantic.model_validator(mode="after")
    def _resolved(self) -> "StandardProblem2":
        if self.resolution >= self.step:
            raise Problem(f"must be finer than `step` = {self.step:g}, but got {self.resolution:g}.", "resolution")
        if max(self.sizes) / self.cells > 3:
            got = f"but got {max(self.sizes):g} over {self.cells} cells"
            raise Problem(f"must be so that a cell is at most 3 exchange lengths, {got}.", "cells")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import xarray as xr

        import magjax as mj

        edges = (_D / self.cells, _D / self.cells, 0.1 * _D)
        mesh = mj.Mesh((5 * self.cells, self.cells, 1), edges)
        demag = mj.Demag(mesh)
        remanence, coercivity = [], []
        for size in self.sizes:
            stiffness = mj.constants.MU0 * _MS**2 * (_D / size) ** 2 / 2
            bar = mj.System(mesh, Ms=_MS, energy=mj.Exchange(A=stiffness) + demag)
            say(f"d = {size:g} exchange lengths")
            m = mj.textures.uniform(mesh, (1, 1, 1))
            for field in (*_DOWN, 0.0):
                m = _equilibrium(bar, m, field)
            remanence.append(np.asarray(bar.average(m)))
            coercivity.append(self._coercivity(bar, m))
        left = np.array(remanence).T
        axes = {"x": "the length", "y": "the width", "z": "the thickness"}
        data: dict[str, Any] = {
            f"remanence_{a}": ("size", left[i], _named(f"remanence along {what}"))
            for i, (a, what) in enumerate(axes.items())
        }
        data["coercivity"] = ("size", np.array(coercivity), _named("coercivity in Ms"))
        coordinates = {"size": ("size", np.array(self.sizes), _named("d over the exchange length"))}
        notes = tuple(
            f"d = {size:g} l_ex: remanence ({x:.4f}, {y:.4f}, {z:.1e}), coercivity {Hc:.5f} Ms"
            for size, (x, y, z), Hc in zip(self.sizes, left.T, coercivity, strict=True)
        )
        return Findings(xr.Dataset(data, coordinates), (*notes, f"coherent rotation: {SMALL_LIMIT} Ms"))

    def _coercivity(self, bar: Any, m: Any) -> float:
        """The field against which ⟨m⟩ passes zero, in Ms, from the remanent state."""
        last = 0.0
        while True:
            found = _equilibrium(bar, m, -(last + self.step))
            if _along(bar, found) <= 0:
                break
            m, last = found, last + self.step
            if last > 1:
                raise Problem("must let the bar switch, but it did not at Ms.", "step")
        first = last + self.step
        while first - last > self.resolution:
            middle = (first + last) / 2
            found = _equilibrium(bar, m, -middle)
            if _along(bar, found) > 0:
                m, last = found, middle
            else:
                first = middle
        return (first + last) / 2

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        size = data["size"]
        left.plot(size, data["remanence_x"], "o-", ms=3.5, lw=1.0, color=fig.LINE_COLORS[0], label="$m_x$")
        left.plot(size, 10 * data["remanence_y"], "s-", ms=3.5, lw=1.0, color=fig.LINE_COLORS[1], label="10 $m_y$")
        left.set(xlabel="$d\\,/\\,l_\\mathrm{ex}$", ylabel="remanence")
        left.legend(fontsize=8, frameon=False)
        right.plot(size, data["coercivity"], "o-", ms=3.5, lw=1.0, color=fig.LINE_COLORS[0])
        right.axhline(SMALL_LIMIT, ls="--", lw=0.8, color=fig.INK)
        right.annotate("coherent rotation", (0.98, SMALL_LIMIT), xycoords=("axes fraction", "data"), fontsize=8,
                       ha="right", va="top")  # fmt: skip
        right.set(xlabel="$d\\,/\\,l_\\mathrm{ex}$", ylabel="$H_c\\,/\\,M_s$")
        for axes in (left, right):
            fig.tidy(axes)
        return figure


def _equilibrium(bar: Any, m: Any, field: float) -> Any:
    """The minimum in a field (in Ms) along (1, 1, 1), reached from `m`."""
    import magjax as mj

    B = mj.constants.MU0 * _MS * field / np.sqrt(3) * np.ones(3)
    found = mj.minimize(bar + mj.Zeeman(B=B), m, tolerance=_TORQUE * mj.constants.MU0 * _MS)
    mj.results.check(found.result, "standard_problem_2", f"at {field:.5f} Ms")
    return found.m


def _along(bar: Any, m: Any) -> float:
    return float(np.sum(np.asarray(bar.average(m))))


def _named(name: str) -> dict[str, str]:
    return {"units": "", "long_name": name}
