"""Heisenberg and XX chains: magnons of the ferromagnet, ground state and quench of the antiferromagnet.

J is that of H = −2J Σ S_i·S_j. What the literature on antiferromagnets calls J is `coupling` here, c = −2J.
"""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "chain_energy",
    "finite_ring_energy",
    "magnon_energy",
    "magnon_velocity",
    "neel_energy",
    "neel_energy_deviation",
    "ring_energy",
    "xx_entropy",
    "xx_staggered_magnetisation",
]


def magnon_energy(k: ArrayLike, J: ArrayLike, S: ArrayLike = 0.5, a: ArrayLike = 1.0, gap: ArrayLike = 0.0) -> Array:
    """Energy of one magnon of a ferromagnetic chain H = −2J Σ S_i·S_{i+1}, J; exact at any S.

    ε(k) = Δ + 4JS (1 − cos ka), which for S = ½ is 2J(1 − cos ka). On a ring of N spins ka = 2πn/N.

    - `k`: wave number, 1/m. `J`: exchange, J. `S`: spin quantum number. `a`: distance of neighbours, m.
    - `gap`: Δ of anisotropy and field, J: (2S − 1)K for −K Σ (S^z)², plus gμ_B B.

    Source: F. Bloch, Z. Phys. 61, 206 (1930).

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.magnon_energy(3.14159265, J=1e-21)) * 1e21, 6)  # at the zone boundary, 4J
    4.0
    """
    half = jnp.asarray(k) * a / 2
    # 2 sin²(x/2) for 1 − cos x: it keeps its digits at long waves.
    return jnp.asarray(gap) + 8 * jnp.asarray(J) * S * jnp.sin(half) ** 2


def magnon_velocity(k: ArrayLike, J: ArrayLike, S: ArrayLike = 0.5, a: ArrayLike = 1.0) -> Array:
    """Group velocity ∂ε/∂(ħk) = 4JSa sin(ka)/ħ of a magnon of H = −2J Σ S_i·S_{i+1}, m/s (sites/s where `a` is 1).

    The arguments are those of `magnon_energy`.

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.magnon_velocity(3.14159265e9, J=1e-21, a=0.5e-9)))  # the fastest, ka = π/2
    9483
    """
    return 4 * (jnp.asarray(J) / constants.HBAR) * S * a * jnp.sin(jnp.asarray(k) * a)


def chain_energy(coupling: ArrayLike) -> Array:
    """Ground-state energy per spin of the infinite antiferromagnetic chain H = c Σ S_i·S_{i+1}, S = ½: c(¼ − ln 2), J.

    - `coupling`: −2J > 0, J.

    Source: L. Hulthén, Ark. Mat. Astron. Fys. 26A, 11 (1938).

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.chain_energy(1.0)), 6)
    -0.443147
    """
    return jnp.asarray(coupling) * (0.25 - math.log(2.0))


def finite_ring_energy(coupling: ArrayLike, spins: ArrayLike) -> Array:
    """Energy per spin of a large antiferromagnetic ring of N spins ½: c(¼ − ln 2 − π²/12N²), J.

    The leading correction −πv/6N² of a conformal theory of charge 1 and velocity v = πc/2; what follows is smaller
    only by 1/ln³N.

    - `coupling`: −2J > 0 of H = c Σ S_i·S_{i+1}, J. `spins`: N.

    Source: I. Affleck, Phys. Rev. Lett. 56, 746 (1986).

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.finite_ring_energy(1.0, 20)), 6)
    -0.445203
    """
    coupling, spins = floats(coupling, spins)
    return chain_energy(coupling) - coupling * math.pi**2 / (12 * spins**2)


