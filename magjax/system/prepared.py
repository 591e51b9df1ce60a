"""A ferromagnet ready to be evolved."""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.material.parameter import is_driven
from magjax.material.sample import Sample
from magjax.system.base import AbstractPrepared
from magjax.system.term_fields import Field, TermFields

if TYPE_CHECKING:
    from magjax.system.system import System


class Prepared(AbstractPrepared):
    """A ferromagnet in one precision, with coefficients and kernels ready.

    >>> import jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.1)))
    >>> film.prepare(jnp.float32).field(0.0, mj.textures.uniform(mesh, (1, 0, 0), dtype=jnp.float32)).dtype
    dtype('float32')
    """

    system: "System"
    terms: TermFields
    torques: TermFields
    constants: tuple[Array, Array] | None
    epoch: Array
    within: tuple[Array, Array] | None
    dtype: Any = eqx.field(static=True)

    def __init__(self, system: "System", dtype: Any):
        self.system = system
        self.dtype = dtype
        sample = system.sample(0.0, dtype)
        self.terms = TermFields(system.energy.terms, sample, moving=is_driven(system.Ms))
        self.torques = TermFields(system.torques.terms, sample, moving=is_driven((system.Ms, system.gamma)))
        self.constants = None if is_driven((system.gamma, system.alpha)) else _dynamic_constants(system, sample)
        self.epoch = jnp.zeros((), dtype)
        self.within = None

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return self.terms.has_nonlocal

    @property
    def parts(self) -> tuple["Prepared"]:
        """Itself."""
        return (self,)

    def local_field(self, t: Any, m: Array) -> Array:
        """Field of the local terms and of torques in T."""
        field = self.terms.local_field(m, lambda: self._sample(t))
        return field + self.torques.local_field(m, lambda: self._sample(t)) if self.torques.has_local else field

    def nonlocal_field(self, t: Any, m: Array) -> Array:
        """Field of the nonlocal terms in T."""
        return self.terms.nonlocal_field(m, lambda: self._sample(t))

    def local_fields(self) -> tuple[Field, ...]:
        """The fields of the local terms at the epoch."""
        return self.terms.locals_at(lambda: self.system.sample(self.epoch, self.dtype))

    def coefficients(self, t: Any) -> tuple[Array, Array]:
        """γ in rad/(s·T) and α at time `t`, numbers or `(1, nz, ny, nx)`."""
        if self.constants is not None:
            return self.constants
        return _dynamic_constants(self.system, self._sample(t))

    def inverse_magnetisation(self, t: Any) -> Array:
        """1/Ms in m/A at time `t`, a number or `(1, nz, ny, nx)`."""
        return _lifted(self._sample(t).inverse_Ms)

    def value(self, parameter: Any, t: Any) -> Array:
        """A scalar parameter at time `t`, a number or `(1, nz, ny, nx)`."""
        return _lifted(self._sample(t).value(parameter))

    def local_bound(self) -> Array:
        """Sum of the bounds of local fields and torques, T."""
        torques = self.torques.locals_at(lambda: self.system.sample(self.epoch, self.dtype))
        return total_bound([field.bound() for field in (*self.local_fields(), *torques)], self.dtype)

    def nonlocal_bound(self) -> Array:
        """Sum of the nonlocal fields' bounds, T."""
        return total_bound([field.bound() for field in self.terms.nonlocal_], self.dtype)

    def fastest_rate(self) -> Array:
        """An upper bound of the rates of the local terms' dynamics in Gilbert's form, γ|B|/√(1+α²), rad/s."""
        gamma, alpha = self.coefficients(jnp.zeros((), self.dtype))
        return jnp.max(gamma / jnp.sqrt(1 + alpha**2)) * self.local_bound()

    def _sample(self, t: Any) -> Sample:
        return self.system.sample(self.time(t), self.dtype)


def _dynamic_constants(system: "System", sample: Sample) -> tuple[Array, Array]:
    return _lifted(sample.value(system.gamma)), _lifted(sample.value(system.alpha))


def total_bound(bounds: list[Array], dtype: Any) -> Array:
    """Bounds added in the precision of the run: those of terms without neighbours or parameters know none.

    >>> import jax.numpy as jnp
    >>> from magjax.system.prepared import total_bound
    >>> total_bound([jnp.ones(()), jnp.zeros((), jnp.float32)], jnp.float32).dtype
    dtype('float32')
    """
    return sum((bound.astype(dtype) for bound in bounds), start=jnp.zeros((), dtype))


def _lifted(value: Array) -> Array:
    """A scalar field with the axis of components; a number as it is."""
    return value[None] if value.ndim else value
