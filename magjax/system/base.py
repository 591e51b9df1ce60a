"""What a system is, and a system ready to be evolved."""

import abc
from typing import Any, Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy
from magjax.material.derived import Derived
from magjax.mesh import Mesh


class AbstractSystem(eqx.Module):
    """A magnetic sample as a pytree: every physical number in it is a leaf to differentiate, batch, fit or replace.

    Its spins are unit vectors `m`: `(3, nz, ny, nx)` of a ferromagnet, `(S, 3, nz, ny, nx)` of S sublattices. All that
    evolves, relaxes, heats, saves or observes spins takes either.

    - `mesh`: the mesh. `regions`: named regions, or `None`. `sublattices`: their names; none of a ferromagnet.
    - `occupied`: which cells are magnetic, `(nz, ny, nx)` or `(S, nz, ny, nx)`; `None` where all are.
    """

    mesh: eqx.AbstractVar[Mesh]
    sublattices: eqx.AbstractVar[tuple[str, ...]]
    regions: eqx.AbstractVar[Any]
    occupied: eqx.AbstractVar[Derived | None]

    @property
    @abc.abstractmethod
    def state_shape(self) -> tuple[int, ...]:
        """The shape of its spins."""

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the energy terms."""

    @property
    @abc.abstractmethod
    def dtype(self) -> Any:
        """The precision of the system's own numbers."""

    @property
    @abc.abstractmethod
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""

    @property
    @abc.abstractmethod
    def has_torques(self) -> bool:
        """Whether there are torques that no energy stands behind."""

    @property
    @abc.abstractmethod
    def material(self) -> Any:
        """Ms, α and γ, as they were given: a pytree."""

    @property
    @abc.abstractmethod
    def numbers(self) -> dict[str, Any]:
        """All that the system consists of by names that a message can use."""

    @abc.abstractmethod
    def prepare(self, dtype: Any = None) -> "AbstractPrepared":
        """The system ready to be evolved: all that does not depend on the spins or time computed once."""

    @abc.abstractmethod
    def magnetisation(self, t: Any = 0.0, dtype: Any = None) -> Array:
        """Ms in A/m at time `t` (s), 0 in empty cells; broadcastable against the spins."""

    @abc.abstractmethod
    def field(self, m: Array, t: Any = 0.0) -> Array:
        """Effective field B_eff in T, of the shape of the spins `m`, at time `t` (s)."""

    @abc.abstractmethod
    def fields(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Effective field of each term in T, by name."""

    @abc.abstractmethod
    def energy_density(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy density of each term in J/m³, `(nz, ny, nx)`, by name."""

    @abc.abstractmethod
    def energies(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy of each term in J, by name."""

    @abc.abstractmethod
    def total_energy(self, m: Array, t: Any = 0.0) -> Array:
        """Total energy in J."""

    @abc.abstractmethod
    def average(self, m: Array) -> Array:
        """Magnetisation of the whole sample over its saturation value, ⟨m⟩ = Σ Ms m / Σ Ms; shape `(3,)`."""

    @property
    @abc.abstractmethod
    def average_names(self) -> tuple[str, ...]:
        """Names of the averages that tables show; `m`, that of the whole sample, is the first."""

    @abc.abstractmethod
    def averages(self, m: Array) -> dict[str, Array]:
        """The averages that tables show, each `(3,)`, by name."""

    @abc.abstractmethod
    def __add__(self, term: AbstractEnergy) -> Self:
        """The system with one more term."""


class AbstractPrepared(eqx.Module):
    """A system in one precision, with coefficients and kernels ready: the arguments of an equation of motion.

    Local and nonlocal (demagnetising) fields are kept apart for multirate solvers. Terms with time-dependent parameters
    are prepared anew at each time.

    - `system`: the system. `dtype`: the precision.
    - `epoch`: the time, s, from which times are counted. `within`: the times, s, that drives see at least and at most.
    """

    system: eqx.AbstractVar[Any]
    epoch: eqx.AbstractVar[Array]
    within: eqx.AbstractVar[tuple[Array, Array] | None]
    dtype: eqx.AbstractVar[Any]

    @property
    @abc.abstractmethod
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""

    @property
    @abc.abstractmethod
    def parts(self) -> tuple[Any, ...]:
        """What each sublattice is by itself, a `Prepared` each; of a ferromagnet there is one."""

    @abc.abstractmethod
    def local_field(self, t: Any, m: Array) -> Array:
        """Field of the local terms in T."""

    @abc.abstractmethod
    def nonlocal_field(self, t: Any, m: Array) -> Array:
        """Field of the nonlocal terms in T."""

    @abc.abstractmethod
    def coefficients(self, t: Any) -> tuple[Array, Array]:
        """γ in rad/(s·T) and α at time `t`, broadcastable against a field."""

    @abc.abstractmethod
    def inverse_magnetisation(self, t: Any) -> Array:
        """1/Ms in m/A at time `t`, exactly 0 in empty cells; broadcastable against a field."""

    @abc.abstractmethod
    def value(self, parameter: Any, t: Any) -> Array:
        """A scalar parameter of the sample at time `t`, broadcastable against a field."""

    @abc.abstractmethod
    def local_bound(self) -> Array:
        """An upper bound of the local fields' operator norm, T."""

    @abc.abstractmethod
    def nonlocal_bound(self) -> Array:
        """The same of the nonlocal fields that do not depend on time."""

    @abc.abstractmethod
    def fastest_rate(self) -> Array:
        """An upper bound of the rates of the local terms' dynamics in Gilbert's form, γ|B|/√(1+α²), rad/s."""

    def starting_at(self, t: Any) -> Self:
        """The same with times counted from `t` (s), so that steps late in a long run keep all their digits."""
        return eqx.tree_at(lambda p: p.epoch, self, jnp.asarray(t, self.dtype))

    def between(self, first: Array, last: Array) -> Self:
        """The same with drives evaluated at no other times than these, s: for a step from jump to jump."""
        return eqx.tree_at(lambda p: p.within, self, (first, last), is_leaf=lambda x: x is None)

    def time(self, t: Any) -> Array:
        """The time that drives see, s, at `t` (s) after `epoch`."""
        return self.epoch + t if self.within is None else jnp.clip(self.epoch + t, *self.within)

    def field(self, t: Any, m: Array) -> Array:
        """Effective field of all terms in T, of the shape of the spins."""
        if not self.has_nonlocal:
            return self.local_field(t, m)
        return self.local_field(t, m) + self.nonlocal_field(t, m)
