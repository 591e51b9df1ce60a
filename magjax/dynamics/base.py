"""What an equation of motion for spins is."""

import abc

import equinox as eqx
from jaxtyping import Array


class AbstractDynamics(eqx.Module):
    """An equation of motion dm/dt = f(t, m, B) for unit vectors: `mj.evolve(…, dynamics=…)` integrates any of them.

    f is perpendicular to m, so that |m| = 1 stays, and exactly 0 where m is 0, in empty cells. Its numbers are leaves.
    """

    @abc.abstractmethod
    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s, of the shape of m.

        - `m`: unit vectors `(3, nz, ny, nx)`, of sublattices `(S, 3, nz, ny, nx)`; in stages of a step only nearly so.
        - `B`: effective field, T, alike.
        - `gamma`: |γ|, rad/(s·T). `alpha`: Gilbert damping. Each broadcastable against `m`. `t`: time, s.
        """

    @abc.abstractmethod
    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """How dm/dt changes when `field` (T) is added to the effective field, 1/s: what an error of the field does."""

    @abc.abstractmethod
    def relative_rate(self, alpha: Array | float) -> Array | float:
        """How much faster than Gilbert's form this one turns spins in a field: stable steps are shorter by that."""
