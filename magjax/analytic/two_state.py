"""Two states across one barrier: the closed forms of the master equation dP/dt = W P.

W↓↑ = Γ0 exp((E↑ − E0)/kT) takes ↑ to ↓, and W↑↓ = Γ0 exp((E↓ − E0)/kT) takes ↓ to ↑; E0 is the energy of the barrier's
top, above both.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = ["entropy_production", "equilibrium", "magnetization", "rate", "symmetric_rate"]


def equilibrium(E_up: ArrayLike, E_down: ArrayLike, T: ArrayLike) -> Array:
    """⟨s⟩ in equilibrium, tanh((E↓ − E↑)/2kT): the lower state is the more likely one.

    - `E_up`, `E_down`: energies, J. `T`: temperature, K.

    >>> from magjax.analytic import two_state
    >>> round(float(two_state.equilibrium(0.0, 4.1e-21, 300.0)), 4)
    0.4581
    """
    return jnp.tanh((_kelvin(E_down) - _kelvin(E_up)) / (2 * jnp.asarray(T)))


def rate(E_up: ArrayLike, E_down: ArrayLike, E_top: ArrayLike, T: ArrayLike, prefactor: ArrayLike = 1e9) -> Array:
    """Γ of d⟨s⟩/dt = Γ(s0 − ⟨s⟩): Γ0 [exp((E↑ − E0)/kT) + exp((E↓ − E0)/kT)], 1/s.

    - `E_up`, `E_down`, `E_top`: energies of the states and of the top between them, J. `T`: temperature, K.
    - `prefactor`: Γ0, 1/s.

    Source: L. Néel, Ann. Géophys. 5, 99 (1949).

    >>> from magjax.analytic import two_state
    >>> round(float(two_state.rate(0.0, 0.0, 1e-19, 300.0)), 4)
    0.0654
    """
    top, T = _kelvin(E_top), jnp.asarray(T)
    return jnp.asarray(prefactor) * (jnp.exp((_kelvin(E_up) - top) / T) + jnp.exp((_kelvin(E_down) - top) / T))


def symmetric_rate(Ea: ArrayLike, T: ArrayLike, prefactor: ArrayLike = 1e9) -> Array:
    """Γ = 2Γ0 exp(−Ea/kT) of two states equally deep, 1/s: both ways lead to equilibrium.

    - `Ea`: barrier, J. `T`: temperature, K. `prefactor`: Γ0, 1/s.

    >>> from magjax.analytic import two_state
    >>> round(float(two_state.symmetric_rate(1e-19, 300.0)), 4)
    0.0654
    """
    return 2 * jnp.asarray(prefactor) * jnp.exp(-_kelvin(Ea) / jnp.asarray(T))


def magnetization(
    t: ArrayLike,
    s0: ArrayLike,
    E_up: ArrayLike,
    E_down: ArrayLike,
    E_top: ArrayLike,
    T: ArrayLike,
    prefactor: ArrayLike = 1e9,
) -> Array:
    """⟨s⟩(t) = s∞ + (s0 − s∞) exp(−Γt) with s∞ of `equilibrium` and Γ of `rate`.

    - `t`: time, s. `s0`: ⟨s⟩ at t = 0. The other arguments are those of `rate`.

    >>> from magjax.analytic import two_state
    >>> round(float(two_state.magnetization(10.0, 1.0, 0.0, 0.0, 1e-19, 300.0)), 4)
    0.5198
    """
    end = equilibrium(E_up, E_down, T)
    return end + (jnp.asarray(s0) - end) * jnp.exp(-rate(E_up, E_down, E_top, T, prefactor) * jnp.asarray(t))


def entropy_production(
    s: ArrayLike, E_up: ArrayLike, E_down: ArrayLike, E_top: ArrayLike, T: ArrayLike, prefactor: ArrayLike = 1e9
) -> Array:
    """Entropy made per time, k J ln(W↓↑P↑ / W↑↓P↓) ≥ 0, W/K.

    J = W↓↑P↑ − W↑↓P↓ flows from ↑ to ↓, and P = (1 ± s)/2.

    - `s`: ⟨s⟩, −1 < s < 1. The other arguments are those of `rate`.

    Source: J. Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> from magjax.analytic import two_state
    >>> float(two_state.entropy_production(0.0, 0.0, 0.0, 1e-19, 300.0))
    0.0
    """
    top, T, s = _kelvin(E_top), jnp.asarray(T), jnp.asarray(s)
    attempts = jnp.asarray(prefactor)
    down = attempts * jnp.exp((_kelvin(E_up) - top) / T) * (1 + s) / 2
    up = attempts * jnp.exp((_kelvin(E_down) - top) / T) * (1 - s) / 2
    affinity = (_kelvin(E_up) - _kelvin(E_down)) / T + jnp.log1p(s) - jnp.log1p(-s)
    return constants.KB * (down - up) * affinity


def _kelvin(energy: ArrayLike) -> Array:
    # Squares of energies in J, which derivatives contain, are below what single precision holds; in K they are not.
    return jnp.asarray(energy) / constants.KB