def ring_energy(coupling: ArrayLike, spins: int) -> Array:
    """Ground-state energy of an antiferromagnetic ring H = c Σ S_i·S_{i+1} of N spins ½ by Bethe's equations, J.

    N arctan 2λ_j = πI_j + Σ_l arctan(λ_j − λ_l) with N/2 rapidities λ_j and I_j = −(N/2−1)/2 … (N/2−1)/2;
    E = c[N/4 − Σ_j 2/(4λ_j² + 1)].

    - `coupling`: −2J > 0, J. `spins`: N, even.

    **Raises** `ValueError` for an odd or too small number of spins.

    Source: H. Bethe, Z. Phys. 71, 205 (1931).

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.ring_energy(1.0, 6)), 7)
    -2.8027756
    """
    if spins < 4 or spins % 2:
        raise ValueError(f"Argument `spins` must be an even number ≥ 4 of spins on a ring, but got {spins!r}.")
    numbers = np.arange(spins // 2) - (spins // 2 - 1) / 2
    rapidities = np.tan(np.pi * numbers / spins) / 2
    # The map contracts by about a half, whatever the length.
    for _ in range(200):
        shifts = np.arctan(rapidities[:, None] - rapidities[None, :]).sum(axis=1)
        updated = np.tan((np.pi * numbers + shifts) / spins) / 2
        done = np.abs(updated - rapidities).max() < 1e-15 * spins
        rapidities = updated
        if done:
            break
    return jnp.asarray(coupling) * float(spins / 4 - np.sum(2 / (4 * rapidities**2 + 1)))


def neel_energy(coupling: ArrayLike, bonds: ArrayLike, S: ArrayLike = 0.5) -> Array:
    """Mean energy −c S² per bond of the Néel state |↑↓↑↓…⟩ in H = c Σ S_i·S_j, J.

    - `coupling`: −2J, J. `bonds`: how many join the two sublattices. `S`: spin quantum number.

    >>> from magjax.analytic import heisenberg
    >>> float(heisenberg.neel_energy(1.0, bonds=8))
    -2.0
    """
    coupling, bonds, S = floats(coupling, bonds, S)
    return -coupling * bonds * S**2


def neel_energy_deviation(coupling: ArrayLike, bonds: ArrayLike, S: ArrayLike = 0.5) -> Array:
    """Standard deviation of the energy in the Néel state, √(⟨H²⟩ − ⟨H⟩²) = |c| S √bonds: not 0, so no eigenstate, J.

    Each bond exchanges its two spins with amplitude c·½·2S and leads to a state of its own.

    The arguments are those of `neel_energy`.

    >>> from magjax.analytic import heisenberg
    >>> float(heisenberg.neel_energy_deviation(1.0, bonds=16))
    2.0
    """
    coupling, bonds, S = floats(coupling, bonds, S)
    return jnp.abs(coupling) * S * jnp.sqrt(bonds)


def xx_staggered_magnetisation(t: ArrayLike, coupling: ArrayLike, spins: int | None = None) -> Array:
    """Staggered magnetisation (1/N) Σ (−1)^i ⟨S^z_i⟩ of an XX ring after a start in the Néel state, in units of ħ.

    H = c Σ (S^x_i S^x_{i+1} + S^y_i S^y_{i+1}) is free fermions of energy c cos k, and k meets k + π:
    m(t) = (1/2N) Σ_k cos(2 (ct/ħ) cos k) → ½ J_0(2ct/ħ) for N → ∞.
    On a ring k = 2πn/N where N/2 is odd, and 2π(n + ½)/N where it is even.

    **Arguments**

    - `t`: times, s; any shape. `coupling`: −2J, J.
    - `spins`: N, even; without it, of the infinite chain (to rounding while ct/ħ < 1000).

    **Returns** m, in the shape of `t`; ½ at t = 0.

    **Raises** `ValueError` for an odd number of spins.

    Source: P. Barmettler et al., Phys. Rev. Lett. 102, 130603 (2009).

    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.xx_staggered_magnetisation(1e-13, coupling=1.05457e-21)), 6)  # ct/ħ = 1
    0.111946
    """
    if spins is not None and (spins < 4 or spins % 2):
        raise ValueError(f"Argument `spins` must be an even number ≥ 4 of spins on a ring, but got {spins!r}.")
    # The sum is the trapezoidal rule of Bessel's integral: exact to rounding with more nodes than its argument.
    count = spins or 4096
    offset = 0.5 if (count // 2) % 2 == 0 else 0.0
    waves = np.cos(2 * np.pi * (np.arange(count) + offset) / count)
    phase = 2 * (jnp.asarray(coupling) / constants.HBAR) * jnp.asarray(t)
    nodes = jnp.asarray(waves, phase.dtype).reshape(*(1,) * phase.ndim, count)
    return jnp.mean(jnp.cos(phase[..., None] * nodes), axis=-1) / 2


def xx_entropy(t: ArrayLike, coupling: ArrayLike, spins: int) -> Array:
    """Entanglement entropy of the left half of an open XX chain after a start in the Néel state |↑↓↑↓…⟩, J/K.

    Of free fermions it is −k Σ [ν ln ν + (1−ν) ln(1−ν)] over the eigenvalues ν of the correlations ⟨c†_i c_j⟩ of the
    half, which evolve with the N×N matrix of hopping c/2.

    - `t`: times, s; any shape. `coupling`: −2J of H = c Σ (S^x S^x + S^y S^y), J. `spins`: N.

    **Returns** the entropy, in the shape of `t`.

    Source: I. Peschel, J. Phys. A 36, L205 (2003).

    >>> from magjax import constants
    >>> from magjax.analytic import heisenberg
    >>> round(float(heisenberg.xx_entropy(1e-13, coupling=1.05457e-21, spins=10)) / constants.KB, 4)
    0.5068
    """
    sites = np.arange(1, spins + 1)
    modes = np.sqrt(2 / (spins + 1)) * np.sin(np.pi * np.outer(sites, sites) / (spins + 1))
    rate = jnp.asarray(coupling) / constants.HBAR
    t = jnp.asarray(t, jnp.result_type(rate, jnp.asarray(t), float))
    phases = rate * t[..., None] * jnp.asarray(np.cos(np.pi * sites / (spins + 1)), t.dtype).reshape(*(1,) * t.ndim, -1)
    left = jnp.asarray(modes[: spins // 2], t.dtype)
    # Amplitudes from the occupied sites, the first, third, …, to the left half.
    hops = jnp.einsum("ik,...k,jk->...ij", left, jnp.exp(-1j * phases), jnp.asarray(modes[::2], t.dtype))
    filled = jnp.linalg.eigvalsh(hops @ jnp.swapaxes(hops.conj(), -1, -2))
    return constants.KB * jnp.sum(_mixing(filled) + _mixing(1 - filled), axis=-1)


def _mixing(p: Array) -> Array:
    positive = p > 0
    return jnp.where(positive, -p * jnp.log(jnp.where(positive, p, 1)), 0)
