"""A classical moment in a heat bath: equilibrium averages, and Brown's and Kramers' rates over barriers.

Dimensionless throughout: σ = KV/kT, ξ = μB/kT with the field along the axis, h = ξ/2σ. Rates are in units of 1/τ_N,
the rate of free diffusion, τ_N = μ(1 + α²)/(2αγkT).
"""

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike

__all__ = [
    "dawson",
    "escape_rate",
    "free_decay",
    "high_barrier_rate",
    "kramers_rate",
    "langevin",
    "low_barrier_rate",
    "mean_cosine",
    "mean_cosine_squared",
]


def langevin(x: ArrayLike) -> Array:
    """Langevin's function coth x − 1/x: ⟨cos θ⟩ of a moment without anisotropy, x = μB/kT; without loss of digits at 0.

    - `x`: any shape.

    >>> from magjax.analytic import brown
    >>> round(float(brown.langevin(1e-9)) * 1e9, 9), round(float(brown.langevin(3.0)), 6)
    (0.333333333, 0.671636)
    """
    x = _floats(x)
    # Lambert's continued fraction of coth, cut where its error is 1e-17 for |x| < 1: no division by x.
    square = x * x
    fraction = jnp.full_like(x, 19.0)
    for odd in (17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        fraction = odd + square / fraction
    far = jnp.where(jnp.abs(x) < 1, 1, x)
    return jnp.where(jnp.abs(x) < 1, x / fraction, 1 / jnp.tanh(far) - 1 / far)


@jax.custom_jvp
def _dawson(x: Array) -> Array:
    # Rybicki's sum: the trapezoidal rule on a kernel that is entire, with an error exp(−(π/2h)²) = 7e-18.
    h = 0.25
    nearest = 2 * jnp.round(x / (2 * h))
    odd = jnp.asarray(range(-27, 28, 2), x.dtype)
    offset = (x - nearest * h)[..., None]
    steps = odd.reshape(*(1,) * x.ndim, -1)
    terms = jnp.exp(-((offset - steps * h) ** 2)) / (steps + nearest[..., None])
    return jnp.sum(terms, axis=-1) / jnp.sqrt(jnp.asarray(jnp.pi, x.dtype))


@_dawson.defjvp
def _(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    value = _dawson(x)
    return value, (1 - 2 * x * value) * dx


def dawson(x: ArrayLike) -> Array:
    """Dawson's integral F(x) = exp(−x²) ∫₀ˣ exp(y²) dy = (√π/2) exp(−x²) erfi(x), for any x without overflow.

    - `x`: any shape.

    Source: G. B. Rybicki, Comput. Phys. 3, 85 (1989).

    >>> from magjax.analytic import brown
    >>> round(float(brown.dawson(1.0)), 9), round(float(brown.dawson(100.0)), 9)
    (0.538079507, 0.00500025)
    """
    return _dawson(_floats(x))


def mean_cosine_squared(sigma: ArrayLike) -> Array:
    """⟨cos²θ⟩ of a uniaxial particle in equilibrium, easy axis (σ > 0) or easy plane (σ < 0).

    ⟨cos²θ⟩ = 1/(2√σ F(√σ)) − 1/(2σ), F Dawson's integral: 1/3 at σ = 0, 1 − 1/σ at high barriers.

    - `sigma`: σ = KV/kT, any shape.

    >>> from magjax.analytic import brown
    >>> [round(float(brown.mean_cosine_squared(sigma)), 6) for sigma in (-50.0, 0.0, 1e-3, 50.0)]
    [0.01, 0.333333, 0.333422, 0.979789]
    """
    sigma = _floats(sigma)
    near = jnp.abs(sigma) < 1
    small = jnp.where(near, sigma, 0)
    above, below = jnp.zeros_like(small), jnp.zeros_like(small)
    for k in range(18, -1, -1):  # Horner's scheme of ∑ σᵏ/(k!(2k+3)) and ∑ σᵏ/(k!(2k+1))
        above = 1 / (2 * k + 3) + small / (k + 1) * above
        below = 1 / (2 * k + 1) + small / (k + 1) * below
    size = jnp.where(near, 1, jnp.abs(sigma))
    root = jnp.sqrt(size)
    easy = 1 / (2 * root * _dawson(root)) - 1 / (2 * size)
    plane = 1 / (2 * size) - jnp.exp(-size) / (root * jnp.sqrt(jnp.asarray(jnp.pi, size.dtype)) * lax.erf(root))
    return jnp.where(near, above / below, jnp.where(sigma > 0, easy, plane))


def mean_cosine(sigma: ArrayLike, xi: ArrayLike) -> Array:
    """⟨cos θ⟩ of an easy-axis particle in a field along its axis, in equilibrium.

    ⟨cos θ⟩ = (1 − exp(−2|ξ|)) / [2√σ (F(√σ(1+h)) + exp(−2|ξ|) F(√σ(1−h)))] − h,   h = |ξ|/2σ, with the sign of ξ.

    Langevin's function L(ξ) at σ = 0, and ξ⟨cos²θ⟩ for weak fields.

    - `sigma`: σ = KV/kT ≥ 0. `xi`: ξ = μB/kT. Shapes that broadcast. Digits are lost as h for h ≫ 1, to 10 at least.

    >>> from magjax.analytic import brown
    >>> round(float(brown.mean_cosine(5.0, 1.0)), 6)
    0.620671
    """
    sigma, signed = jnp.broadcast_arrays(_floats(sigma), _floats(xi))
    flat, weak = sigma < 5e-6, jnp.abs(signed) < 1e-8
    # Each formula where it holds, on numbers that it can be differentiated at.
    s, xi = jnp.where(flat, 1, sigma), jnp.where(weak, 1, jnp.abs(signed))
    root, h, fade = jnp.sqrt(s), xi / (2 * s), jnp.exp(-2 * xi)
    below = 2 * root * (_dawson(root * (1 + h)) + fade * _dawson(root * (1 - h)))
    steep = -jnp.expm1(-2 * xi) / below - h
    # To first order in σ: L + σ d⟨cos²θ⟩/dξ, where ⟨cos²θ⟩ = 1 − 2L/ξ.
    L, far = langevin(xi), jnp.where(xi < 1e-3, 1, xi)
    slope = jnp.where(xi < 1e-3, 4 * xi / 45, (2 * L**2 - 2) / far + 6 * L / far**2)
    strong = jnp.sign(signed) * jnp.where(flat, L + sigma * slope, steep)
    return jnp.where(weak, signed * mean_cosine_squared(sigma), strong)


def free_decay(t: ArrayLike, free_time: ArrayLike, degree: int = 1) -> Array:
    """⟨P_l(cos θ)⟩ of a free moment at time t over that at 0: exp(−l(l+1)t/2τ_N); exp(−t/τ_N) for cos θ itself.

    - `t`: time, s. `free_time`: τ_N, s. `degree`: l.

    >>> from magjax.analytic import brown
    >>> round(float(brown.free_decay(1e-9, 1e-9)), 6)
    0.367879
    """
    return jnp.exp(-degree * (degree + 1) / 2 * jnp.asarray(t) / jnp.asarray(free_time))


def high_barrier_rate(sigma: ArrayLike, h: ArrayLike = 0.0) -> Array:
    """Brown's asymptote of λ₁ at high barriers, in units of 1/τ_N, for a field along the axis with |h| < 1.

    λ₁τ_N = σ^{3/2} π^{−1/2} (1 − h²) [(1 + h) exp(−σ(1 + h)²) + (1 − h) exp(−σ(1 − h)²)]

    Its relative error is near 1/σ: 25 % too high at σ = 3 to 5, 3 % at 40.

    - `sigma`: σ = KV/kT. `h`: field over anisotropy field, μB/2KV. Shapes that broadcast.

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963), Eq. 4.43.

    >>> from magjax.analytic import brown
    >>> round(float(brown.high_barrier_rate(5.0)), 6)
    0.085004
    """
    sigma, h = _floats(sigma), _floats(h)
    up, down = 1 + h, 1 - h
    wells = up * jnp.exp(-sigma * up**2) + down * jnp.exp(-sigma * down**2)
    return sigma**1.5 / jnp.sqrt(jnp.asarray(jnp.pi, sigma.dtype)) * up * down * wells


def low_barrier_rate(sigma: ArrayLike) -> Array:
    """Brown's expansion of λ₁ at low barriers without a field, in units of 1/τ_N: 1 − 2σ/5 + 48σ²/875.

    Its error is near 0.002 |σ|³.

    - `sigma`: σ = KV/kT, easy axis (> 0) or easy plane (< 0).

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963), Section 4C.

    >>> from magjax.analytic import brown
    >>> round(float(brown.low_barrier_rate(0.1)), 6)
    0.960549
    """
    sigma = _floats(sigma)
    return 1 - 2 * sigma / 5 + 48 * sigma**2 / 875


def escape_rate(
    well: tuple[ArrayLike, ArrayLike], saddle: tuple[ArrayLike, ArrayLike], barrier: ArrayLike, alpha: ArrayLike
) -> Array:
    """Rate out of a well over a saddle of any energy E(m), in units of 1/τ_N, at intermediate and high damping.

    κτ_N = (1/8π) √(c₁c₂/|d₁d₂|) [√((d₁ − d₂)² − 4d₁d₂/α²) − d₁ − d₂] exp(−ΔE/kT)

    The bracket is twice the rate at which the damped precession leaves the saddle. Holds while the energy lost in one
    turn is above kT, α ΔE/kT ≳ 1, and ΔE ≫ kT.

    - `well`: c₁, c₂, and `saddle`: d₁ < 0 < d₂, second derivatives of E/kT along the two principal directions.
    - `barrier`: ΔE/kT. `alpha`: Gilbert damping.

    Source: W. F. Brown, IEEE Trans. Magn. 15, 1196 (1979); J. S. Langer, Ann. Phys. 54, 258 (1969).

    >>> from magjax.analytic import brown
    >>> round(float(brown.escape_rate((20.0, 30.0), (-8.0, 10.0), barrier=10.0, alpha=1.0)) * 1e4, 4)
    1.1565
    """
    (c1, c2), (d1, d2) = (tuple(map(_floats, pair)) for pair in (well, saddle))
    leaving = jnp.sqrt((d1 - d2) ** 2 - 4 * d1 * d2 / _floats(alpha) ** 2) - d1 - d2
    return jnp.sqrt(-c1 * c2 / (d1 * d2)) * leaving * jnp.exp(-_floats(barrier)) / (8 * jnp.pi)


def kramers_rate(well: ArrayLike, top: ArrayLike, barrier: ArrayLike, diffusion: ArrayLike) -> Array:
    """Kramers' rate out of a well of an overdamped coordinate, D √(c|d|) exp(−ΔE/kT)/2π, 1/s.

    - `well`, `top`: c > 0 and d < 0, second derivatives of E/kT at the bottom and at the top. `barrier`: ΔE/kT.
    - `diffusion`: D, the Γ0 of a Langevin equation with noise √(2Γ0), 1/s.

    Source: H. A. Kramers, Physica 7, 284 (1940).

    >>> from magjax.analytic import brown
    >>> round(float(brown.kramers_rate(64.0, -32.0, barrier=8.0, diffusion=1e9)))
    2416180
    """
    return _floats(diffusion) * jnp.sqrt(-_floats(well) * top) * jnp.exp(-_floats(barrier)) / (2 * jnp.pi)


def _floats(value: ArrayLike) -> Array:
    array = jnp.asarray(value)
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(jnp.result_type(float))
