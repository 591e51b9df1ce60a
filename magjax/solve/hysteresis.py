"""`hysteresis`: a quasi-static loop of equilibria in one field after the other."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.energy.zeeman import Zeeman
from magjax.results import Outcome
from magjax.solve.given import spins
from magjax.solve.minimize import MAX_STEPS, minimize
from magjax.system import AbstractSystem


class Loop(eqx.Module):
    """What `hysteresis` returns, along the `n` fields.

    - `B`: `(n, 3)` the fields, T. `average`: `(n, 3)` ⟨m⟩. `energy`: `(n,)` total energy, J.
    - `m`: the last spins. `states`: `(n, …)` all of them, with `states=True`.
    - `torque`: `(n,)` largest |m×B_eff| left, T. `outcome`: `(n,)` `Outcome` codes. `steps`, `evaluations`: `(n,)`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> grain = mj.System(mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=5e4, axis=(0, 0, 1)))
    >>> m0 = mj.textures.uniform(mesh, (0, 0.5, 0.9))
    >>> loop = mj.hysteresis(grain, m0, [(0, 0.02, 0), (0, 0.05, 0)], tolerance=1e-9)
    >>> [round(m, 6) for m in loop.average[:, 1].tolist()]  # m = Ms B / 2K across the axis
    [0.2, 0.5]
    """

    B: Array
    average: Array
    energy: Array
    m: Array
    states: Array | None
    torque: Array
    outcome: Array
    steps: Array
    evaluations: Array

    @property
    def result(self) -> Outcome:
        """How the solves ended: the worst of them."""
        return Outcome.worst(self.outcome)


def hysteresis(
    system: AbstractSystem,
    m0: Any,
    fields: Any,
    *,
    states: bool = False,
    tolerance: Any = None,
    max_steps: int = MAX_STEPS,
) -> Loop:
    """Follow the equilibrium through a sequence of external fields, each minimised from the one before.

    The state jumps where its minimum vanishes: that is the switching field. Pure: `jit`, `vmap` and `grad` apply;
    derivatives follow each equilibrium by the implicit function theorem, and forget those before it. `mj.sweep_field`
    goes along a path of fields in time instead, at a rate and a temperature.

    - `system`: a `System` or `Sublattices`. The fields add to what already acts in it.
    - `m0`: its unit vectors, or a result that holds some, near the equilibrium in the first field.
    - `fields`: `(n, 3)`, T.
    - `states`: keep the spins in each field, too.
    - `tolerance`, `max_steps`: of each `minimize`.

    **Returns** a `Loop`; look at its `result` before you trust it.

    **Raises** `ValueError` for fields of another shape, that are not finite or exceed 1000 T (given in mT?).

    >>> import numpy as np, magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> grain = mj.System(mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=5e4, axis=(0, 0, 1)))  # 2K/Ms = 100 mT
    >>> axis = np.array([0.0, np.sin(0.1), np.cos(0.1)])
    >>> loop = mj.hysteresis(grain, mj.textures.uniform(mesh, axis), np.linspace(0.1, -0.1, 21)[:, None] * axis)
    >>> loop.average.shape, loop.result.name
    ((21, 3), 'SUCCESS')
    """
    m0 = spins(m0, system)
    fields = _fields(fields, m0.dtype)

    def follow(m: Array, B: Array) -> tuple[Array, dict[str, Any]]:
        driven = system + Zeeman(B=B)
        found = minimize(driven, m, tolerance=tolerance, max_steps=max_steps)
        row = {
            "average": system.average(found.m),
            "energy": found.energy,
            "torque": found.torque,
            "outcome": found.outcome,
            "steps": found.steps,
            "evaluations": found.evaluations,
        }
        return found.m, {**row, "states": found.m} if states else row

    m, rows = lax.scan(follow, m0, fields)
    return Loop(B=fields, m=m, states=rows.pop("states", None), **rows)


def coercive_fields(B: Any, m: Any) -> np.ndarray:
    """Fields at which the magnetisation passes zero, by linear interpolation between neighbours of a loop.

    - `B`, `m`: `(n,)` field, T, and magnetisation along it.

    **Returns** the fields in the order of the loop, T; empty if it never passes zero.

    >>> from magjax.solve.hysteresis import coercive_fields
    >>> coercive_fields([0.1, 0.0, -0.1], [1.0, 0.5, -0.5]).tolist()
    [-0.05]
    """
    B, m = np.asarray(B, float), np.asarray(m, float)
    before, after = m[:-1], m[1:]
    (where,) = np.nonzero((before * after < 0) | ((before != 0) & (after == 0)))
    part = before[where] / (before[where] - after[where])
    return B[where] + part * (B[where + 1] - B[where])


def remanence(B: Any, m: Any) -> np.ndarray:
    """Magnetisation at each passage of the field through zero, by linear interpolation.

    - `B`, `m`: `(n,)` field, T, and magnetisation along it.

    >>> from magjax.solve.hysteresis import remanence
    >>> remanence([0.1, -0.1], [1.0, 0.5]).tolist()
    [0.75]
    """
    return coercive_fields(m, B)


def _fields(fields: Any, dtype: Any) -> Array:
    try:
        array = jnp.asarray(fields, dtype)
    except (TypeError, ValueError):
        raise TypeError(f"Argument `fields` must hold vectors in T, shape (n, 3), but got {fields!r}.") from None
    if array.ndim != 2 or array.shape[1] != 3 or array.shape[0] == 0:
        raise ValueError(f"Argument `fields` must have the shape (n, 3), but got {array.shape}.")
    if not isinstance(array, Tracer):
        largest = float(np.max(np.abs(np.asarray(array))))
        if not np.isfinite(largest) or largest > 1e3:
            raise ValueError(f"Argument `fields` must be in T and finite, but got {largest:g} T; did you give mT?")
    return array
