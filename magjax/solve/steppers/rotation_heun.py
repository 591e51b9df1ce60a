"""Heun's method on the rotation group."""

from typing import Any

from jaxtyping import Array

from magjax.numerics.rotation import cayley
from magjax.solve.steppers.langevin_solver import AbstractLangevinSolver
from magjax.solve.steppers.solver import Time


class RotationHeun(AbstractLangevinSolver):
    """Heun's method with rotations: turn by ω at the start, then again from there by the mean of ω at both ends.

    The angular velocity is that of `mj.Langevin`, with its part along m; |m| = 1 to rounding without any
    renormalisation. Two evaluations of the field a step.

    What steps cost with noise: errors of ⟨cos²θ⟩, in 1e-3, of a uniaxial particle whose field 2K/Ms turns it by x in a
    step (measured, ± 0.2; ± 0.4 at α = 1):

    | KV/kT, α | solver | x = 0.1 | 0.2 | 0.4 | 0.8 |
    |---|---|---|---|---|---|
    | 5, 0.1 | `RotationHeun` | 0.1 | 0.3 | 0.8 | 2.4 |
    | | `SemiImplicit` | 0.2 | 0.6 | 1.2 | 3.1 |
    | | `NormalizedHeun` | 0.8 | 1.0 | −3.7 | −41.7 |
    | 2, 0.1 | `RotationHeun` | 0.0 | −0.1 | 1.9 | 5.7 |
    | | `SemiImplicit` | 0.3 | 0.4 | 2.6 | 7.3 |
    | | `NormalizedHeun` | 1.4 | 0.8 | −3.3 | −33.1 |
    | 2, 1.0 | `RotationHeun` | 2.9 | 5.6 | 8.8 | 13.4 |
    | | `SemiImplicit` | 4.1 | 7.9 | 12.8 | 19.4 |
    | | `NormalizedHeun` | 3.7 | 6.8 | 11.3 | 15.7 |

    At weak damping, where precession limits steps, rotations are up to 18 times better. At strong damping the noise
    does, by √(2αkTγdt/μ(1+α²)), 0.16 rad at the first x there; errors are then of first order in dt in all three.

    Source: the Runge–Kutta–Munthe-Kaas construction, H. Munthe-Kaas, BIT 38, 92 (1998), with Cayley's map.

    >>> import magjax as mj
    >>> mj.solvers.RotationHeun().strong_order(None)
    0.5
    """

    def turned(self, term: Any, t0: Time, h: Array, m: Array, args: Any, thermal: Array) -> Array:
        """A predictor, and a rotation by the mean of both angular velocities."""
        first = term.angular_velocity(t0, m, args, thermal)
        second = term.angular_velocity(t0 + h, cayley(m, h * first), args, thermal)
        return cayley(m, h / 2 * (first + second))
