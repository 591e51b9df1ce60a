"""Mean over replicas, save by save."""

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.batch.statistics.base import (
    AbstractStatistic,
    Column,
    Followed,
    Frame,
    Joined,
    Moment,
    check_of,
    parts_dims,
    scattered,
)

#: Values are rounded to multiples of the bound over this, finer than any statistical error.
_STEPS = 2**24
#: So many members fit into a sum of one limb.
MOST_MEMBERS = 2**22


class Course(AbstractStatistic):
    """Mean over replicas at each save, and its standard error.

    Values are added up as whole multiples of `bound`·2⁻²⁴, so that the sum is the same in whatever order.

    - `of`: what is followed. `bound`: the largest |x| that can occur; values beyond it are cut to it.

    **Raises** `ValueError` for a bound that is not positive, and for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5)
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "z"), 20e-12, replicas=50, dynamics=mj.Langevin(T=300.0), dt=1e-13,
    ...     save_every=10e-12, statistics={"m_z": mj.batch.Course("m_z")}, progress=False)
    >>> found.to_xarray().m_z_mean.shape
    (2,)
    """

    summed: ClassVar[bool] = True

    of: Followed
    bound: float

    def __init__(self, of: Followed = "m", *, bound: float = 1.0):
        check_of(of)
        if not (bound > 0 and np.isfinite(bound)):
            raise ValueError(f"Argument `bound` must be a number > 0, but got {bound!r}.")
        self.of, self.bound = of, float(bound)

    def numbers(self, saves: int) -> int:
        """None: they are common to all."""
        return 0

    def start(self, x: Array, frame: Frame) -> Any:
        """Room for every save."""
        limbs = jnp.zeros((frame.saves, 3, frame.points, x.shape[1]), jnp.int32)
        return {"count": jnp.zeros((frame.saves, frame.points), jnp.int32), "first": limbs, "second": limbs}

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Add the values and their squares, in limbs of 8 bits that millions of members cannot overflow."""
        counts = now.frame.real
        part = jnp.where(counts[:, None], jnp.clip(x / self.bound, -1, 1), 0)
        count = scattered(jnp.zeros(now.frame.points, jnp.int32), now.frame, counts.astype(jnp.int32))
        return {
            "count": state["count"].at[now.index].set(count),
            "first": state["first"].at[now.index].set(_limbs(part, now.frame)),
            "second": state["second"].at[now.index].set(_limbs(part * part, now.frame)),
        }

    def result(self, joined: Joined) -> list[Column]:
        """Mean and error along time."""
        count = joined.states["count"].T[..., None].astype(float)
        first, second = (_value(joined.states[key]) for key in ("first", "second"))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(count > 0, first / count, np.nan)
            variance = np.maximum(second / count - mean**2, 0)
            error = np.where(count > 1, np.sqrt(variance / (count - 1)), np.nan)
        time = {"t": (joined.t, "s", "time")}
        found = []
        for name, values, meaning in (
            ("mean", mean, "mean over replicas"),
            ("error", error, "standard error of the mean over replicas"),
        ):
            array, dims = parts_dims(self.bound * values, 2)
            found.append(Column(array, ("t", *dims), name, "same", meaning, time))
        return found


def _limbs(part: Array, frame: Frame) -> Array:
    """Sums over members of the three limbs of values within ±1: `(3, points, c)`."""
    whole = jnp.round(part * _STEPS).astype(jnp.int32)
    limbs = (whole & 255, (whole >> 8) & 255, whole >> 16)
    empty = jnp.zeros((frame.points, part.shape[1]), jnp.int32)
    return jnp.stack([scattered(empty, frame, limb) for limb in limbs])


def _value(limbs: np.ndarray) -> np.ndarray:
    """Sums `(points, saves, c)` from limbs `(saves, 3, points, c)`."""
    low, middle, high = (limbs[:, i].astype(np.int64) for i in range(3))
    return np.moveaxis((low + (middle << 8) + (high << 16)).astype(float) / _STEPS, 0, 1)
