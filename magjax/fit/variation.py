"""Total variation: what is known of a map that is even but for sharp edges, such as those of grains."""

import dataclasses
import math

import jax.numpy as jnp
from jaxtyping import Array


@dataclasses.dataclass(frozen=True)
class TotalVariation:
    """Adds to χ² the sum over cells of 2 [√(s² + ε²) − ε]/w, s = d |∇f|: linear in a step, however it is spread.

    Quadratic smoothing makes one large step dearer than many small ones and rounds every edge; this prior does not:
    it is minus twice the logarithm of exp(−s/w). Below ε it is quadratic, so that it has derivatives where f is even,
    where differences of neighbours count as with a standard deviation √(εw).

    The gradient is per length: forward differences over the cell's edges dx, dy, dz, and s is that of the step across
    d = (dx dy dz)^{1/3}, or the mean of the two edges of a film's cells, so that an edge costs by its area alone,
    whatever the shape of the cells. Differences are those of the parameter over its `scale`; with `log`, of logarithms.

    - `width`: w, the typical size of a step. `epsilon`: ε, what counts as even; small beside the steps to be found.
    - `cell_size`: dx, dy, dz of a map `(nz, ny, nx)` in any one unit; cubes unless given. Of an array of fewer axes the
      last ones count.

    **Raises** `ValueError` for numbers that are not positive.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> edge = fit.TotalVariation(width=0.5, epsilon=1e-6)
    >>> sharp, even = jnp.array([0.0, 0, 0, 1, 1, 1]), jnp.linspace(0.0, 1.0, 6)
    >>> [round(float((edge.rows(f) ** 2).sum()), 3) for f in (sharp, even)]  # 2 steps of 1 over w, sharp or not
    [4.0, 4.0]
    """

    width: float
    epsilon: float = 0.01
    cell_size: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        for name in ("width", "epsilon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"Argument `{name}` must be > 0, but got {getattr(self, name)!r}.")
        if len(self.cell_size) != 3 or not all(d > 0 for d in self.cell_size):
            raise ValueError(f"Argument `cell_size` must be three lengths > 0, but got {self.cell_size!r}.")

    def rows(self, field: Array) -> Array:
        """What it adds, as residuals whose squares are summed: for each axis one for each cell."""
        edges = self.cell_size[: field.ndim][::-1]
        axes = [axis for axis, count in enumerate(field.shape) if count > 1]
        length = math.prod(edges[axis] for axis in axes) ** (1 / max(len(axes), 1))
        steps = []
        for axis in axes:
            # Beyond the last cell nothing differs.
            last = jnp.take(field, jnp.array([-1]), axis=axis)
            steps.append(jnp.diff(field, axis=axis, append=last) * (length / edges[axis]))
        step = jnp.stack(steps) if steps else jnp.zeros((0, *field.shape), field.dtype)
        square = jnp.sum(step**2, axis=0)
        # √(s² + ε²) − ε = s²/(√(s² + ε²) + ε): neither digits nor the derivative are lost where nothing differs.
        share = 2 / (self.width * (jnp.sqrt(square + self.epsilon**2) + self.epsilon))
        return jnp.ravel(step * jnp.sqrt(share)[None])
