"""Damping by eddy currents, as a film makes it locally."""

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.dynamics.base import AbstractDynamics
from magjax.material.parameter import largest, parameter
from magjax.numerics.sphere import components, cross, joined


class EddyDamping(AbstractDynamics):
    """Gilbert's equation in a conducting film whose magnetisation turns alike through its thickness.

    dm/dt = −γ m×B + α m×dm/dt + κ m×(dm/dt)_∥,   κ = γμ0²Ms σd²/12

    A changing magnetisation in the plane induces currents that flow one way in the upper half of the film and the other
    way in the lower; their field, averaged over the thickness, is −(μ0² σd²Ms/12)(dm/dt)_∥. What turns about an axis in
    the plane induces less than what turns in it: the damping is anisotropic, and α + κ where the motion lies in it.
    What currents of neighbouring places do to each other is left out: for films thinner than the skin depth.

    - `sigma`: conductivity σ, S/m. `thickness`: d of the film, m. `Ms`: A/m; the plane is that of x and y.

    **Raises** `ValueError` for negative values, and a thickness above 1 mm (given in nm?).

    Source: J. M. Lock, Br. J. Appl. Phys. 17, 1645 (1966).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 100e-9)
    >>> film = mj.System(mesh, Ms=8e5, alpha=0.01, energy=mj.Zeeman(B=(1.0, 0, 0)))
    >>> eddy = mj.dynamics.EddyDamping(sigma=5e6, thickness=100e-9, Ms=8e5)
    >>> round(float(eddy.kappa(mj.constants.GAMMA)), 4)
    0.0009
    """

    sigma: Array
    thickness: Array
    Ms: Array

    def __init__(self, sigma: float | Array, thickness: float | Array, Ms: float | Array):
        self.sigma = parameter(sigma, "sigma", minimum=0.0)
        self.thickness = parameter(thickness, "thickness", minimum=0.0)
        self.Ms = parameter(Ms, "Ms", minimum=0.0)
        if largest(self.thickness) > 1e-3:
            raise ValueError(
                f"Argument `thickness` must be a length in metres, but got {largest(self.thickness):g} m; did you "
                "give nm?"
            )

    def kappa(self, gamma: Array | float) -> Array:
        """κ = γμ0²Ms σd²/12, what eddy currents add to α where the spins turn in the plane.

        - `gamma`: rad/(s·T).
        """
        # In this order no factor leaves the range of single precision.
        spread = (constants.MU0 * self.sigma * self.thickness) * self.thickness / 12
        return spread * (constants.MU0 * self.Ms) * gamma

    def relative_rate(self, alpha: Array | float) -> float:
        """1: damping slows precession, if anything."""
        return 1.0

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s for the unit vectors `m` in the field `B` (T): linear in `B`, exactly 0 where m is 0.

        With a = α + κ and G(r) = (r + a m×r)/(1 + a²), which solves v = r + a m×v: v = G(−γ m×B) − κ v_z G(m×ẑ), and
        its z component gives v_z.
        """
        kappa = jnp.asarray(self.kappa(gamma), m.dtype)
        a = alpha + kappa

        def solved(rate: Array) -> Array:
            return (rate + a * cross(m, rate)) / (1 + a**2)

        x, y, z = components(m)
        free = solved(-gamma * cross(m, B))
        aside = solved(joined([y, -x, jnp.zeros_like(z)]))
        up, own = components(free)[2], components(aside)[2]
        # 1 + κ G(m×ẑ)_z ≥ 1 − κa/(1+a²) > 0
        return free - aside * (kappa * up / (1 + kappa * own))

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque of `field` (T) alone: it is linear in the field."""
        return self.torque(m, field, gamma, alpha, t)
