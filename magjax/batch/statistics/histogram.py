"""How often values occur."""

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
)

_LIMB = 16


class Histogram(AbstractStatistic):
    """Counts of values in equal bins, over the saves after a time and over replicas: whole numbers, exact up to 2⁴⁷.

    - `of`: what is followed. `bins`: number of bins. `low`, `high`: ends of the first and the last; the last one holds
      `high`, and values outside are counted apart. `after`: saves up to this time are left out, s.

    **Raises** `ValueError` for fewer than one bin, ends out of order, and for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5)
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "z"), 20e-12, replicas=50, dynamics=mj.Langevin(T=300.0), dt=1e-13,
    ...     save_every=1e-12, statistics={"m_z": mj.batch.Histogram("m_z", bins=20)}, progress=False)
    >>> int(found.to_xarray().m_z_counts.sum())
    1000
    """

    summed: ClassVar[bool] = True

    of: Followed
    bins: int
    low: float
    high: float
    after: float

    def __init__(
        self, of: Followed = "m_z", *, bins: int = 100, low: float = -1.0, high: float = 1.0, after: float = 0.0
    ):
        check_of(of)
        if bins != int(bins) or bins < 1:
            raise ValueError(f"Argument `bins` must be a whole number ≥ 1, but got {bins!r}.")
        if not (np.isfinite(low) and np.isfinite(high) and high > low):
            raise ValueError(f"Argument `high` must be above `low`, but got {low!r} … {high!r}.")
        if not after >= 0:
            raise ValueError(f"Argument `after` must be a time ≥ 0 in s, but got {after!r}.")
        self.of, self.bins, self.low, self.high, self.after = of, int(bins), float(low), float(high), float(after)

    def numbers(self, saves: int) -> int:
        """None: they are common to all."""
        return 0

    def start(self, x: Array, frame: Frame) -> Any:
        """All bins empty; the one more holds what lies outside."""
        empty = jnp.zeros((frame.points, x.shape[1], self.bins + 1), jnp.int32)
        return {"low": empty, "high": empty}

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Count, and carry what fills the lower half of a count into the upper one."""
        place = jnp.floor((x - self.low) * (self.bins / (self.high - self.low)))
        place = jnp.where(x == self.high, self.bins - 1, place)
        inside = (place >= 0) & (place < self.bins)
        bin_ = jnp.where(inside, place, self.bins).astype(jnp.int32)
        counts = (now.frame.real & (now.t > self.after))[:, None].astype(jnp.int32)
        part = jnp.arange(x.shape[1])[None, :]
        point = (jnp.zeros_like(now.frame.point) if now.frame.points == 1 else now.frame.point)[:, None]
        low = state["low"].at[point, part, bin_].add(jnp.broadcast_to(counts, bin_.shape))
        return {"low": low & ((1 << _LIMB) - 1), "high": state["high"] + (low >> _LIMB)}

    def result(self, joined: Joined) -> list[Column]:
        """Counts and density along the bins' centres."""
        counts = joined.states["low"].astype(np.int64) + (joined.states["high"].astype(np.int64) << _LIMB)
        inside, outside = counts[..., :-1], counts[..., -1]
        width = (self.high - self.low) / self.bins
        total = counts.sum(-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            density = inside / (total * width)
        centers = self.low + width * (np.arange(self.bins) + 0.5)
        axis = {"value": (centers, "same", "centre of the bin")}
        found = []
        for name, values, unit, meaning in (
            ("counts", inside, "", "number of values in each bin"),
            ("density", density, "inverse", "probability density"),
        ):
            array, dims = parts_dims(values, 1)
            found.append(Column(array, (*dims, "value"), name, unit, meaning, axis))
        return [*found, Column(*parts_dims(outside, 1), "outside", "", "number of values outside the bins")]
