"""Numbers that a person reads at the end of a run."""

from pathlib import Path

import numpy as np
import pytest

from magjax.config.report import StageReport, first_zero
from magjax.config.scan import Scanned, crossings


def test_first_zero_is_found_between_rows() -> None:
    """A cubic through four rows is wrong by h⁴f⁗/24 · (9/16): 2e-6 for cos at a spacing of 0.1."""
    t = np.linspace(0, 3, 31)
    assert first_zero(t, np.cos(t)) == pytest.approx(np.pi / 2, abs=3e-6)
    assert first_zero(t, 2 + np.cos(t)) is None
    assert first_zero([0.0, 1.0], [1.0, -1.0]) == pytest.approx(0.5, rel=1e-6, abs=0)


def _point(cells: list[int], size: str, difference: float) -> Scanned:
    reports = [
        StageReport(name, "minimize", Path(), None, (0.0, 0.0, 0.0), {"total": energy}, "SUCCESS", 1, None, 0.0)
        for name, energy in (("flower", difference), ("vortex", 0.0))
    ]
    return Scanned("", {"mesh.cells": cells, "mesh.size": size}, reports)


def test_crossings_are_extrapolated_in_the_cell_size() -> None:
    """Energies that are equal at 40 + 20/N² nm, sampled exactly: the limit is 40 nm."""
    points = [_point([n, n, n], f"{size} nm", size - 40 - 20 / n**2) for n in (5, 10) for size in (39.0, 41.0)]
    lines = crossings(points, ("flower", "vortex"))
    assert "mesh.size = 4.08e-08 (SI) at mesh.cells = [5, 5, 5]" in lines[0]
    assert "extrapolated to small cells: mesh.size = 4e-08" in lines[-1]


def test_no_crossing_is_told() -> None:
    points = [_point([5, 5, 5], size, -1.0) for size in ("1 nm", "2 nm")]
    assert crossings(points, ("flower", "vortex")) == (
        "flower has the lower energy at every mesh.size at mesh.cells = [5, 5, 5]",
    )
