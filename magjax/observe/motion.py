"""How textures move: velocities, and the tensors of Thiele's equation."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.numerics.sphere import dot
from magjax.observe.topology import derivative, skyrmion_number
from magjax.system import AbstractSystem


def velocity(t: Any, position: Any, period: float | None = None) -> np.ndarray:
    """Velocity of something whose position was recorded, m/s, of the shape of `position`: central differences.

    - `t`: `(n,)` times, s. `position`: `(n,)` or `(n, …)`, m. `period`: after which positions repeat, m.

    **Raises** `ValueError` for fewer than two times, or another number of positions.

    >>> import numpy as np, magjax as mj
    >>> t = np.linspace(0, 1e-9, 5)
    >>> mj.observe.velocity(t, (90e-9 + 100.0 * t) % 100e-9, period=100e-9).round(6).tolist()
    [100.0, 100.0, 100.0, 100.0, 100.0]
    """
    times, x = np.asarray(t, float), np.asarray(position, float)
    if times.ndim != 1 or len(times) < 2 or len(x) != len(times):
        raise ValueError(
            "Argument `position` must hold a position for each of at least two times, but got shape "
            f"{x.shape} for times of shape {times.shape}."
        )
    if period is not None:
        x = np.unwrap(x, axis=0, period=period)
    return np.gradient(x, times, axis=0)


def thiele_tensors(t: Any, m: Array, system: AbstractSystem) -> dict[str, Array]:
    """What Thiele's equation G×(v − u) + D(αv − βu) = F knows of a texture, per layer of the mesh.

    - `Q`: skyrmion number. `dissipation`: ∫∂i m·∂j m dx dy, `(2, 2)`.
    - `G`: gyrovector's z component 4πQ Ms d/γ, kg/s. `D`: dissipation × Ms d/γ, `(2, 2)`, kg/s. d is the thickness of
      the mesh; in a sample of several materials Ms and γ are those of each cell.

    - `t`: time, s. `m`: unit vectors `(3, nz, ny, nx)`. `system`: a `System`.

    Source: A. A. Thiele, Phys. Rev. Lett. 30, 230 (1973).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 1e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=16e-9, wall_width=4e-9)
    >>> found = mj.observe.thiele_tensors(0.0, m, mj.System(mesh, Ms=8e5))
    >>> round(float(found["dissipation"][0, 0]), 1), round(float(found["Q"]), 3)  # 2π(R/Δ + Δ/R) = 26.7
    (26.4, -1.0)
    """
    mesh = system.mesh
    gamma, _ = system.prepare(m.dtype).starting_at(t).coefficients(jnp.zeros((), m.dtype))
    momentum = jnp.broadcast_to(system.magnetisation(t, m.dtype) / gamma, (1, *mesh.shape))[0]
    slopes = [derivative(m, axis, system) for axis in ("x", "y")]
    area, layers = mesh.cell_size[0] * mesh.cell_size[1], m.shape[1]
    products = jnp.stack([jnp.stack([dot(a, b) for b in slopes]) for a in slopes])
    Q = skyrmion_number(t, m, system)
    mean = jnp.sum(momentum) / jnp.maximum(jnp.sum(momentum > 0), 1)
    thickness = mesh.extent[2]
    return {
        "Q": Q,
        "dissipation": jnp.sum(products, axis=(2, 3, 4)) * (area / layers),
        "G": 4 * jnp.pi * Q * mean * thickness,
        "D": jnp.sum(products * momentum[None, None], axis=(2, 3, 4)) * (area * mesh.cell_size[2]),
    }
