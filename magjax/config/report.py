"""What came out of the stages of a configuration."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class StageReport:
    """What came out of one stage.

    - `name`, `kind`: of the stage. `folder`: where its files are.
    - `m`: `(3, nz, ny, nx)` its last state. `average`: `(3,)` ⟨m⟩ of it. `energies`: J by term, and `total`.
    - `outcome`: how it ended. `steps`, `demag_evaluations`: numbers, the latter `None` where it is not known.
    - `seconds`: wall-clock time.
    - `notes`: what else a person would like to know, a line each.
    - `columns`: single numbers for the table of a scan, by heading such as `barrier (J)`.
    """

    name: str
    kind: str
    folder: Path
    m: Any
    average: tuple[float, ...]
    energies: Mapping[str, float]
    outcome: str
    steps: int
    demag_evaluations: int | None
    seconds: float
    notes: tuple[str, ...] = ()
    columns: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """All but the state, as JSON can hold it."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in ("m", "folder")}
        return fields | {"energies": dict(self.energies), "columns": dict(self.columns)}


def first_zero(t: Any, values: Any) -> float | None:
    """The first time at which a column passes zero, on the cubic through the four rows around; `None` if it never does.

    - `t`, `values`: `(n,)`.

    >>> import numpy as np
    >>> from magjax.config.report import first_zero
    >>> t = np.linspace(0.0, 3.0, 31)
    >>> round(first_zero(t, np.cos(t)), 5)  # π/2
    1.5708
    """
    t, values = np.asarray(t, float), np.asarray(values, float)
    (where,) = np.nonzero(values[:-1] * values[1:] < 0)
    if not len(where):
        return None
    i = int(where[0])
    first = min(max(i - 1, 0), max(len(t) - 4, 0))
    nodes, heights = t[first : first + 4], values[first : first + 4]
    low, high = t[i], t[i + 1]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _lagrange(nodes, heights, middle) * values[i] > 0 else (low, middle)
    return float((low + high) / 2)


def _lagrange(nodes: np.ndarray, heights: np.ndarray, x: float) -> float:
    weights = [np.prod([(x - b) / (a - b) for b in nodes if b != a]) for a in nodes]
    return float(np.dot(weights, heights))


def order(system: Any, m: Any) -> tuple[str, ...]:
    """The Néel vector of two sublattices, as a line for a person."""
    averages = system.averages(m)
    if "n" not in averages:
        return ()
    # Without the sign of a zero.
    x, y, z = (round(float(c), 4) + 0.0 for c in averages["n"])
    return (f"Néel vector ⟨n⟩ = ({x:.4f}, {y:.4f}, {z:.4f})",)


@eqx.filter_jit
def _energies(system: Any, m: Any) -> Any:
    return system.energies(m)


def energies_of(system: Any, m: Any) -> dict[str, float]:
    """The energies of a state in J, by term and in `total`."""
    found = {name: float(value) for name, value in _energies(system, m).items()}
    return {**found, "total": sum(found.values())}
