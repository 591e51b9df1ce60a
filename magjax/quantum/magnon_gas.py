"""Magnons in thermal equilibrium: magnetisation of ferromagnetic lattices in one, two and three dimensions."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_temperature
from magjax.results import Outcome


class OrderingTemperature(eqx.Module):
    """What `ordering_temperature` returns.

    - `T`: K. `density`: magnons per site at it, which is S where it was found.
    - `outcome`: an `Outcome` code.

    >>> from magjax.quantum import magnon_gas
    >>> found = magnon_gas.ordering_temperature((32, 32), J=1e-21, gap=1e-23)
    >>> round(float(found.density), 6), found.result.name
    (0.5, 'SUCCESS')
    """

    T: Array
    density: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the search ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def thermal_density(energies: Any, T: Any) -> Array:
    """Thermal magnons per site, n = (1/N) Σ 1/(e^{ε/kT} − 1), over the N one-magnon energies of any sample.

    Magnons are taken as independent bosons: right while n ≪ S.

    - `energies`: `(…, N)`, J, all > 0; such as those of `Magnons`. `T`: temperature, K, one or `(…,)`.

    **Returns** n, dimensionless.

    **Raises** `ValueError` for energies that are not all > 0, and temperatures ≤ 0.

    >>> from magjax.quantum import magnon_gas
    >>> round(float(magnon_gas.thermal_density([1e-22, 2e-22], T=10.0)), 4)
    0.6238
    """
    T = check_temperature(T)
    energies = jnp.asarray(energies)
    if not isinstance(energies, Tracer) and not np.all(np.asarray(energies) > 0):
        raise ValueError(
            f"Argument `energies` must be > 0, but got {np.asarray(energies).min():.3g} J: without a gap of anisotropy "
            "or field the uniform mode costs nothing, and the number of magnons has no bound."
        )
    heat = constants.KB * jnp.asarray(T, energies.dtype)
    return jnp.mean(1 / jnp.expm1(energies / heat[..., None]), axis=-1)


def lattice_energies(shape: Sequence[int], J: Any, S: Any = 0.5, gap: Any = 0.0) -> Array:
    """Magnon energies of a periodic chain, square or cubic lattice, ε = Δ + 4JS Σ_i (1 − cos k_i a): `(N,)`, J.

    - `shape`: number of sites along each axis; one, two or three numbers ≥ 3.
    - `J`: exchange of H = −2J Σ_bonds S·S, J. `S`: spin quantum number. `gap`: Δ, J, as in `heisenberg.magnon_energy`.

    **Returns** the energies in the order of the wave vectors n_i = 0 … L_i − 1, the last axis fastest; the uniform mode
    is the first.

    **Raises** `ValueError` for other shapes, S that are no half-integers, and exchange or gaps below 0.

    >>> from magjax.quantum import magnon_gas
    >>> magnon_gas.lattice_energies((4,), J=1.0).round(6).tolist()
    [0.0, 2.0, 4.0, 2.0]
    """
    _check(shape, J, S, gap)
    J = jnp.asarray(J, jnp.result_type(float) if not hasattr(J, "dtype") else None)
    waves = [2 * np.sin(np.pi * np.arange(n) / n) ** 2 for n in shape]
    total = sum(np.meshgrid(*waves, indexing="ij"), np.zeros(()))
    return gap + 4 * J * S * jnp.asarray(total.ravel(), J.dtype)


def lattice_density(shape: Sequence[int], T: Any, J: Any, S: Any = 0.5, gap: Any = 0.0) -> Array:
    """Thermal magnons per site of a finite periodic lattice; S less this is its magnetisation per site.

    Without a gap the uniform mode, which turns the whole lattice and costs nothing, is left out.

    The arguments are those of `lattice_energies`, and `T`: temperatures, K, any shape. A traced `gap` is taken for > 0.

    **Returns** n, in the shape of `T`.

    >>> from magjax.quantum import magnon_gas
    >>> round(float(magnon_gas.lattice_density((32, 32, 32), T=30.0, J=1e-21, gap=1e-23)), 5)
    0.01363
    """
    energies = lattice_energies(shape, J, S, gap)
    T = jnp.asarray(check_temperature(T), energies.dtype)
    modes = energies if isinstance(gap, Tracer) or np.any(np.asarray(gap) != 0) else energies[1:]
    flat = jax.lax.map(lambda each: jnp.sum(1 / jnp.expm1(modes / (constants.KB * each))), T.ravel())
    return flat.reshape(T.shape) / energies.size


def infinite_density(d: int, T: Any, J: Any, S: Any = 0.5, gap: Any = 0.0, size: int | None = None) -> Array:
    """Thermal magnons per site of an infinite lattice, from finite ones of sizes L, 2L and 4L.

    With a gap the largest is the answer, since its error falls as e^{−4L/ξ} with ξ = √(2JS/Δ); without one it is a/L +
    b/L³ in three dimensions, and eliminated. For d ≤ 2 there is no limit without a gap (Mermin and Wagner).

    - `d`: dimension. `size`: L; by default 4096 for d = 1, 256 for d = 2, and 16, with a gap 32, for d = 3.
    - The other arguments are those of `lattice_density`.

    **Returns** n, in the shape of `T`.

    **Raises** `ValueError` for d ≤ 2 without a gap, where n is infinite, and for 4L < 8ξ.

    >>> from magjax.quantum import magnon_gas
    >>> round(float(magnon_gas.infinite_density(3, T=30.0, J=1e-21)), 5)  # Bloch's law gives 0.01563
    0.01635
    """
    if d not in (1, 2, 3):
        raise ValueError(f"Argument `d` must be 1, 2 or 3, but got {d!r}.")
    gapped = isinstance(gap, Tracer) or bool(np.all(np.asarray(gap) > 0))
    if not gapped and d < 3:
        raise ValueError(
            f"Argument `gap` must be > 0 in {d} dimension{'s' * (d > 1)}, but got {gap!r}: the number of magnons grows "
            f"{'as ln L' if d == 2 else 'as L'} with the size L of the lattice, and no order is left at any T > 0."
        )
    size = {1: 4096, 2: 256, 3: 32 if gapped else 16}[d] if size is None else size
    if gapped:
        _check_size(size, J, S, gap)
        return lattice_density((4 * size,) * d, T, J, S, gap)
    coarse, middle, fine = (lattice_density((scale * size,) * d, T, J, S, gap) for scale in (1, 2, 4))
    # Powers 1/L and 1/L³, one after the other.
    first, second = 2 * middle - coarse, 2 * fine - middle
    return (8 * second - first) / 7


def ordering_temperature(
    shape: Sequence[int], J: Any, gap: Any, S: Any = 0.5, tolerance: float = 1e-6
) -> OrderingTemperature:
    """The temperature at which as many magnons are excited as there are spins to flip, n(T) = S, of a periodic lattice.

    An estimate of the Curie temperature; in two dimensions it is ~ J/ln(J/Δ) and vanishes with the gap. Newton's method
    on ln n against ln T; derivatives by the implicit function theorem, dT/dp = −(∂n/∂p)/(∂n/∂T).

    - `tolerance`: of n, relative. The other arguments are those of `lattice_energies`, with `gap` > 0.

    **Returns** `OrderingTemperature`; NOT_CONVERGED in its `.result` where Newton's method has not found it.

    **Raises** `ValueError` for a gap that is not > 0.

    >>> from magjax.quantum import magnon_gas
    >>> round(float(magnon_gas.ordering_temperature((64, 64), J=1e-21, gap=1e-23).T), 1)
    88.1
    """
    if not isinstance(gap, Tracer) and not np.all(np.asarray(gap) > 0):
        raise ValueError(f"Argument `gap` must be > 0 J, but got {gap!r}: a finite lattice without one has no order.")
    energies = lattice_energies(shape, J, S, gap)

    def excess(energies: Array, S: Any, log_T: Array) -> Array:
        return jnp.log(jnp.mean(1 / jnp.expm1(energies / constants.KB * jnp.exp(-log_T))) / S)

    held, held_S = jax.lax.stop_gradient(energies), jax.lax.stop_gradient(jnp.asarray(S, energies.dtype))

    def step(log_T: Array, _: None) -> tuple[Array, None]:
        value, slope = jax.value_and_grad(lambda x: excess(held, held_S, x))(log_T)
        return log_T - value / slope, None

    # At high temperature n = kT ⟨1/ε⟩: the slope is 1 there and larger below, so that Newton's steps stay on one side.
    begin = jnp.log(held_S / jnp.mean(constants.KB / held))
    root = jax.lax.stop_gradient(jax.lax.scan(step, begin, None, length=25)[0])
    value, slope = jax.value_and_grad(lambda x: excess(held, held_S, x))(root)
    # A last step from the root with live parameters carries their derivatives.
    T = jnp.exp(root - excess(energies, S, root) / jax.lax.stop_gradient(slope))
    outcome = jnp.where(jnp.abs(value) < tolerance, Outcome.SUCCESS, Outcome.NOT_CONVERGED)
    outcome = jnp.where(jnp.isfinite(value), outcome, Outcome.NOT_FINITE)
    return OrderingTemperature(T, S * jnp.exp(value), outcome)


def _check_size(size: int, J: Any, S: Any, gap: Any) -> None:
    """Refuse lattices that are too small for the waves of a small gap, where the numbers are known."""
    if any(isinstance(value, Tracer) for value in (J, S, gap)):
        return
    reach = float(np.max(np.sqrt(2 * np.asarray(J) * S / np.asarray(gap))))
    if 4 * size < 8 * reach:
        raise ValueError(
            f"Argument `size` must be ≥ {math.ceil(2 * reach)} for this gap, whose waves reach over {reach:.3g} sites, "
            f"but got {size}."
        )


def _check(shape: Sequence[int], J: Any, S: Any, gap: Any) -> None:
    if not 1 <= len(shape) <= 3 or any(isinstance(n, bool) or int(n) != n or n < 3 for n in shape):
        raise ValueError(f"Argument `shape` must hold one, two or three numbers of sites ≥ 3, but got {tuple(shape)}.")
    if math.prod(shape) > 2**26:
        raise MemoryError(f"A lattice of shape {tuple(shape)} has {math.prod(shape):.3g} modes; at most 6.7e7 fit.")
    for name, value in (("J", J), ("gap", gap)):
        if not isinstance(value, Tracer) and np.any(np.asarray(value) < 0):
            what = "ferromagnetic exchange" if name == "J" else "a gap"
            raise ValueError(f"Argument `{name}` must be {what} ≥ 0 J, but got {value!r}.")
    if not isinstance(S, Tracer) and not (S > 0 and float(2 * S).is_integer()):
        raise ValueError(f"Argument `S` must be a half-integer ½, 1, 3/2, …, but got {S!r}.")
