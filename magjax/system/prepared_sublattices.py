"""Sublattices ready to be evolved."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.coupling import Coupling, CouplingField
from magjax.material.parameter import is_driven
from magjax.material.sample import Sample
from magjax.system.base import AbstractPrepared
from magjax.system.prepared import Prepared, total_bound
from magjax.system.term_fields import TermFields

if TYPE_CHECKING:
    from magjax.system.sublattices import Sublattices


class PreparedSublattices(AbstractPrepared):
    """Sublattices in one precision, with coefficients and kernels ready; fields are `(S, 3, nz, ny, nx)`.

    - `own`: the sublattices by themselves. `couplings`: between each pair that is coupled, ready, or as it was given
      where it depends on time. `net`: the terms that act on the net magnetisation.

    >>> import jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> one = mj.System(mesh, Ms=4e5)
    >>> afm = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=4e6))
    >>> m = mj.textures.antiparallel(mj.textures.uniform(mesh, "z"))
    >>> afm.prepare().field(0.0, m)[:, 2, 0, 0, 0].tolist()  # the exchange field J/Ms
    [10.0, -10.0]
    """

    system: "Sublattices"
    own: tuple[Prepared, ...]
    couplings: tuple[CouplingField | Coupling, ...]
    net: TermFields
    epoch: Array
    within: tuple[Array, Array] | None
    dtype: Any = eqx.field(static=True)

    def __init__(self, system: "Sublattices", dtype: Any):
        self.system = system
        self.dtype = dtype
        self.own = tuple(Prepared(part, dtype) for part in system.systems)
        ready = []
        for pair, coupling in zip(system.pairs, system.couplings, strict=True):
            moving = is_driven((coupling, [system.systems[i].Ms for i in pair]))
            ready.append(coupling if moving else system.coupled(pair, coupling, 0.0, dtype))
        self.couplings = tuple(ready)
        self.net = TermFields(system.energy.terms, system.net_sample(0.0, dtype), moving=False)
        self.epoch = jnp.zeros((), dtype)
        self.within = None

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return self.net.has_nonlocal

    @property
    def parts(self) -> tuple[Prepared, ...]:
        """The sublattices by themselves, at the same time."""
        return tuple(
            eqx.tree_at(lambda p: (p.epoch, p.within), part, (self.epoch, self.within), is_leaf=lambda x: x is None)
            for part in self.own
        )

    def local_field(self, t: Any, m: Array) -> Array:
        """Field of the local terms in T."""
        rows = [part.local_field(t, m[i]) for i, part in enumerate(self.parts)]
        for (a, b), coupling in zip(self.system.pairs, self._couplings(t), strict=True):
            on_a, on_b = coupling(m[a], m[b])
            rows[a], rows[b] = rows[a] + on_a, rows[b] + on_b
        total = jnp.stack(rows)
        if not self.net.has_local:
            return total
        return total + self.net.local_field(self._net(t, m), self._net_sample(t))[None]

    def nonlocal_field(self, t: Any, m: Array) -> Array:
        """Field of the nonlocal terms in T: that of the net magnetisation, for every sublattice the same."""
        if not self.has_nonlocal:
            return jnp.zeros_like(m)
        return jnp.broadcast_to(self.net.nonlocal_field(self._net(t, m), self._net_sample(t))[None], m.shape)

    def coefficients(self, t: Any) -> tuple[Array, Array]:
        """γ in rad/(s·T) and α at time `t`, `(S, 1, 1, 1, 1)` or `(S, 1, nz, ny, nx)`."""
        each = [part.coefficients(t) for part in self.parts]
        return _stacked([gamma for gamma, _ in each]), _stacked([alpha for _, alpha in each])

    def inverse_magnetisation(self, t: Any) -> Array:
        """1/Ms in m/A at time `t`, `(S, 1, 1, 1, 1)` or `(S, 1, nz, ny, nx)`."""
        return _stacked([part.inverse_magnetisation(t) for part in self.parts])

    def value(self, parameter: Any, t: Any) -> Array:
        """A scalar parameter at time `t`, the same for every sublattice: a number or `(1, 1, nz, ny, nx)`."""
        value = self._net_sample(t)().value(parameter)
        return value[None, None] if value.ndim else value

    def local_bound(self) -> Array:
        """The largest of the sublattices' bounds, T."""
        return jnp.max(self._bounds())

    def nonlocal_bound(self) -> Array:
        """μ0 times the sum of all magnetisations at most, T."""
        if not self.net.nonlocal_:
            return jnp.zeros((), self.dtype)
        total = jnp.sum(self.system.magnetisation(self.epoch, self.dtype), axis=0)
        return jnp.max(total) * total_bound([field.bound() for field in self.net.nonlocal_], self.dtype)

    def fastest_rate(self) -> Array:
        """The fastest of the sublattices' bounds γ|B|/√(1+α²), rad/s."""
        gamma, alpha = self.coefficients(jnp.zeros((), self.dtype))
        rates = jnp.max(gamma / jnp.sqrt(1 + alpha**2), axis=(1, 2, 3, 4))
        return jnp.max(rates * self._bounds())

    def coupling_bounds(self) -> Array:
        """What other sublattices add to the bound of each, T, `(S,)`."""
        bounds = [jnp.zeros((), self.dtype)] * len(self.own)
        for (a, b), coupling in zip(self.system.pairs, self._couplings(0), strict=True):
            on_a, on_b = coupling.bounds()
            bounds[a], bounds[b] = bounds[a] + on_a, bounds[b] + on_b
        return jnp.stack(bounds)

    def _bounds(self) -> Array:
        own = jnp.stack([part.local_bound() for part in self.parts])
        shared = total_bound([f.bound() for f in self.net.locals_at(self._net_sample(0))], self.dtype)
        return own + self.coupling_bounds() + shared

    def _couplings(self, t: Any) -> list[CouplingField]:
        return [
            c if isinstance(c, CouplingField) else self.system.coupled(pair, c, self.time(t), self.dtype)
            for pair, c in zip(self.system.pairs, self.couplings, strict=True)
        ]

    def _net(self, t: Any, m: Array) -> Array:
        return self.system.net_magnetisation(m, self.time(t))

    def _net_sample(self, t: Any) -> Callable[[], Sample]:
        return lambda: self.system.net_sample(self.time(t), self.dtype)


def _stacked(values: list[Array]) -> Array:
    """Numbers and fields `(1, nz, ny, nx)`, one for each sublattice, along a new first axis."""
    lifted = [value.reshape(1, 1, 1, 1) if value.ndim == 0 else value for value in values]
    return jnp.stack(jnp.broadcast_arrays(*lifted))
