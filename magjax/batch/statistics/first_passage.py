"""When a value first crosses a threshold."""

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.batch.statistics.base import AbstractStatistic, Column, Followed, Frame, Joined, Moment, check_of


class FirstPassage(AbstractStatistic):
    """The time at which each replica first falls below, or rises above, a threshold; NaN where it never does.

    Between two saves a straight line is assumed: a path that crosses and comes back between them is not seen, so save
    often. The rate is the maximum-likelihood one of an exponential law, (number that passed)/(time spent before
    passing), unbiased by runs that end before they pass; its error is the rate over √number.

    - `of`: what is followed, one number. `below`, `above`: the threshold; give one.

    **Raises** `ValueError` unless exactly one threshold is given, and for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, -1.0)))
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, (0.1, 0, 1)), 200e-12, save_every=1e-12,
    ...     statistics={"reversal": mj.batch.FirstPassage("m_z", below=0.0)}, progress=False)
    >>> round(float(found.to_xarray().reversal[0]) * 1e12)  # (1 + α²)/(α γ B) · ln cot(θ/2), 43 ps
    43
    """

    summed: ClassVar[bool] = False

    of: Followed
    below: float | None
    above: float | None

    def __init__(self, of: Followed = "m_z", *, below: float | None = None, above: float | None = None):
        check_of(of)
        if of == "m":
            raise ValueError("Argument `of` must be one number, such as 'm_z', but got the vector 'm'.")
        if (below is None) == (above is None):
            raise ValueError("Arguments `below` and `above` are two kinds of thresholds: give exactly one of them.")
        self.of, self.below, self.above = of, below, above

    def numbers(self, saves: int) -> int:
        """Time, level, time spent."""
        return 3

    def start(self, x: Array, frame: Frame) -> Any:
        """A member that begins beyond the threshold has passed at once."""
        level = self._level(x)
        return {
            "time": jnp.where(level >= 0, 0, jnp.nan).astype(x.dtype),
            "level": level,
            "spent": jnp.zeros_like(level),
        }

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Look whether the threshold lies between this save and the last."""
        level = self._level(x)
        waiting = jnp.isnan(state["time"])
        crosses = waiting & (level >= 0)
        part = -state["level"] / jnp.where(crosses, level - state["level"], 1)
        time = now.t_before + part * (now.t - now.t_before)
        spent = jnp.where(waiting & now.frame.real, jnp.where(crosses, time, now.t), state["spent"])
        return {"time": jnp.where(crosses, time, state["time"]), "level": level, "spent": spent}

    def result(self, joined: Joined) -> list[Column]:
        """Times, the part that passed, and the rate."""
        time = np.where(joined.failed, np.nan, joined.states["time"].astype(float))
        passed = np.isfinite(time).sum(1)
        whole = np.maximum((~joined.failed).sum(1), 1)
        spent = np.where(joined.failed, 0.0, joined.states["spent"].astype(float)).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(spent > 0, passed / spent, np.nan)
            error = np.where(passed > 0, rate / np.sqrt(passed), np.nan)
        return [
            Column(time, ("replica",), "", "s", "time of the first passage"),
            Column(passed / whole, (), "passed", "", "part of the replicas that passed"),
            Column(rate, (), "rate", "1/s", "rate of first passages"),
            Column(error, (), "rate_error", "1/s", "standard error of the rate"),
        ]

    def _level(self, x: Array) -> Array:
        """How far beyond the threshold, ≥ 0 where it has been passed: `(n,)`."""
        if x.shape[1] != 1:
            raise ValueError(f"Argument `of` of `FirstPassage` must give one number, but it gives {x.shape[1]}.")
        if self.above is not None:
            return x[:, 0] - self.above
        return (0.0 if self.below is None else self.below) - x[:, 0]
