"""One magnon in a ferromagnet: the part of the Hamiltonian with a single flip is exact, N×N, for any lattice."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.spins import Spins


class Magnons(eqx.Module):
    """The states with one flip |i⟩ = S⁻_i |S S … S⟩/√(2S_i) of a ferromagnet with fields and easy axes along z.

    H = −Σ_{i<j} 2J_ij S_i·S_j − Σ K_i (S^z_i)² − Σ gμ_B B_i S^z_i conserves ΣS^z, so that one flip stays one flip:

    H_ij − E_0 δ_ij = −2J_ij √(S_i S_j) (i ≠ j),  Σ_l 2J_il S_l + (2S_i − 1) K_i + gμ_B B_i (i = j)

    is exact, with E_0 the energy of all spins up.

    **Arguments**

    - `spins`: the `Spins`. `J`: exchange `(n, n)`, J: symmetric, > 0 for ferromagnetic; any range.
    - `K`: easy-axis anisotropy per spin, J; one number or `(n,)`.
    - `zeeman`: gμ_B B, J, > 0 along the spins; one number or `(n,)`.

    **Raises** `ValueError` for an exchange that is not symmetric with `(n, n)` entries and nothing on the diagonal.

    >>> from magjax import quantum
    >>> ring = quantum.Magnons(quantum.Spins(0.5, n=4), quantum.ring_exchange(4, 1e-21))
    >>> [abs(round(float(E) * 1e21, 6)) for E in ring.energies()]  # 2J (1 − cos k)
    [0.0, 2.0, 2.0, 4.0]
    """

    J: Array
    K: Array
    zeeman: Array
    spins: Spins = eqx.field(static=True)

    def __init__(self, spins: Spins, J: Any, K: Any = 0.0, zeeman: Any = 0.0):
        if np.shape(J) != (spins.n, spins.n):
            raise ValueError(f"Argument `J` must be of shape {(spins.n,) * 2} for {spins.n} spins, got {np.shape(J)}.")
        if not isinstance(J, Tracer):
            matrix = np.asarray(J)
            if not np.array_equal(matrix, matrix.T) or np.diag(matrix).any():
                raise ValueError(
                    "Argument `J` must be symmetric and 0 on its diagonal, but got a matrix that is not; "
                    "each bond stands in it twice, as J_ij and J_ji."
                )
        self.spins = spins
        self.J = jnp.asarray(J, jnp.result_type(float) if not hasattr(J, "dtype") else None)
        self.K, self.zeeman = (jnp.broadcast_to(jnp.asarray(value, self.J.dtype), (spins.n,)) for value in (K, zeeman))

    def block(self) -> Array:
        """The Hamiltonian between states with one flip, less the energy with none: `(n, n)`, J."""
        S = jnp.asarray(self.spins.S, self.J.dtype)
        root = jnp.sqrt(S)
        diagonal = 2 * jnp.sum(self.J * S[None], axis=1) + (2 * S - 1) * self.K + self.zeeman
        return jnp.diag(diagonal) - 2 * self.J * root[:, None] * root[None]

    def ground_energy(self) -> Array:
        """Energy of all spins up, J; the ground state where no magnon has a negative energy."""
        S = jnp.asarray(self.spins.S, self.J.dtype)
        return -jnp.sum(self.J * S[:, None] * S[None]) - jnp.sum(self.K * S**2) - jnp.sum(self.zeeman * S)

    def energies(self) -> Array:
        """Energies of one magnon, rising: `(n,)`, J. Where one is negative, all up is not the ground state."""
        return self.modes()[0]

    def modes(self) -> tuple[Array, Array]:
        """Energies `(n,)`, J, and modes, the columns of `(n, n)`: amplitudes of the flip at each site."""
        # In units of the largest entry, lest squares of joules vanish in single precision.
        block = self.block()
        scale = jax.lax.stop_gradient(jnp.max(jnp.abs(block)))
        scale = jnp.where(scale > 0, scale, 1)
        energies, modes = jnp.linalg.eigh(block / scale)
        return energies * scale, modes

    def evolve(self, amplitudes: Any, t: Any) -> Array:
        """The amplitudes of a magnon at times `t` (s) from those at 0: `(*t.shape, n)`, complex.

        ψ(t) = exp(−i(H − E_0)t/ħ) ψ(0), by the modes.
        """
        energies, modes = self.modes()
        t = jnp.asarray(t, energies.dtype)
        amplitudes = jnp.asarray(amplitudes)
        amplitudes = amplitudes.astype(jnp.result_type(energies.dtype, amplitudes.dtype))
        phase = t[..., None] * (energies / constants.HBAR).reshape(*(1,) * t.ndim, -1)
        weights = (modes.T @ amplitudes).reshape(*(1,) * t.ndim, -1)
        return jnp.einsum("ij,...j->...i", modes.astype(weights.dtype), jnp.exp(-1j * phase) * weights)

    def embed(self, amplitudes: Any) -> Array:
        """A state with one flip as a state of all spins, `(…, n)` → `(…, dim)`."""
        amplitudes = jnp.asarray(amplitudes)
        self.spins.check_memory(1, amplitudes.dtype)
        places = [int(np.prod(self.spins.levels[i + 1 :], dtype=int)) for i in range(self.spins.n)]
        full = jnp.zeros((*amplitudes.shape[:-1], self.spins.dim), amplitudes.dtype)
        return full.at[..., np.asarray(places)].set(amplitudes)


def ring_exchange(n: int, J: Any, *, periodic: bool = True) -> Array:
    """The exchange between neighbours on a ring of `n` spins, or in an open chain: `(n, n)`, in the unit of `J`.

    - `J`: of each bond; one number, or one for each of the n (open: n − 1) bonds from site 0 on.

    **Raises** `ValueError` for fewer than 3 spins on a ring, or 2 in a chain.

    >>> from magjax import quantum
    >>> quantum.ring_exchange(3, 1.0, periodic=False).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    least = 3 if periodic else 2
    if n < least:
        raise ValueError(
            f"Argument `n` must be ≥ {least}, but got {n!r}: a ring of two would have the same bond twice."
        )
    first = np.arange(n if periodic else n - 1)
    J = jnp.asarray(J, jnp.result_type(float) if not hasattr(J, "dtype") else None)
    half = jnp.zeros((n, n), J.dtype).at[first, (first + 1) % n].set(J)
    return half + half.T


