"""Magnons as a gas of bosons: Bloch's law, the gap of anisotropy, and why d ≤ 2 needs one."""

import math
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "bloch_density",
    "infrared_integral",
    "infrared_integral_seed",
    "lattice_density",
    "ordering_temperature",
    "polylog_exp",
]

#: Dimension of the lattice.
Dimension = Literal[1, 2, 3]


def bloch_density(T: ArrayLike, J: ArrayLike, S: ArrayLike = 0.5, gap: ArrayLike = 0.0, d: Dimension = 3) -> Array:
    """Thermal magnons per site of a ferromagnet H = −2J Σ_bonds S·S at low temperature, in the continuum.

    n = (kT/8πJS)^{d/2} Li_{d/2}(e^{−Δ/kT}) from ε = Δ + 2JS a²k²; the magnetisation is S − n per site. Without a gap:
    Bloch's ζ(3/2) (kT/8πJS)^{3/2} for d = 3, and infinity for d = 1 and 2. With a small one: (kT/8πJS) ln(kT/Δ) for
    d = 2, and kT/√(8JSΔ) for d = 1.

    - `T`: temperature, K. `J`: exchange, J. `S`: spin quantum number. `gap`: Δ, J. `d`: dimension.

    **Returns** n, dimensionless.

    Source: F. Bloch, Z. Phys. 61, 206 (1930).

    >>> from magjax.analytic import magnon_gas
    >>> round(float(magnon_gas.bloch_density(30.0, J=1e-21)), 5)  # kT = 0.41 J
    0.01563
    """
    heat = constants.KB * jnp.asarray(T)
    return (heat / (8 * math.pi * jnp.asarray(J) * S)) ** (d / 2) * polylog_exp(d / 2, jnp.asarray(gap) / heat)


def polylog_exp(s: float, x: ArrayLike) -> Array:
    """The polylogarithm Li_s(e^{−x}) = Σ_{n≥1} e^{−nx}/n^s for s = ½, 1 or 3/2 and x ≥ 0; ζ(s) at x = 0, to rounding.

    Above x = 1 the sum itself; below, Γ(1−s) x^{s−1} + Σ_k ζ(s−k) (−x)^k/k!.

    - `s`: the order. `x`: dimensionless, any shape.

    **Raises** `ValueError` for another order.

    >>> from magjax.analytic import magnon_gas
    >>> round(float(magnon_gas.polylog_exp(1.5, 0.0)), 6)
    2.612375
    """
    if s not in (0.5, 1, 1.5):
        raise ValueError(f"Argument `s` must be 0.5, 1 or 1.5, the halves of dimensions, but got {s!r}.")
    (x,) = floats(x)
    large = x > 1
    # Each branch sees only arguments at which it is finite, so that derivatives are finite, too.
    far, near = jnp.where(large, x, 1), jnp.where(large, 1, x)
    if s == 1:
        return -jnp.where(large, jnp.log1p(-jnp.exp(-far)), jnp.log(-jnp.expm1(-near)))
    n = np.arange(40, 0, -1)
    falling = sum((jnp.exp(-k * far) / float(k) ** s for k in n), jnp.zeros_like(x))
    regular = jnp.zeros_like(x)
    for coefficient in _expansion(s):
        regular = regular * near + coefficient
    # Γ(−½) √x has an infinite slope at 0; there the derivative is taken from the side of a gap.
    singular = math.sqrt(math.pi) / jnp.sqrt(near) if s == 0.5 else -2 * math.sqrt(math.pi) * jnp.sqrt(near)
    return jnp.where(large, falling, singular + regular)


def lattice_density(
    T: ArrayLike, J: ArrayLike, S: ArrayLike = 0.5, gap: ArrayLike = 0.0, d: Dimension = 3, terms: int = 4000
) -> Array:
    """Thermal magnons per site of the infinite chain, square or cubic lattice, all of the Brillouin zone counted.

    n = ∫ d^dk/(2π)^d 1/(e^{ε/kT} − 1) = Σ_{l≥1} e^{−lΔ/kT} [e^{−x_l} I_0(x_l)]^d with x_l = 4JSl/kT, from
    ε = Δ + 4JS Σ_i (1 − cos k_i a). Beyond `terms` e^{−x} I_0(x) is taken as 1/√(2πx),
    which is right to d/8x.

    The arguments are those of `bloch_density`.

    - `terms`: how many are summed; the sum has to reach x_l ≫ 1, so about 20 kT/4JS or more.

    **Returns** n, dimensionless.

    >>> from magjax.analytic import magnon_gas
    >>> round(float(magnon_gas.lattice_density(30.0, J=1e-21)), 5)  # Bloch's law gives 0.01563
    0.01635
    """
    from jax.scipy.special import i0e

    heat = constants.KB * jnp.asarray(T)
    stiff, u = jnp.broadcast_arrays(4 * jnp.asarray(J) * S / heat, jnp.asarray(gap) / heat)
    shape = (*(1,) * stiff.ndim, terms)
    count = jnp.arange(1, terms + 1, dtype=stiff.dtype).reshape(shape)
    summed = jnp.sum(jnp.exp(-count * u[..., None]) * i0e(count * stiff[..., None]) ** d, axis=-1)
    # The sum of all (2πx)^{−d/2} is a polylogarithm; less the part already counted.
    powers = jnp.exp(-count * u[..., None]) * count ** (-d / 2)
    rest = polylog_exp(d / 2, u) - jnp.sum(powers, axis=-1)
    return summed + (2 * np.pi * stiff) ** (-d / 2) * rest


