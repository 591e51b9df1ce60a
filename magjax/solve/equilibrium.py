"""What solvers for equilibria return, and how well an equilibrium can be known."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.results import Outcome
from magjax.system import AbstractPrepared, AbstractSystem

#: Default for the largest torque left, relative to μ0 Ms.
RELATIVE_TOLERANCE = 1e-6
#: The smallest torque that rounding allows, in units of eps × the largest field that cancels in it.
_ROUNDING = 2.0


class Equilibrium(eqx.Module):
    """A state of equilibrium, from `minimize` or `relax`; `evolve` and `simulate` take it as their `m0`.

    - `m`: the spins, of the shape they had at the start. `energy`: total energy, J.
    - `torque`: largest |m×B_eff|, T. `tolerance`: what it had to fall below, T.
    - `outcome`: an `Outcome` code. `steps`, `evaluations`: number of steps, and of evaluations of the field.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.1)))
    >>> mj.minimize(spin, mj.textures.uniform(mesh, (1, 0, 0.1)))
    Equilibrium(SUCCESS, torque=... T, tolerance=1.01e-06 T, energy=-1e-20 J, steps=..., evaluations=...)
    """

    m: Array
    energy: Array
    torque: Array
    tolerance: Array
    outcome: Array
    steps: Array
    evaluations: Array

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)

    @property
    def converged(self) -> Array:
        """Whether the torque fell below the tolerance: a boolean, of a batch one for each."""
        return self.outcome == int(Outcome.SUCCESS)

    def __repr__(self) -> str:
        numbers = (self.torque, self.tolerance, self.energy, self.steps, self.evaluations)
        if any(not isinstance(x, (jax.Array, np.ndarray)) or isinstance(x, Tracer) for x in numbers):
            return "Equilibrium(traced)"
        torque, tolerance, energy = (_brief(x) for x in numbers[:3])
        return (
            f"Equilibrium({self.result.name}, torque={torque} T, tolerance={tolerance} T, energy={energy} J, "
            f"steps={_brief(self.steps)}, evaluations={_brief(self.evaluations)})"
        )


def _brief(x: Any) -> str:
    x = np.asarray(x)
    return f"{x:.3g}" if x.ndim == 0 else f"{x.min():.3g}…{x.max():.3g}"


def stiffness(prepared: AbstractPrepared) -> Array:
    """An upper bound of the local fields' operator norm plus μ0 max Ms for the demagnetising one, T."""
    Ms = prepared.system.magnetisation(prepared.epoch, prepared.dtype)
    return prepared.local_bound() + constants.MU0 * jnp.max(Ms)


def smallest_torque(system: AbstractSystem, t: Any = 0.0, dtype: Any = None) -> Array:
    """The torque in T below which a precision cannot go: 2 eps × (bound of the local fields + μ0 Ms).

    The exchange field is a difference of neighbours times 2A/(Ms d²); their rounding stays when the torque vanishes.
    A film of permalloy in cells of 2.5 nm allows 1e-5 T in single precision, 2e-14 T in double.

    - `t`: time, s. `dtype`: the precision.

    >>> import jax.numpy as jnp, magjax as mj
    >>> film = mj.System(mj.Mesh((2, 1, 1), 5e-9), Ms=8e5, energy=mj.Exchange(A=1.3e-11))
    >>> from magjax.solve.equilibrium import smallest_torque
    >>> bool(smallest_torque(film, dtype=jnp.float32) > 1e6 * smallest_torque(film, dtype=jnp.float64))
    True
    """
    prepared = system.prepare(dtype).starting_at(t)
    return _ROUNDING * jnp.finfo(prepared.dtype).eps * stiffness(prepared)


def torque_tolerance(tolerance: Any, prepared: AbstractPrepared) -> Array:
    """The tolerance asked for, T, else 1e-6 μ0 max Ms, or what the precision can reach.

    **Raises** `ValueError` for one that is not positive.
    """
    if tolerance is not None:
        known = None if isinstance(tolerance, Tracer) else np.asarray(tolerance)
        if known is not None and not (known.dtype.kind in "fiu" and np.all((known > 0) & np.isfinite(known))):
            raise ValueError(f"Argument `tolerance` must be a torque > 0 in T, but got {tolerance!r}.")
        return jnp.asarray(tolerance, prepared.dtype)
    Ms = prepared.system.magnetisation(prepared.epoch, prepared.dtype)
    rounding = _ROUNDING * jnp.finfo(prepared.dtype).eps * stiffness(prepared)
    return jnp.maximum(RELATIVE_TOLERANCE * constants.MU0 * jnp.max(Ms), rounding)
