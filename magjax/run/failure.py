"""Where and when a run went wrong."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from magjax.numerics.sphere import component_axis
from magjax.run.chunk import Problem
from magjax.run.progress import si


def whereabouts(problem: Problem, m: Any, t: float, dt: float) -> str:
    """Time, cell and term of the first value that is not finite; without one, the cell that the largest field acts on.

    - `m`: the last good state. `t`: its time since the start, s. `dt`: the step that failed, s.

    >>> import jax.numpy as jnp, numpy as np, magjax as mj
    >>> from magjax.run.chunk import Problem
    >>> from magjax.run.failure import whereabouts
    >>> mesh = mj.Mesh((4, 1, 1), 5e-9)
    >>> wall = lambda x, y, z: (0 * x, 0 * y, np.where(x < 6e-9, np.inf, 0))
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=wall))
    >>> zero = jnp.zeros(())
    >>> problem = Problem(spin, mj.LLG(), None, None, {}, zero, zero + 1, 1e-5, None, zero.dtype)
    >>> whereabouts(problem, mj.textures.uniform(mesh, "x"), 0.0, 1e-13)
    'at t = 0 s in cell (x, y, z) = (0, 0, 0), at (2.5, 2.5, 2.5) nm, where the field of `zeeman` is not finite'
    """
    m = jnp.asarray(m)
    start = float(problem.t0)
    largest: tuple[float, tuple[int, ...], str] = (-1.0, (0, 0, 0), "")
    # The term may have jumped within the step.
    for after in (0.0, dt):
        for name, field in problem.system.fields(m, start + t + after).items():
            strength = np.sqrt((np.asarray(field, np.float64) ** 2).sum(axis=component_axis(field.ndim)))
            bad = np.argwhere(~np.isfinite(strength))
            if len(bad):
                return _place(problem, start + t + after, bad[0], f"where the field of `{name}` is not finite")
            cell = np.unravel_index(int(strength.argmax()), strength.shape)
            if strength[cell] > largest[0]:
                what = f"where the largest field acts, {si(float(strength[cell]), 'T')} of `{name}`"
                largest = (float(strength[cell]), tuple(int(i) for i in cell), what)
    return _place(problem, start + t, largest[1], largest[2])


def _place(problem: Problem, t: float, cell: Any, what: str) -> str:
    mesh = problem.system.mesh
    *sublattice, k, j, i = (int(n) for n in cell)
    index = i, j, k
    of = f" of sublattice {problem.system.sublattices[sublattice[0]]!r}" if sublattice else ""
    x, y, z = (f"{(o + (i + 0.5) * d) * 1e9:g}" for o, i, d in zip(mesh.origin, index, mesh.cell_size, strict=True))
    return f"at t = {si(t, 's')} in cell (x, y, z) = {index}{of}, at ({x}, {y}, {z}) nm{what and ', ' + what}"
