"""What interactions add to the precession of a magnetisation, from the operators: the D-term."""

from collections.abc import Callable
from typing import Any, cast

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_density
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.observables import moment_operators
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins

#: An interaction as a function of time (s) and the external field (T), giving a matrix in J.
Interaction = Callable[[Array, Array], Array]


class DTermParts(eqx.Module):
    """The rate of the moment ⟨M̂⟩ in parts, each `(3,)`, J/(T·s); divided by the volume, of the magnetisation.

    - `moment`: ⟨M̂⟩ = ⟨M̂0 + M̂_I⟩ itself, J/T.
    - `precession`: −γ⟨M̂⟩×B.
    - `density`: (1/iħ)⟨[M̂, H_I]⟩, from the change of the density matrix.
    - `own`: ⟨∂M̂_I/∂t + D̂_I⟩, from the change of the moment operator itself.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum import DTermParts
    >>> parts = DTermParts(*(jnp.full(3, x) for x in (1.0, 2.0, 3.0, 4.0)))
    >>> parts.D.tolist(), parts.rate.tolist()
    ([7.0, 7.0, 7.0], [9.0, 9.0, 9.0])
    """

    moment: Array
    precession: Array
    density: Array
    own: Array

    @property
    def D(self) -> Array:
        """The whole D-term, J/(T·s)."""
        return self.density + self.own

    @property
    def rate(self) -> Array:
        """d⟨M̂⟩/dt, J/(T·s)."""
        return self.precession + self.D


def d_term(
    spins: Spins,
    rho: Any,
    interaction: Interaction | AbstractHamiltonian,
    B: Any,
    t: Any = 0.0,
    gamma: Any = constants.GAMMA,
) -> DTermParts:
    """The D-term of d⟨M̂⟩/dt = −γ⟨M̂⟩×B + D for spins with any interaction, exact in any state.

    D = (1/iħ)⟨[M̂, H_I]⟩ + ⟨∂M̂_I/∂t + D̂_I⟩ with the moments M̂ = M̂0 + M̂_I, M̂0 = −ħγΣS, M̂_I = −∂H_I/∂B, and what
    keeps M̂_I from precessing, D̂_I = (i/ħ)[H_0, M̂_I] + γ M̂_I×B. Derivatives with respect to field and time are taken
    by autodiff, so that an interaction is one function.

    - `spins`: the spins. `rho`: the density matrix `(dim, dim)`.
    - `interaction`: H_I(t, B), a function giving a Hermitian matrix `(dim, dim)`, J, by jax; or a Hamiltonian, which
      does not depend on the field and has no moment of its own.
    - `B`: external field `(3,)`, T, or a drive times a vector. `t`: time, s. `gamma`: γ, rad/(s·T), of every spin.

    **Returns** the parts separately.

    **Raises** `ValueError` for density matrices and fields that do not fit.

    Source: derived from iħ dρ/dt = [H, ρ]; the seed paper's Eq. 29–30, there with γ < 0.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> rho = quantum.invariant_state(pair, (0.3, 0, -1.0))
    >>> exchange = quantum.Exchange(pair, J=1e-22, pairs=quantum.chain(2))
    >>> parts = quantum.d_term(pair, rho, exchange, B=(0, 0, 1.0))
    >>> bool(jnp.abs(parts.D).max() < 1e-12 * jnp.abs(parts.rate).max())  # exchange commutes with the moment
    True
    """
    rho = check_density(rho, "rho", spins.dim)
    rho = rho.astype(jnp.result_type(rho.dtype, jnp.complex64))
    B = parameter(B, "B", ((3,),), "a drive needs a direction: drive * (0, 0, 1)")
    gamma = parameter(gamma, "gamma", ((),))
    bare = moment_operators(spins, gamma).astype(rho.dtype)
    energies = _function(interaction)
    # Not inside the functions below, or their derivative in time would miss the field's.
    t = jnp.asarray(t, jnp.finfo(rho.dtype).dtype)
    field = jnp.asarray(now(B, t))

    def own_moment(t: Array) -> Array:
        return -jnp.moveaxis(jax.jacfwd(energies, argnums=1)(t, now(B, t)), -1, 0)

    own, drift = jax.jvp(own_moment, (t,), (jnp.ones_like(t),))
    zeeman = -jnp.einsum("a,apq->pq", field.astype(bare.dtype), bare)
    departure = _commutators(own, zeeman) + gamma * _cross(own, field)
    moment = _average(rho, bare + own)
    return DTermParts(
        moment=moment,
        precession=-gamma * jnp.cross(moment, field),
        density=_average(rho, _commutators(bare + own, energies(t, field))),
        own=_average(rho, drift + departure),
    )


def _function(interaction: Any) -> Interaction:
    if isinstance(interaction, AbstractHamiltonian):
        # The field enters with a factor 0, so that there is something to differentiate.
        return lambda t, B: interaction.matrix(t) + 0 * B[0]
    if not callable(interaction):
        raise TypeError(
            f"Argument `interaction` must be a function of time and field, or a Hamiltonian, but got {interaction!r}."
        )
    return cast("Interaction", interaction)


def _commutators(operators: Array, energy: Array) -> Array:
    """(1/iħ)[A, H] of each of three operators."""
    rates = energy / constants.HBAR
    return -1j * (operators @ rates - rates @ operators)


def _cross(operators: Array, B: Array) -> Array:
    """A×B of a vector of operators and a vector."""
    return jnp.moveaxis(jnp.cross(jnp.moveaxis(operators, 0, -1), B.astype(operators.dtype)[None, None]), -1, 0)


def _average(rho: Array, operators: Array) -> Array:
    return jnp.einsum("pq,aqp->a", rho, operators).real
