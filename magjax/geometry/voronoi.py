"""Voronoi tessellations: polycrystals."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from magjax.geometry import arguments
from magjax.mesh import AXES, Axis, Mesh

# Sites are also thrown this many grain sizes beyond open edges, so that grains there are neither larger nor rounder.
_MARGIN = 3.0


def tessellate(
    mesh: Mesh, grain_size: float, key: int | jax.Array, columnar: bool | None = None
) -> Int[np.ndarray, "nz ny nx"]:
    """The number of the nearest of a set of random points for each cell; see `Regions.voronoi`."""
    size = arguments.length("grain_size", grain_size)
    if columnar is None:
        columnar = mesh.extent[2] <= size
    axes: tuple[Axis, ...] = AXES[:2] if columnar else AXES
    lengths = np.array([mesh.extent[AXES.index(a)] for a in axes])
    margins = np.array([0.0 if mesh.is_periodic(a) else _MARGIN * size for a in axes])
    sides = lengths + 2 * margins
    random = generator(key)
    count = max(1, random.poisson(np.prod(sides / size)))
    sites = random.uniform(size=(count, len(axes))) * sides[None] - margins[None]
    centers = np.meshgrid(*(mesh.coordinates(a) - mesh.origin[AXES.index(a)] for a in reversed(axes)), indexing="ij")
    cells = np.stack([c.ravel() for c in reversed(centers)], axis=1)
    nearest = _nearest(
        cells, sites, [length if mesh.is_periodic(a) else 0.0 for a, length in zip(axes, lengths, strict=True)]
    )
    return np.array(np.broadcast_to(nearest.reshape(centers[0].shape), mesh.shape))


def generator(key: int | jax.Array) -> np.random.Generator:
    """A NumPy generator from a jax key, or the whole number one would make a key of.

    **Raises** `ValueError` for anything else.
    """
    if isinstance(key, jax.Array):
        data = jax.random.key_data(key) if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else key
        return np.random.default_rng(np.asarray(data).astype(np.uint32).ravel())
    if isinstance(key, bool) or not isinstance(key, (int, np.integer)) or key < 0:
        raise ValueError(f"Argument `key` must be a jax random key or a whole number ≥ 0, but got {key!r}.")
    return generator(jax.random.key(int(key)))


def _nearest(cells: np.ndarray, sites: np.ndarray, periods: list[float]) -> np.ndarray:
    from scipy.spatial import KDTree  # half a second to import, for few sessions

    # Rounding may put a coordinate on the far edge of its period, which the tree refuses.
    wrap = np.array([p if p > 0 else np.inf for p in periods])
    inside = [np.where(np.isinf(wrap)[None], points, np.fmod(points, wrap[None])) for points in (cells, sites)]
    return np.asarray(KDTree(inside[1], boxsize=periods).query(inside[0])[1])
