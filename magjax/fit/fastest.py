"""`fastest_reversal`: how a field of a given strength must turn to take a sample from one state to another soonest."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import drive
from magjax.drive.table import Table
from magjax.energy.zeeman import Zeeman
from magjax.fit.design import Design, design
from magjax.fit.observation import Evolution
from magjax.fit.parameter import Parameter
from magjax.fit.reversal import end_point, miss, resonant, unit_target
from magjax.material.parameter import is_driven
from magjax.solve.steppers.rk43 import RK43
from magjax.system.system import System

#: The duration may end so many times away from where it begins.
_RANGE = 10.0
#: Below this, a direction's length is no direction: its square beside that of unit vectors.
_SHORT = 1e-12


class TurningField(eqx.Module):
    """A uniform field of constant strength that turns, acting on a sample; the model of a design.

    - `spin`: the sample, without the field. `strength`: |B|, T. `duration`: s.
    - `direction`: where B points, at equal intervals, `(3, knots)`, of any length; cubic between them.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> field = mj.fit.TurningField(mj.System(mesh, Ms=8e5), 0.02, 1e-9, [[0.0] * 3, [1.0, 2.0, 3.0], [0.0] * 3])
    >>> [round(float(b), 6) for b in field.B(0.5e-9)]
    [0.0, 0.02, 0.0]
    """

    spin: System
    strength: Array
    duration: Array
    direction: Array

    def __init__(self, spin: System, strength: Any, duration: Any, direction: Any):
        self.spin = spin
        given = (jnp.asarray(x) for x in (strength, duration, direction))
        self.strength, self.duration, self.direction = (x.astype(jnp.result_type(float, x)) for x in given)
        if self.direction.ndim != 2 or self.direction.shape[0] != 3 or self.direction.shape[1] < 3:
            raise ValueError(
                "Argument `direction` must have the shape (3, knots) with 3 knots or more, but got "
                f"{self.direction.shape}."
            )

    def B(self, t: Any) -> Array:
        """The field at a time, T."""
        return self._at(t, self.duration)

    @property
    def system(self) -> System:
        """The sample in the field."""
        return self._in_field(self.duration)

    def within(self, duration: Array) -> System:
        """The same motion in another time: everything precesses so much faster or slower.

        - `duration`: the time it then takes, s.
        """
        other = self._in_field(duration)
        return eqx.tree_at(lambda system: system.gamma, other, other.gamma * (self.duration / duration))

    def _at(self, t: Any, duration: Array) -> Array:
        times = jnp.linspace(0, 1, self.direction.shape[1]) * duration
        along = jnp.stack([Table(times, row, "cubic")(t) for row in self.direction])
        return self.strength * along / jnp.sqrt(jnp.sum(along**2) + _SHORT)

    def _in_field(self, duration: Array) -> System:
        knots = self.direction.shape[1]
        return self.spin + Zeeman(B=drive.function(lambda t: self._at(t, duration), longest=duration / (knots - 1)))


def fastest_reversal(
    spin: System,
    m0: Any,
    strength: float,
    *,
    target: tuple[float, float, float] = (0.0, 0.0, -1.0),
    knots: int = 30,
    steps: int | None = None,
    start: Design | None = None,
    tolerance: float = 1e-6,
    max_steps: int = 300,
    progress: Any = None,
) -> Design:
    """The field B(t) of constant strength that takes a sample soonest from m0 to where its average points to a target.

    min T over B(t)/|B| and T, with ⟨m⟩(T) along the target. It is found by differentiating the simulation; for a
    uniaxial macrospin T is `magjax.analytic.optimal_reversal.shortest_time`. Fields little above the least that can
    reverse a sample at all want many knots, and a design for a stronger field to start with.

    - `spin`: the sample, nothing of which depends on time. `m0`: spins at the start. `strength`: |B|, T.
    - `target`: unit vector to be reached. `knots`: how many directions of the field are free; cubic between them.
    - `steps`: of the integration; 8 between two knots unless given.
    - `start`: an earlier design with as many knots, to go on with or of another strength; else a field that turns with
      the spin's precession.
    - `tolerance`, `max_steps`, `progress`: as for `design`.

    **Returns** `Design`; its `.model` is a `TurningField`, with `.duration`, `.B(t)` and `.system`. Where the field is
    too weak, `.result` is no success.

    **Raises** `ValueError` for a strength that is not > 0, a target that is no unit vector, fewer than 3 knots, and a
    sample that depends on time.

    Source: Z. Z. Sun and X. R. Wang, Phys. Rev. Lett. 97, 077205 (2006).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> up = mj.textures.uniform(mesh, (0, 0, 1))
    >>> found = mj.fit.fastest_reversal(mj.System(mesh, Ms=1e6, alpha=0.1), up, 0.1, knots=3, steps=20)
    >>> shortest = mj.analytic.optimal_reversal.shortest_time(0.1, 0.0, 1e6, 0.1)
    >>> round(float(found.model.duration / shortest), 3)
    1.0
    """
    if knots < 3:
        raise ValueError(f"Argument `knots` must be 3 or more, but got {knots!r}.")
    if not strength > 0:
        raise ValueError(f"Argument `strength` must be > 0, in T, but got {strength!r}.")
    if is_driven(spin):
        raise ValueError("Argument `spin` must not depend on time: it does not yet know how long its way will take.")
    aim = unit_target(target)
    if start is None:
        first = np.asarray(spin.average(m0), float)
        angle = np.arccos(np.clip(first @ aim / np.linalg.norm(first), -1, 1))
        # Half as long again as without anisotropy and damping.
        duration = 1.5 * float(angle) / (float(np.mean(np.asarray(spin.gamma))) * strength)
        model = TurningField(spin, strength, duration, resonant(spin, m0, duration, aim, knots))
    else:
        model = TurningField(spin, strength, start.model.duration, start.model.direction)
    length = jnp.sqrt(jnp.sum(model.direction**2, axis=0))
    model = eqx.tree_at(lambda m: m.direction, model, model.direction / length[None])
    end = model.duration
    dt = end / (steps or 8 * (model.direction.shape[1] - 1))
    motion = Evolution(m0, end, end_point, system=lambda field: field.within(end), dt=dt, solver=RK43())
    direction: Any = "forward" if spin.mesh.n_cells * model.direction.size <= 20_000 else "reverse"
    moved = motion.differentiated(direction)

    def goal(field: TurningField) -> tuple[Array, Array]:
        return field.duration / end, miss(moved(field), aim)

    within = (float(end) / _RANGE, float(end) * _RANGE)
    return design(
        model,
        goal,
        [Parameter("direction", scale=1.0), Parameter("duration", bounds=within, unit="s")],
        mode=direction,
        tolerance=tolerance,
        max_steps=max_steps,
        progress=progress,
    )
