"""The Landau–Lifshitz–Gilbert equation with inertia: spins that nutate."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.llg import LLG
from magjax.material.parameter import Parameter, largest, parameter
from magjax.numerics.sphere import cross, scalar_product
from magjax.system import AbstractPrepared, AbstractSystem


class Inertial(AbstractDynamics):
    """The inertial Landau–Lifshitz–Gilbert equation: dm/dt = −γ m×B + m×(α dm/dt + η d²m/dt²).

    In p = η m×dm/dt, the angular momentum of the motion over that of the spin, it is of first order:

    dm/dt = p×m/η,   dp/dt = p×m/η + γ m×B − αp/η.

    Beside the precession there is a nutation near 1/η. The energy falls as d/dt(E + T) = −(α Ms/γ)∫|dm/dt|² dV with
    the kinetic energy T = ∫(η Ms/2γ)|dm/dt|² dV. As η → 0 the equation becomes `mj.LLG`, but steps have to follow the
    nutation: a run takes at least duration/2η of them.

    - `eta`: inertia η, s; any parameter that is positive in every magnetic cell, 1e-14 … 1e-12 in metals. Written
      η = ατ elsewhere.
    - `velocity`: dm/dt at the start, 1/s, `(3, nz, ny, nx)`; at rest unless given. What is along m is left out.

    `Trajectory.velocity` is dm/dt at the end of `mj.evolve`: hand it to the next run to go on.

    **Raises** `ValueError` for an inertia that is not positive, or longer than 1 ns (given in fs?).

    Source: M.-C. Ciornei, J. M. Rubí, J.-E. Wegrowe, Phys. Rev. B 83, 020410 (2011).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> inertial = mj.dynamics.Inertial(eta=100e-15)
    >>> run = mj.evolve(spin, mj.textures.uniform(mesh, (1, 0, 0)), 1e-12, dynamics=inertial)
    >>> bool(abs(run.average[-1, 2]) > 1e-3)  # dips towards the field, as precession alone would not
    True
    """

    eta: Parameter
    velocity: Array | None

    def __init__(self, eta: Parameter, velocity: Any = None):
        self.eta = parameter(eta, "eta", minimum=0.0, hint="inertia is a time, in s")
        self.velocity = None if velocity is None else jnp.asarray(velocity)
        greatest = largest(self.eta)
        if isinstance(self.eta, jax.Array) and not isinstance(self.eta, Tracer) and greatest == 0:
            raise ValueError("Argument `eta` must be > 0, but got 0 s; the equation without inertia is `mj.LLG()`.")
        if greatest > 1e-9:
            raise ValueError(f"Argument `eta` must be a time in s, but got {greatest:g} s; did you give it in fs?")

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt without inertia, 1/s: about which the velocity nutates."""
        return LLG().torque(m, B, gamma, alpha, t)

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque of `field` (T) alone, without inertia."""
        return self.torque(m, field, gamma, alpha, t)

    def relative_rate(self, alpha: Array | float) -> float:
        """1: inertia slows precession. Nutation is faster, which `nutation_rate` bounds."""
        return 1.0

    def inertia(self, prepared: AbstractPrepared, t: Any = 0.0) -> Array:
        """η in s, broadcastable against m; 1 where it is 0, as it may be in empty cells.

        - `prepared`: the system. `t`: time after its epoch, s.
        """
        eta = prepared.value(self.eta, t)
        return jnp.where(eta > 0, eta, 1)

    def momentum(self, m: Array, prepared: AbstractPrepared) -> Array:
        """The angular momenta p = η m×dm/dt at the start, in the shape of m.

        **Raises** `ValueError` for a velocity that is not finite, or of another shape than the spins `m`.
        """
        if self.velocity is None:
            return jnp.zeros_like(m)
        if self.velocity.shape != m.shape:
            raise ValueError(
                f"Argument `velocity` must have the shape {m.shape} of the spins, but got {self.velocity.shape}."
            )
        if not isinstance(self.velocity, Tracer) and not np.isfinite(np.asarray(self.velocity)).all():
            raise ValueError("Argument `velocity` must be finite, in 1/s, but got values that are not.")
        return self.inertia(prepared) * cross(m, self.velocity.astype(m.dtype))

    def rates(self, t: Any, both: Array, prepared: AbstractPrepared) -> Array:
        """dm/dt and dp/dt, 1/s, `(2, 3, nz, ny, nx)`.

        - `t`: time after the epoch, s. `both`: m and p, alike. `prepared`: the system.
        """
        m, p = both
        gamma, alpha = prepared.coefficients(t)
        eta = self.inertia(prepared, t)
        turn = cross(p, m) / eta
        return jnp.stack([turn, turn + gamma * cross(m, prepared.field(t, m)) - alpha / eta * p])

    def nutation_rate(self, prepared: AbstractPrepared, bound: Array) -> Array:
        """An upper bound of the rate of the fastest nutation, rad/s.

        - `prepared`: the system. `bound`: of the rate of precession without inertia and damping, γ|B|, rad/s.
        """
        eta = self.inertia(prepared)
        _, alpha = prepared.coefficients(jnp.zeros((), prepared.dtype))
        # |both| of `analytic.inertial.modes`, with a field of either sign.
        return jnp.max(jnp.sqrt(1 + alpha**2) / eta + jnp.sqrt(bound / eta))

    def kinetic_energy(self, system: AbstractSystem, velocity: Array) -> Array:
        """T = Σ (η Ms V/2γ)|dm/dt|², J.

        - `system`: the system. `velocity`: dm/dt, 1/s, `(3, nz, ny, nx)`.
        """
        prepared = system.prepare(velocity.dtype)
        gamma, _ = prepared.coefficients(0.0)
        inverse = prepared.inverse_magnetisation(0.0)
        Ms = jnp.where(inverse > 0, 1 / jnp.where(inverse > 0, inverse, 1), 0)
        return jnp.sum(Ms / 2 * self.inertia(prepared) / gamma * scalar_product(velocity, velocity)) * (
            system.mesh.cell_volume
        )
