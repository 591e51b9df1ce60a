"""Spins ½ that all couple to all along one axis: their average turns, shortens and comes back, exactly."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = ["mean_spin"]


def mean_spin(
    t: ArrayLike, spins: int, J: ArrayLike, theta: ArrayLike, B: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """⟨S⟩ of N spins ½ with H = ħγB S_z + J S_z², all along (sin θ, 0, cos θ) at first.

    ⟨S_x + iS_y⟩ = ½N sin θ e^(iγBt) (cos μ + i cos θ sin μ)^(N−1) with μ = Jt/ħ: each spin turns at the pace that the
    others' S_z set. ⟨S_z⟩ stays. Mean field has e^(i(N−1)μ cos θ) for the power, and does not shorten.

    - `t`: times, s; any shape. `spins`: N. `J`: the coupling, J. `theta`: rad. `B`: field along z, T.
    - `gamma`: γ, rad/(s·T).

    **Returns** `(*t.shape, 3)`, dimensionless.

    Source: M. Kitagawa and M. Ueda, Phys. Rev. A 47, 5138 (1993), here for any θ.

    >>> from magjax import constants
    >>> from magjax.analytic import twisting
    >>> half = constants.PI * constants.HBAR / 2e-24  # μ = π/2
    >>> [round(abs(float(S)), 6) for S in twisting.mean_spin(half, 4, 1e-24, theta=constants.PI / 2)]
    [0.0, 0.0, 0.0]
    """
    t, J, theta = floats(t, J, theta)
    angle = J / constants.HBAR * t
    others = jnp.cos(angle) + 1j * jnp.cos(theta) * jnp.sin(angle)
    across = spins / 2 * jnp.sin(theta) * jnp.exp(1j * jnp.asarray(gamma) * B * t) * others ** (spins - 1)
    return jnp.stack([across.real, across.imag, spins / 2 * jnp.cos(theta) + 0 * t], axis=-1)
