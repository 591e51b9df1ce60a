"""Activation entropy: what a barrier that depends on temperature does to prefactors and to measured barriers."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import attempt_time, floats, positive, temperature


def entropic_time(tau0: Any, entropy: Any) -> Array:
    """τ0 → τ0 exp(−Sa/k), s: what remains of the prefactor when Ea is written for Ea − T Sa.

    **Arguments**

    - `tau0`: time between attempts without entropy, s. `entropy`: Sa, J/K; > 0 where many ways lead over the barrier.

    **Raises** `ValueError` for a time that is not positive.

    >>> from magjax import constants
    >>> from magjax.kinetics import entropic_time
    >>> round(float(entropic_time(1e-9, 2 * constants.KB)) * 1e12, 2)  # ps
    135.34
    """
    return attempt_time(tau0) * jnp.exp(-floats("entropy", entropy) / constants.KB)


def activation_entropy(barrier: Callable[[Any], Any], T: Any) -> Array:
    """Sa = −dF/dT of a barrier F(T), J/K, by autodiff.

    **Arguments**

    - `barrier`: a function of the temperature (K) that gives J. `T`: temperature, K.

    **Raises** `ValueError` for a temperature that is not positive.

    >>> from magjax.kinetics import activation_entropy
    >>> float(activation_entropy(lambda T: 1e-19 - 3e-23 * T, 300.0))
    3e-23
    """
    return -_slope(barrier, temperature(T))


def apparent_barrier(barrier: Callable[[Any], Any], T: Any) -> Array:
    """Ea = F + T Sa, J: the slope −d ln(rate)/d(1/kT) of an Arrhenius plot, which is not the barrier F(T).

    - `barrier`, `T`, and what it raises: as for `activation_entropy`.

    >>> from magjax.kinetics import apparent_barrier
    >>> round(float(apparent_barrier(lambda T: 1e-19 - 3e-23 * T, 300.0)) * 1e19, 9)
    1.0
    """
    T = temperature(T)
    return barrier(T) - T * _slope(barrier, T)


def meyer_neldel_time(tau00: Any, Ea: Any, T_iso: Any) -> Array:
    """τ0 = τ00 exp(−Ea/kT_iso), s: compensation, the entropy of a barrier growing with it, Sa = Ea/T_iso.

    Samples of all barriers then relax equally fast at the isokinetic temperature.

    **Arguments**

    - `tau00`: time, s. `Ea`: barrier, J. `T_iso`: isokinetic temperature, K.

    **Raises** `ValueError` for times and temperatures that are not positive, and barriers that are not.

    Source: A. Yelon, B. Movaghar, H. M. Branz, Phys. Rev. B 46, 12244 (1992).

    >>> from magjax.analytic import lifetime
    >>> from magjax.kinetics import meyer_neldel_time
    >>> times = [lifetime.arrhenius_time(Ea, 600.0, meyer_neldel_time(1e-9, Ea, 600.0)) for Ea in (5e-20, 2e-19)]
    >>> [round(float(t) * 1e9, 9) for t in times]
    [1.0, 1.0]
    """
    isokinetic = temperature(T_iso, "T_iso")
    return entropic_time(attempt_time(tau00, "tau00"), positive("Ea", Ea, "an energy in J") / isokinetic)


def _slope(barrier: Callable[[Any], Any], T: Any) -> Array:
    def kelvin(T: Any) -> Array:
        return jnp.asarray(barrier(T)) / constants.KB

    return constants.KB * jax.jvp(kelvin, (T,), (jnp.ones_like(T),))[1]
