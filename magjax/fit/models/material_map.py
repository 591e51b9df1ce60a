"""Maps of material parameters, cell by cell, from pictures of a magnetisation that moves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.energy.exchange import Exchange
from magjax.energy.uniaxial import UniaxialAnisotropy
from magjax.energy.zeeman import Zeeman
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter
from magjax.mesh import Mesh
from magjax.solve.evolve import evolve
from magjax.system.system import System

#: A power of the base in which the loop is nested; what is not used of it costs nothing.
_MOST_STEPS = 16**4


class MaterialMap(AbstractLaw):
    """A film of one layer of cells, whose spins start as a helix and move; A, K, Ms may differ from cell to cell.

    m(x, y, t) is that of the simulation, in the cell and at the saved time next to what was measured. Exchange acts
    between cells, by the harmonic mean of their A: that 1/A rises and falls from cell to cell like the fields of a
    chessboard leaves no trace in any data, and only smoothness settles it.

    - `mesh`: one layer. `A`, `K`, `Ms`: a number or `(nz, ny, nx)`, J/m, J/m³, A/m; the easy axis is z.
    - `alpha`: damping.
    - `B`: field `(3,)`, T. `period`: of the helix along x and y, m. `times`: at which there are pictures, s.

    Inputs `x`, `y` (m), `t` (s); outputs `m_x`, `m_y`, `m_z`.

    >>> import magjax as mj
    >>> film = mj.fit.MaterialMap(mj.Mesh((4, 3, 1), 4e-9), A=1e-11, Ms=8e5, alpha=0.1, period=(20e-9, 30e-9))
    >>> film.system["exchange"].A.shape, film.m0.shape
    ((1, 3, 4), (3, 1, 3, 4))
    """

    system: System
    m0: Array
    times: tuple[float, ...] = eqx.field(static=True)

    inputs: ClassVar[Mapping[str, str]] = {"x": "m", "y": "m", "t": "s"}
    outputs: ClassVar[Mapping[str, str]] = {"m_x": "", "m_y": "", "m_z": ""}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("A", at="system.exchange.A", bounds=(0, np.inf), log=True, smooth=0.3, unit="J/m"),
        Parameter("K", at="system.uniaxial_anisotropy.K", scale=1e5, smooth=0.3, unit="J/m3"),
        Parameter("Ms", at="system.Ms", bounds=(0, np.inf), log=True, smooth=0.3, unit="A/m"),
        Parameter("alpha", at="system.alpha", bounds=(0, np.inf), log=True, unit=""),
    )

    def __init__(
        self,
        mesh: Mesh,
        *,
        A: Any,
        Ms: Any,
        alpha: Any,
        K: Any = 0.0,
        B: Any = (0.0, 0.0, 0.0),
        period: tuple[float, float] = (20e-9, 20e-9),
        times: tuple[float, ...] = (10e-12, 20e-12),
    ):
        if mesh.cells[2] != 1:
            raise ValueError(f"Argument `mesh` must have one layer, as pictures have, but got {mesh.cells[2]}.")
        if not times or times[0] <= 0 or (np.diff(times) <= 0).any():
            raise ValueError(f"Argument `times` must rise from above 0 s, but got {times!r}.")
        A, K, Ms = (np.broadcast_to(np.asarray(v, float), mesh.shape) for v in (A, K, Ms))
        energy = Exchange(A=A) + UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + Zeeman(B=B)
        self.system = System(mesh, Ms=Ms, alpha=alpha, energy=energy)
        x, y, _ = mesh.centers()
        angle = np.broadcast_to(2 * np.pi * (np.asarray(x) / period[0] + np.asarray(y) / period[1]), mesh.shape)
        m0 = np.stack([np.cos(angle), 0.8 * np.sin(angle), 0.6 * np.sin(angle)])
        self.m0, self.times = jnp.asarray(m0, jnp.result_type(float)), tuple(float(t) for t in times)

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        times = jnp.asarray(self.times)
        # Derivatives along and back: least squares ask for the former, a descent for the latter.
        options: dict[str, Any] = {"adjoint": "bounded", "max_steps": _MOST_STEPS}
        run = evolve(self.system, self.m0, self.times[-1], save_at=times, states=True, **options)
        pictures: Any = run.states
        states = jnp.where(run.outcome <= 1, pictures, jnp.nan)
        shape, size = self.system.mesh.shape, self.system.mesh.cell_size
        column, row = (
            jnp.clip(jnp.floor(jnp.asarray(inputs[name]) / d).astype(int), 0, n - 1)
            for name, d, n in (("x", size[0], shape[2]), ("y", size[1], shape[1]))
        )
        t = jnp.asarray(inputs["t"])
        moment = jnp.argmin(jnp.abs(times.reshape(-1, *(1,) * t.ndim) - t[None]), axis=0)
        m = states[moment, :, 0, row, column]
        return {"m_x": m[..., 0], "m_y": m[..., 1], "m_z": m[..., 2]}
