"""How long values remember."""

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


class Autocorrelation(AbstractStatistic):
    """The covariance ⟨x(t) x(t+τ)⟩ − ⟨x⟩² of values at equal intervals, and the same over the variance.

    The mean ⟨x⟩ is that over time and all replicas of a point. Each member keeps as many values as there are lags.

    - `of`: what is followed. `lags`: the longest lag in saves. `after`: saves up to this time are left out, s.

    **Raises** `ValueError` for fewer than one lag, a negative time, and for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5)
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "z"), 50e-12, replicas=20, dynamics=mj.Langevin(T=300.0), dt=1e-13,
    ...     save_every=1e-12, statistics={"m_z": mj.batch.Autocorrelation("m_z", lags=5)}, progress=False)
    >>> [round(float(c), 1) for c in found.to_xarray().m_z_autocorrelation[:2]]
    [1.0, 0.9]
    """

    summed: ClassVar[bool] = False

    of: Followed
    lags: int
    after: float

    def __init__(self, of: Followed = "m_z", *, lags: int, after: float = 0.0):
        check_of(of)
        if lags != int(lags) or lags < 1:
            raise ValueError(f"Argument `lags` must be a whole number ≥ 1, but got {lags!r}.")
        if not after >= 0:
            raise ValueError(f"Argument `after` must be a time ≥ 0 in s, but got {after!r}.")
        self.of, self.lags, self.after = of, int(lags), float(after)

    def numbers(self, saves: int) -> int:
        """Its past and the products with it."""
        return 6 * (self.lags + 2)

    def start(self, x: Array, frame: Frame) -> Any:
        """An empty past."""
        past = jnp.zeros((x.shape[0], self.lags + 1, x.shape[1]), x.dtype)
        return {"past": past, "products": past, "sum": jnp.zeros_like(x), "count": jnp.zeros(x.shape[0], jnp.int32)}

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Products with each value of the past, which is 0 where there was none yet."""
        past = jnp.concatenate([x[:, None], state["past"][:, :-1]], axis=1)
        new = {
            "past": past,
            "products": state["products"] + past * x[:, None],
            "sum": state["sum"] + x,
            "count": state["count"] + 1,
        }
        counts = now.t > self.after
        return {key: jnp.where(counts, value, state[key]) for key, value in new.items()}

    def result(self, joined: Joined) -> list[Column]:
        """Covariance and correlation along the lag."""
        good = ~joined.failed[..., None]
        count = np.where(good[..., 0], joined.states["count"], 0).sum(1).astype(float)[:, None]
        replicas = good[..., 0].sum(1)[:, None]
        pairs = np.maximum(count - replicas * np.arange(self.lags + 1)[None], 0)[..., None]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(good, joined.states["sum"].astype(float), 0).sum(1) / count
            products = np.where(good[..., None], joined.states["products"].astype(float), 0).sum(1)
            covariance = products / pairs - mean[:, None] ** 2
            correlation = covariance / covariance[:, :1]
        interval = joined.t[-1] / len(joined.t)
        axis = {"lag": (interval * np.arange(self.lags + 1), "s", "lag")}
        found = []
        for name, values, unit, meaning in (
            ("autocovariance", covariance, "square", "autocovariance"),
            ("autocorrelation", correlation, "", "autocorrelation"),
        ):
            array, dims = parts_dims(values, 2)
            found.append(Column(array, ("lag", *dims), name, unit, meaning, axis))
        return found