def wave_packet(n: int, k: Any, center: Any, width: Any) -> Array:
    """A magnon localised on a ring of `n` sites: amplitudes exp(−(i − center)²/4width² + ik(i − center)), normalised.

    - `k`: wave number, rad per site. `center`, `width` (the standard deviation of |ψ|²): in sites.

    **Returns** `(n,)`, complex.

    >>> from magjax import quantum
    >>> packet = quantum.wave_packet(40, k=1.5, center=10.0, width=3.0)
    >>> round(float((abs(packet) ** 2).sum()), 6)
    1.0
    """
    k, center, width = (jnp.asarray(v, jnp.result_type(v, float)) for v in (k, center, width))
    sites = jnp.arange(n, dtype=center.dtype)
    # The nearest image, so that a packet may sit across the seam.
    away = (sites - center + n / 2) % n - n / 2
    packet = jnp.exp(-((away / (2 * width)) ** 2)) * jnp.exp(1j * k * away)
    return packet / jnp.linalg.norm(packet)


def mean_position(amplitudes: Any) -> Array:
    """Mean place of a magnon on a ring, in sites within [0, n): the angle of Σ |ψ_i|² exp(2πi·site/n).

    - `amplitudes`: `(…, n)`.

    >>> from magjax import quantum
    >>> round(float(quantum.mean_position(quantum.wave_packet(40, k=1.5, center=10.0, width=3.0))), 6)
    10.0
    """
    amplitudes = jnp.asarray(amplitudes)
    n = amplitudes.shape[-1]
    weight = jnp.abs(amplitudes) ** 2
    turn = jnp.asarray(np.exp(2j * np.pi * np.arange(n) / n), jnp.result_type(weight.dtype, jnp.complex64))
    return jnp.angle(weight @ turn) % (2 * np.pi) * n / (2 * np.pi)
