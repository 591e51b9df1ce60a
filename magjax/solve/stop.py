"""Stop conditions: when to end a run before its time."""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.sphere import cross, largest_length
from magjax.solve.motion import Motion, Scheme
from magjax.solve.single import single
from magjax.system import AbstractPrepared


class AbstractStop(eqx.Module):
    """A stop condition; `|` ends a run at whichever comes first."""

    @abc.abstractmethod
    def met(self, scheme: Scheme, prepared: AbstractPrepared) -> Callable[[Motion], Array]:
        """A function telling after each step whether the run should end."""

    def __or__(self, other: "AbstractStop") -> "AbstractStop":
        return Either(self, other) if isinstance(other, AbstractStop) else NotImplemented


class Torque(AbstractStop):
    """Stop when the largest |m×B_eff| is below `below` (T)."""

    below: Array

    def met(self, scheme: Scheme, prepared: AbstractPrepared) -> Callable[[Motion], Array]:
        """Costs one evaluation of the field per step."""

        def check(motion: Motion) -> Array:
            return largest_length(cross(motion.m, prepared.field(motion.clock.high, motion.m))) < self.below

        return check


class EnergyBelow(AbstractStop):
    """Stop when the total energy is below `below` (J)."""

    below: Array

    def met(self, scheme: Scheme, prepared: AbstractPrepared) -> Callable[[Motion], Array]:
        """Costs one evaluation of the energy per step."""
        return lambda motion: prepared.system.total_energy(motion.m, prepared.epoch + motion.clock.high) < self.below


class When(AbstractStop):
    """Stop when a function of time (s), spins and system says so."""

    condition: Callable[[Array, Array, Any], Array] = eqx.field(static=True)

    def met(self, scheme: Scheme, prepared: AbstractPrepared) -> Callable[[Motion], Array]:
        """Costs what the function costs, per step."""

        def check(motion: Motion) -> Array:
            answer = jnp.asarray(self.condition(prepared.epoch + motion.clock.high, motion.m, prepared.system), bool)
            if answer.ndim:
                raise ValueError(
                    "Argument `condition` must give a single true or false, but gives an array of shape "
                    f"{answer.shape}; reduce it by `.any()` or `.all()`."
                )
            return answer

        return check


class Either(AbstractStop):
    """Stop when one of two conditions is met."""

    first: AbstractStop
    second: AbstractStop

    def met(self, scheme: Scheme, prepared: AbstractPrepared) -> Callable[[Motion], Array]:
        """Costs both."""
        first, second = self.first.met(scheme, prepared), self.second.met(scheme, prepared)
        return lambda motion: first(motion) | second(motion)


def torque(below: float) -> AbstractStop:
    """Stop when the largest torque |m×B_eff| anywhere falls below `below`, T.

    **Raises** `ValueError` for a limit that is not positive.

    >>> import magjax as mj
    >>> reversed_or_at_rest = mj.stop.torque(below=1e-4) | mj.stop.when(lambda t, m, system: system.average(m)[0] < 0)
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(-1.0, 0, 0)))
    >>> run = mj.evolve(spin, mj.textures.uniform(mesh, (0.5, 0, 1)), duration=1e-9, stop=reversed_or_at_rest)
    >>> run.result.name, bool(run.end < 1e-9)
    ('STOPPED', True)
    """
    single("below", below, "a torque > 0 in T", above=0)
    return Torque(jnp.asarray(below))


def energy(below: float) -> AbstractStop:
    """Stop when the total energy falls below `below`, J.

    **Raises** `TypeError` for what is no number, `ValueError` for one that is not finite.

    >>> import magjax as mj
    >>> mj.stop.energy(below=-1e-18)
    EnergyBelow(below=...)
    """
    single("below", below, "an energy in J")
    return EnergyBelow(jnp.asarray(below))


def when(condition: Callable[[Array, Array, Any], Array]) -> AbstractStop:
    """Stop when `condition(t, m, system)` is true; any JAX function of time (s), spins and system.

    **Raises** `TypeError` for what cannot be called.

    >>> import magjax as mj
    >>> mj.stop.when(lambda t, m, system: system.average(m)[0] < 0)
    When(condition=...)
    """
    if not callable(condition):
        raise TypeError(f"Argument `condition` must be a function of t, m and system, but got {condition!r}.")
    return When(condition)
