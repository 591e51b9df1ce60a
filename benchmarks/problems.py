"""The physics that every code is given: the same numbers, cell by cell, so that only the code differs."""

import dataclasses

import numpy as np

MU0 = 1.25663706127e-6
GAMMA = 1.76085963e11


@dataclasses.dataclass(frozen=True)
class Problem:
    """A box of one material: demag, exchange, uniaxial anisotropy and a field.

    Lengths in m, `Ms` in A/m, `A` in J/m, `K` in J/m³, `B` in T. With `K` zero the term is left out.
    """

    cells: tuple[int, int, int]
    cell_size: tuple[float, float, float]
    dtype: str
    Ms: float = 8e5
    A: float = 1.3e-11
    K: float = 5e4
    axis: tuple[float, float, float] = (0.0, 0.6, 0.8)
    B: tuple[float, float, float] = (-24.6e-3, 4.3e-3, 0.0)
    alpha: float = 0.02

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a scalar field, (nz, ny, nx)."""
        return self.cells[::-1]

    def to_json(self) -> dict:
        """Plain numbers, for a worker's standard input."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(data: dict) -> "Problem":
        """The inverse of `to_json`."""
        return Problem(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


# Films, then cubes; no two edges of a cell equal, so that a code that mixes its axes cannot agree with the others.
RHS_GRIDS = {
    "256 256 1": ((256, 256, 1), (5e-9, 4e-9, 3e-9)),
    "512 512 1": ((512, 512, 1), (5e-9, 4e-9, 3e-9)),
    "1024 1024 1": ((1024, 1024, 1), (5e-9, 4e-9, 3e-9)),
    "64 64 64": ((64, 64, 64), (5e-9, 4e-9, 3e-9)),
    "128 128 64": ((128, 128, 64), (5e-9, 4e-9, 3e-9)),
}


def sp4(dtype: str = "float64") -> Problem:
    """Standard problem 4 of muMAG with field 1: 500 × 125 × 3 nm in cells of 2.5 × 2.5 × 3 nm."""
    return Problem(cells=(200, 50, 1), cell_size=(2.5e-9, 2.5e-9, 3e-9), dtype=dtype, K=0.0)


def smooth_state(problem: Problem) -> np.ndarray:
    """A unit vector field (3, nz, ny, nx) that varies along every axis, slowly enough for all discretisations."""
    z, y, x = (np.arange(n) / max(n, 64) for n in problem.shape)
    z, y, x = z[:, None, None], y[None, :, None], x[None, None, :]
    theta = 0.5 * np.pi + 0.6 * np.sin(2 * np.pi * (x + y)) + 0.3 * np.cos(np.pi * z)
    phi = 2 * np.pi * (x - y) + np.pi * z
    m = np.stack(np.broadcast_arrays(np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)))
    return m.astype(problem.dtype)


def probe(dmdt: np.ndarray, count: int = 64) -> list[float]:
    """A few values of dm/dt in 1/s by which the codes are held against each other.

    They lie inside the sample: at its surface NeuralMag's discretisation is another one than that of finite
    differences, by design.
    """
    inside = tuple(slice(2, -2) if n > 4 else slice(None) for n in dmdt.shape[1:])
    flat = np.asarray(dmdt, dtype=float)[:, *inside].reshape(-1)
    return flat[np.linspace(0, flat.size - 1, count).astype(int)].tolist()
