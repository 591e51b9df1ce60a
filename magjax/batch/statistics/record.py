"""The values themselves, for short runs."""

from typing import Any, ClassVar

import jax.numpy as jnp
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


class Record(AbstractStatistic):
    """What is followed, at every save of every replica: memory grows with both.

    - `of`: what is followed.

    **Raises** `ValueError` for what cannot be followed.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "x"), 20e-12, over={"alpha": [0.1, 0.2]}, save_every=10e-12,
    ...     statistics={"m_z": mj.batch.Record("m_z")}, progress=False)
    >>> found.to_xarray().m_z.dims
    ('alpha', 'replica', 't')
    """

    summed: ClassVar[bool] = False

    of: Followed

    def __init__(self, of: Followed = "m"):
        check_of(of)
        self.of = of

    def numbers(self, saves: int) -> int:
        """All values."""
        return 3 * saves

    def start(self, x: Array, frame: Frame) -> Any:
        """Room for every save."""
        return jnp.full((x.shape[0], frame.saves, x.shape[1]), jnp.nan, x.dtype)

    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """Write the values in their place."""
        return state.at[:, now.index].set(x)

    def result(self, joined: Joined) -> list[Column]:
        """The values along time."""
        values, dims = parts_dims(joined.states, 3)
        time = {"t": (joined.t, "s", "time")}
        return [Column(values, ("replica", "t", *dims), "", "same", "of each replica", time)]
