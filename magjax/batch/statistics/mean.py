"""Mean and variance in time."""

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


class Mean(AbstractStatistic):
    """Mean and variance over the saves after a time, and over replicas.

    The error of the mean is from the scatter of the replicas' own means, which knows of correlations in time:
    σ = √(Σ (x̄_r − x̄)² / (R (R−1))), NaN for one replica.

    - `of`: what is followed. `after`: saves up to this time are left out, s.
    - `each`: keep the means of single replicas, too.

    **Raises** `ValueError` for a negative time, and for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "z"), 20e-12, replicas=50, dynamics=mj.Langevin(T=300.0), dt=1e-13,
    ...     save_every=1e-12, statistics={"m_z": mj.batch.Mean("m_z")}, progress=False)
    >>> data = found.to_xarray()
    >>> 0 < float(data.m_z_mean) < 1, 0 < float(data.m_z_error) < 0.05
    (True, True)
    """

    summed: ClassVar[bool] = False

    of: Followed
    after: float
    each: bool

    def __init__(self, of: Followed = "m", *, after: float = 0.0, each: bool = False):
        check_of(of)
        if not after >= 0:
            raise ValueError(f"Argument `after` must be a time ≥ 0 in s, but got {after!r}.")
        self.of, self.after, self.each = of, float(after), each

    def numbers(self, saves: int) -> int:
        """Count, means and squares."""
        return 7

    def start(self, x: Array, frame: Frame) -> Any:
        """No saves yet."""
        return {"count": jnp.zeros(x.shape[0], jnp.int32), "mean": jnp.zeros_like(x), "square": jnp.zeros_like(x)}

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Welford's recurrence, which loses no digits to a large mean."""
        counts = now.t > self.after
        count = state["count"] + counts
        off = x - state["mean"]
        mean = state["mean"] + off / jnp.maximum(count, 1)[:, None].astype(x.dtype)
        square = state["square"] + off * (x - mean)
        return {
            "count": count,
            "mean": jnp.where(counts, mean, state["mean"]),
            "square": jnp.where(counts, square, state["square"]),
        }

    def result(self, joined: Joined) -> list[Column]:
        """Mean, its error, and variance."""
        count = joined.states["count"][..., None].astype(float)
        mean, square = (joined.states[key].astype(float) for key in ("mean", "square"))
        weight = np.where(joined.failed[..., None] | (count == 0), 0.0, count)
        total = weight.sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(weight > 0, mean, np.nan)
            center = np.where(total > 0, np.nansum(weight * mean, 1) / total, np.nan)
            apart = np.where(weight > 0, mean - center[:, None], 0.0)
            spread = (np.where(weight > 0, square, 0.0) + weight * apart**2).sum(1) / total
            many = (weight > 0).sum(1)
            error = np.where(many > 1, np.sqrt((apart**2).sum(1) / (many * (many - 1.0))), np.nan)
        columns = [
            Column(*parts_dims(center, 1), "mean", "same", "mean over time and replicas"),
            Column(*parts_dims(error, 1), "error", "same", "standard error of the mean"),
            Column(*parts_dims(spread, 1), "variance", "square", "variance over time and replicas"),
        ]
        if self.each:
            values, dims = parts_dims(mean, 2)
            columns.append(Column(values, ("replica", *dims), "each", "same", "mean over time of each replica"))
        return columns
