"""Spins in the radiation field of their own precession: where Gilbert's damping comes from."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.evolve import Evolution
from magjax.quantum.observables import moment_operators
from magjax.quantum.parameter import now, parameter
from magjax.quantum.self_consistent import self_consistent
from magjax.quantum.spins import Spins


class Radiation(eqx.Module):
    """The field B_r that a precessing magnetisation of direction m radiates back at itself, in all its variants.

    B_r = λ0 [(1+a) m×B − α0 B] − λ̄ B + κλ0 m(m·B), with λ0 = α0/(1+α0²). The first part damps; the last exerts no
    torque, but belongs to the moment operator. All numbers are dimensionless.

    - `alpha0`: Gilbert damping. `extra_field`: λ̄. `extra_torque`: a. `kappa`: κ.

    **Raises** `ValueError` for numbers that are not finite.

    Source: derived here; the seed paper's Eq. 32, 46, 49 and 53, with m the direction of M.

    >>> from magjax import quantum
    >>> field = quantum.Radiation(alpha0=1.0).field((1.0, 0, 0), (0, 0, 2.0))
    >>> field.tolist()  # across m and B, and against B
    [0.0, -1.0, -1.0]
    """

    alpha0: Array
    extra_field: Array
    extra_torque: Array
    kappa: Array

    def __init__(self, alpha0: Any, extra_field: Any = 0.0, extra_torque: Any = 0.0, kappa: Any = 0.0):
        self.alpha0 = parameter(alpha0, "alpha0", ((),))
        self.extra_field = parameter(extra_field, "extra_field", ((),))
        self.extra_torque = parameter(extra_torque, "extra_torque", ((),))
        self.kappa = parameter(kappa, "kappa", ((),))

    @property
    def strength(self) -> Array:
        """λ0 = α0/(1+α0²), at most ½."""
        return self.alpha0 / (1 + self.alpha0**2)

    @property
    def along(self) -> Array:
        """M/⟨M̂0⟩ = 1 − λ0α0 − λ̄ + κλ0: negative where the whole moment opposes the bare one."""
        return 1 - self.strength * (self.alpha0 - self.kappa) - self.extra_field

    def tensor(self, m: Any) -> Array:
        """The matrix A(m), `(3, 3)`, dimensionless, with B_r = A B and M̂_I = M̂0 A."""
        m = jnp.asarray(m)
        x, y, z = m
        zero = jnp.zeros_like(x)
        cross = jnp.stack([jnp.stack(row) for row in ((zero, -z, y), (z, zero, -x), (-y, x, zero))])
        one = jnp.eye(3, dtype=m.dtype)
        dissipative = (1 + self.extra_torque) * cross - self.alpha0 * one
        return self.strength * (dissipative + self.kappa * jnp.outer(m, m)) - self.extra_field * one

    def field(self, m: Any, B: Any) -> Array:
        """B_r in T, `(3,)`, for the unit vector `m` in the field `B` (T)."""
        return self.tensor(jnp.asarray(m, jnp.result_type(float))) @ jnp.asarray(B, jnp.result_type(float))

    def interaction(
        self, spins: Spins, m: Callable[[Array], Array], gamma: Any = constants.GAMMA
    ) -> Callable[[Array, Array], Array]:
        """H_I(t, B) = −M̂0·B_r as `d_term` takes it.

        - `spins`: the spins. `m`: the direction of the magnetisation as a function of time. `gamma`: γ, rad/(s·T).
        """
        bare = moment_operators(spins, gamma)

        def energy(t: Array, B: Array) -> Array:
            return -jnp.einsum("a,apq->pq", (self.tensor(m(t)) @ B).astype(bare.dtype), bare)

        return energy

    def moments(self, spins: Spins, m: Any, gamma: Any = constants.GAMMA) -> Array:
        """The whole moment M̂ = M̂0 + M̂0 A, `(3, dim, dim)`, J/T.

        - `spins`: the spins. `m`: direction of the magnetisation, `(3,)`. `gamma`: γ, rad/(s·T).
        """
        m = jnp.asarray(m, jnp.result_type(float))
        bare = moment_operators(spins, gamma)
        # M̂_I = −∂H_I/∂B.
        return bare + jnp.einsum("ba,bpq->apq", self.tensor(m).astype(bare.dtype), bare)


def radiating(
    spins: Spins,
    radiation: Radiation,
    rho0: Any,
    B: Any,
    times: Any,
    gamma: Any = constants.GAMMA,
    **options: Any,
) -> Evolution:
    """Spins in an external field and in the radiation of their own precession: iħ dρ/dt = [−M̂0·(B + B_r), ρ].

    The direction m of M = ⟨M̂⟩ enters B_r, and is found from ρ at every time. M obeys Gilbert's equation with damping
    α0, however far ρ is from equilibrium: `mj.analytic.radiation.magnetisation` in a constant field.

    - `spins`: the spins. `radiation`: the radiation field. `rho0`: density matrix at `times[0]`, with ⟨S⟩ ≠ 0.
    - `B`: external field `(3,)`, T, or a drive times a vector. `times`: rising, s. `gamma`: γ > 0, rad/(s·T).
    - `options`: `tolerance`, `solver`, `adjoint`, `max_steps`, as in `mj.quantum.liouville`.

    **Returns** an `Evolution`; `radiating_directions` gives m at each time.

    **Raises** `ValueError` for a `rho0` without a direction, states and fields that do not fit, and times that go
    backwards.

    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> radiation = quantum.Radiation(alpha0=0.5)
    >>> rho0 = quantum.invariant_state(spin, (1.0, 0, 0))  # ⟨S⟩ along −x, the moment along x
    >>> run = quantum.radiating(spin, radiation, rho0, (0, 0, 1.0), times=(0, 1e-10))
    >>> round(float(quantum.radiating_directions(run, radiation)[-1, 2]), 3)
    1.0
    """
    if not isinstance(rho0, Tracer):
        S = np.asarray(spins.total())
        if np.linalg.norm(np.einsum("pq,aqp->a", np.asarray(rho0), S)) < 1e-12:
            raise ValueError("Argument `rho0` must have ⟨S⟩ ≠ 0, or its radiation has no direction, but got ⟨S⟩ = 0.")
    B = parameter(B, "B", ((3,),), "a drive needs a direction: drive * (0, 0, 1)")
    bare = moment_operators(spins, gamma)

    def energy(t: Array, s: Array, parameters: Any) -> Array:
        radiation, B, bare = parameters
        field = jnp.asarray(now(B, t))
        whole = field + radiation.tensor(_direction(s, radiation)) @ field
        return -jnp.einsum("a,apq->pq", whole.astype(bare.dtype), bare)

    return self_consistent(spins, energy, rho0, times, (radiation, B, bare), **options)


def radiating_directions(run: Evolution, radiation: Radiation) -> Array:
    """The direction m of the whole moment at each time, `(n, 3)`.

    - `run`: what `radiating` returned. `radiation`: its radiation field.

    >>> from magjax import quantum
    >>> spin, radiation = quantum.Spins(1.0), quantum.Radiation(alpha0=0.5)
    >>> run = quantum.radiating(spin, radiation, quantum.invariant_state(spin, (1.0, 0, 0)), (0, 0, 1.0), (0, 1e-12))
    >>> [round(float(m), 6) + 0.0 for m in quantum.radiating_directions(run, radiation)[0]]
    [1.0, 0.0, 0.0]
    """
    total = jnp.sum(run.spin_vectors, axis=1)
    return jnp.sign(radiation.along) * -total / jnp.linalg.norm(total, axis=1, keepdims=True)


def _direction(s: Array, radiation: Radiation) -> Array:
    """Of the whole moment: against the spin, and against that where the radiation outweighs the bare moment."""
    return -jnp.sign(radiation.along) * s / jnp.linalg.norm(s)