def ordering_temperature(J: ArrayLike, gap: ArrayLike, S: ArrayLike = 0.5) -> Array:
    """Temperature to which a square lattice with a small gap stays ordered, leading logarithm: n(T) = S, in K.

    kT = 8πJS²/ln(kT/Δ), the Tc ~ J/ln(J/K) of two dimensions; it vanishes with the gap (Mermin and Wagner).

    - `J`: exchange of H = −2J Σ_bonds S·S, J. `gap`: Δ ≪ J, J. `S`: spin quantum number.

    Source: M. Bander and D. L. Mills, Phys. Rev. B 38, 12015 (1988).

    >>> from magjax.analytic import magnon_gas
    >>> round(float(magnon_gas.ordering_temperature(1e-21, gap=1e-24)), 1)
    66.7
    """
    scale = 8 * np.pi * jnp.asarray(J) * S**2
    ratio = scale / jnp.asarray(gap)
    # y ln(y r) = 1 for y = kT/scale: Newton for v = ln(y r), v eᵛ = r, which is concave in its logarithm.
    log = jnp.log(ratio)
    v = jnp.log1p(ratio)
    for _ in range(20):
        v = v - (v + jnp.log(v) - log) / (1 + 1 / v)
    return scale / v / constants.KB


def infrared_integral(d: int, lower: ArrayLike, upper: ArrayLike) -> Array:
    """∫ k^{d−3} dk from `lower` to `upper`, to which thermal magnons without a gap are proportional (kT/ε ∝ 1/k²).

    As `lower` → 0 it diverges for d = 1 as 1/k, for d = 2 as a logarithm, and converges for d = 3: Mermin–Wagner.

    - `d`: dimension. `lower`, `upper`: wave numbers, 1/m.

    **Returns** the integral, m^{2−d}.

    >>> from magjax.analytic import magnon_gas
    >>> [round(float(magnon_gas.infrared_integral(d, 1e-3, 1.0)), 3) for d in (1, 2, 3)]
    [999.0, 6.908, 0.999]
    """
    return _power_integral(d - 3, lower, upper)


def infrared_integral_seed(d: int, lower: ArrayLike, upper: ArrayLike) -> Array:
    """∫ k^{3−d} dk, as the seed paper prints in its Eq. 21, for comparison only.

    It converges in every dimension up to 3, so that no order would be lost; the exponent is d − 3. The arguments are
    those of `infrared_integral`.

    >>> from magjax.analytic import magnon_gas
    >>> [round(float(magnon_gas.infrared_integral_seed(d, 1e-3, 1.0)), 3) for d in (1, 2, 3)]
    [0.333, 0.5, 0.999]
    """
    return _power_integral(3 - d, lower, upper)


def _power_integral(power: int, lower: ArrayLike, upper: ArrayLike) -> Array:
    lower, upper = jnp.asarray(lower), jnp.asarray(upper)
    if power == -1:
        return jnp.log(upper / lower)
    return (upper ** (power + 1.0) - lower ** (power + 1.0)) / (power + 1)


def _expansion(s: float) -> list[float]:
    """ζ(s − k) (−1)^k/k! from the highest power to the lowest."""
    from scipy.special import factorial, gamma, zeta

    def riemann(z: float) -> float:
        if z == 0.5:
            return -1.4603545088095868
        if z > 1:
            return float(zeta(z))
        # Riemann's functional equation.
        return float(2**z * np.pi ** (z - 1) * np.sin(np.pi * z / 2) * gamma(1 - z) * zeta(1 - z))

    return [riemann(s - k) * (-1) ** k / float(factorial(k)) for k in range(24, -1, -1)]
