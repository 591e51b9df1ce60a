"""NeuralMag with the magnetisation in cells; see `neuralmag_code.py` for what that changes."""

from typing import Any

from codes import neuralmag_code as nodal
from codes.neuralmag_code import about as about
from codes.neuralmag_code import device_peak_memory as device_peak_memory
from problems import Problem


class Rhs(nodal.Rhs):
    """One evaluation of dm/dt."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem, nodes=False)


def sp4(**arguments: Any) -> dict:
    """Integrate from a saved state."""
    return nodal.sp4(**arguments, nodes=False)


def sp4_reference(**arguments: Any) -> dict:
    """The same at a tolerance of 1e-9."""
    return sp4(**arguments, rtol=1e-9, atol=1e-9)
