"""`optimal_reversal`: the field pulse that takes a sample from one state to another with the least energy."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax.drive.table import Table
from magjax.energy.zeeman import Zeeman
from magjax.fit.design import Design, design
from magjax.fit.observation import Evolution
from magjax.fit.parameter import Parameter
from magjax.solve.steppers.rk43 import RK43
from magjax.system.system import System

# Four nodes between two values: exact for the square of a cubic.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


class Pulse(eqx.Module):
    """A uniform field that changes in time, acting on a sample; the model of a design.

    - `spin`: the sample, without the pulse. `duration`: s. `B`: the field at equal intervals, `(3, knots)`, T; cubic
      between them.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> pulse = mj.fit.Pulse(mj.System(mesh, Ms=8e5), 1e-9, [[0.0] * 5, [0.02] * 5, [0.0] * 5])
    >>> round(float(pulse.cost) * 1e15, 6)  # mT²·ns
    400.0
    """

    spin: System
    duration: Array
    B: Array

    def __init__(self, spin: System, duration: Any, B: Any):
        self.spin = spin
        given = jnp.asarray(duration), jnp.asarray(B)
        self.duration, self.B = (x.astype(jnp.result_type(float, x)) for x in given)
        if self.B.ndim != 2 or self.B.shape[0] != 3 or self.B.shape[1] < 3:
            raise ValueError(
                f"Argument `B` must have the shape (3, knots) with 3 knots or more, but got {self.B.shape}."
            )

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        """The three components as drives."""
        times = jnp.linspace(0, 1, self.B.shape[1]) * self.duration
        x, y, z = (Table(times, row, "cubic") for row in self.B)
        return x, y, z

    @property
    def system(self) -> System:
        """The sample in the pulse."""
        x, y, z = self.tables
        return self.spin + Zeeman(B=x * (1.0, 0.0, 0.0) + y * (0.0, 1.0, 0.0) + z * (0.0, 0.0, 1.0))

    @property
    def cost(self) -> Array:
        """∫B² dt, T²·s, exactly."""
        pieces = self.B.shape[1] - 1
        parts = (np.arange(pieces)[:, None] + (1 + _NODES)[None] / 2) / pieces
        square = sum(table(jnp.asarray(parts) * self.duration) ** 2 for table in self.tables)
        return jnp.sum(square * (_WEIGHTS / 2)[None]) * self.duration / pieces


def optimal_reversal(
    spin: System,
    m0: Any,
    duration: float,
    *,
    target: tuple[float, float, float] = (0.0, 0.0, -1.0),
    knots: int = 40,
    steps: int | None = None,
    start: Any = None,
    tolerance: float = 1e-8,
    max_steps: int = 300,
    progress: Any = None,
) -> Design:
    """The pulse B(t) of least ∫B² dt that takes a sample from m0 to where its average points along a target.

    It is found by differentiating the simulation, without knowing the answer; for a uniaxial macrospin that is
    `magjax.analytic.optimal_reversal`.

    - `spin`: the sample. `m0`: spins at the start. `duration`: of the pulse, s. `target`: unit vector to be reached.
    - `knots`: how many values of the field are free, for each component; cubic between them.
    - `steps`: of the integration; 8 between two knots unless given.
    - `start`: field to start with, `(3, knots)`, T, or an earlier design, to go on with; else one that turns with the
      spin's precession, at constant strength.
    - `tolerance`, `max_steps`, `progress`: as for `design`.

    **Returns** `Design`; its `.model` is a `Pulse`, with `.cost`, `.B` and `.system`.

    **Raises** `ValueError` for a target that is no unit vector, and fewer than 3 knots.

    Source: G. J. Kwiatkowski et al., Phys. Rev. Lett. 126, 177206 (2021).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> up = mj.textures.uniform(mesh, (0, 0, 1))
    >>> found = mj.fit.optimal_reversal(mj.System(mesh, Ms=1e6), up, 1e-9, knots=3, steps=20)
    >>> bound = mj.analytic.optimal_reversal.short_pulse_cost(1e-9)
    >>> round(float(found.model.cost / bound), 4)
    1.0
    """
    if knots < 3:
        raise ValueError(f"Argument `knots` must be 3 or more, but got {knots!r}.")
    aim = unit_target(target)
    given = start.model.B if isinstance(start, Design) else start
    B = resonant(spin, m0, duration, aim, knots) if start is None else given
    model = Pulse(spin, duration, B)
    unit = jnp.where(model.cost > 0, model.cost, 1.0)
    count = steps or 8 * (knots - 1)
    # As arrays, so that a pulse of another length is not another program.
    end, dt = (jnp.asarray(t, model.B.dtype) for t in (duration, duration / count))
    motion = Evolution(m0, end, end_point, system=_system, dt=dt, solver=RK43())
    # Of few spins all derivatives are carried along at once, which is quicker to compile, too.
    direction: Any = "forward" if spin.mesh.n_cells * model.B.size <= 20_000 else "reverse"
    goal = _Goal(motion.differentiated(direction), jnp.asarray(aim), unit)
    return design(
        model,
        goal,
        Parameter("B", unit="T"),
        mode=direction,
        tolerance=tolerance,
        max_steps=max_steps,
        progress=progress,
    )


class _Goal(eqx.Module):
    """∫B² dt over its first value, and how far the average is from the target."""

    motion: Evolution
    aim: Array
    unit: Array

    def __call__(self, pulse: Pulse) -> tuple[Array, Array]:
        return pulse.cost / self.unit, miss(self.motion(pulse), self.aim)


def unit_target(target: Any) -> np.ndarray:
    """A direction to be reached, checked.

    **Raises** `ValueError` for what is no unit vector.

    >>> from magjax.fit.reversal import unit_target
    >>> unit_target((0, 0, -1)).tolist()
    [0.0, 0.0, -1.0]
    """
    aim = np.asarray(target, float)
    if aim.shape != (3,) or abs(np.linalg.norm(aim) - 1) > 1e-6:
        raise ValueError(f"Argument `target` must be a unit vector, but got {target!r}.")
    return aim


def miss(m: Array, aim: Any) -> Array:
    """How far an average is from a target, projected from the pole opposite to it: two numbers that are to vanish.

    - `m`: `(3,)`. `aim`: unit vector.

    >>> import jax.numpy as jnp
    >>> from magjax.fit.reversal import miss
    >>> [round(abs(float(x)), 6) for x in miss(jnp.array([0.0, 0.0, 0.9]), (0.0, 0.0, 1.0))]
    [0.0, 0.0]
    """
    aim = jnp.asarray(aim, m.dtype)
    # Two directions across the target, from the axis that is farthest from it.
    first = jnp.cross(aim, jnp.eye(3, dtype=m.dtype)[jnp.argmin(jnp.abs(aim))])
    first = first / jnp.sqrt(jnp.sum(first**2))
    across = jnp.stack([first, jnp.cross(aim, first)])
    # From that pole itself, where no field at all would leave many a sample, the way to the target is infinite.
    return across @ m / jnp.maximum(1 + aim @ m, 1e-12)


def _system(pulse: Pulse) -> System:
    return pulse.system


def end_point(run: Any, x: Any) -> Array:
    """The average at the end of a run, whatever else is asked.

    - `run`: a trajectory. `x`: not looked at.
    """
    del x
    return run.average[-1]


def resonant(spin: System, m0: Any, duration: float, aim: np.ndarray, knots: int) -> Array:
    """A field of constant strength that follows the precession of m on an even way from where it is to the target.

    - `spin`, `m0`, `duration`, `aim`, `knots`: as for `optimal_reversal`. **Returns** `(3, knots)`, T.
    """
    first = np.asarray(spin.average(m0), float)
    first = first / np.linalg.norm(first)
    angle = np.arccos(np.clip(first @ aim, -1, 1))
    side = np.eye(3)[np.argmin(np.abs(first))]
    side = side - first * (side @ first)
    side = side / np.linalg.norm(side)
    if angle < 3.14:
        side = aim - first * (aim @ first)
        side = side / np.linalg.norm(side)
    gamma, parts = float(np.mean(np.asarray(spin.gamma))), np.linspace(0, 1, 400)
    # The precession about the first direction: the field on spins that have turned by θ, along that direction.
    way = jnp.asarray(np.cos(angle * parts)[:, None] * first + np.sin(angle * parts)[:, None] * side)
    rates = gamma * np.asarray(_fields_along(spin, way, jnp.asarray(first)))
    phase = np.r_[0, np.cumsum((rates[1:] + rates[:-1]) / 2)] * duration / 399
    phase = np.interp(np.linspace(0, 1, knots), parts, phase)
    strength = angle / (gamma * duration)
    third = np.cross(first, side)
    # Across the way of m: dm/dt = −γ m×B points along `side` for B along first × side.
    return jnp.asarray(strength * (np.cos(phase) * third[:, None] - np.sin(phase) * side[:, None]))


@eqx.filter_jit
def _fields_along(spin: System, way: Array, direction: Array) -> Array:
    """The mean field along a direction at each of many uniform states `(n, 3)`; `(n,)`, T."""

    def mean(m: Array) -> Array:
        field = spin.field(jnp.broadcast_to(m.reshape(3, 1, 1, 1), spin.state_shape))
        return jnp.mean(jnp.tensordot(direction.astype(field.dtype), field, 1))

    return lax.map(mean, way)
