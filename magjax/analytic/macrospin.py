"""One spin, or a sample whose spins stay parallel, in a constant field."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "decay_time",
    "landau_lifshitz_from_gilbert",
    "landau_lifshitz_from_gilbert_seed",
    "larmor_frequency",
    "relaxation",
    "resonance_frequency",
    "switching_time",
]


def relaxation(
    t: ArrayLike, m0: ArrayLike, B: ArrayLike, alpha: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """A damped spin in a constant field along any axis b = B/|B|: exact, at all times and from any direction.

    m·b = tanh(artanh(m0·b) + x), the part across b turned about b by φ, with
    x = αγ|B|t/(1+α²) and φ = γ|B|t/(1+α²); its length is √(1 − (m·b)²) = √(1 − (m0·b)²)/(cosh x + m0·b sinh x).

    **Arguments**

    - `t`: times, s; any shape. `m0`: unit vector `(3,)` at t = 0. `B`: field `(3,)`, T.
    - `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    **Returns** m, `(*t.shape, 3)`.

    Source: R. Kikuchi, J. Appl. Phys. 27, 1352 (1956).

    >>> from magjax.analytic import macrospin
    >>> m = macrospin.relaxation(1e-9, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), alpha=0.1)
    >>> bool(m[2] > 0.9999)
    True
    """
    t, m0, B, alpha, gamma = floats(t, m0, B, alpha, gamma)
    square = jnp.sum(B**2)
    strength = jnp.sqrt(jnp.where(square > 0, square, 1))
    b = B / strength
    phase = jnp.where(square > 0, gamma * strength * t / (1 + alpha**2), 0)[..., None]
    x = alpha * phase
    along = jnp.sum(m0 * b)
    b, across, beside = (v.reshape(*(1,) * t.ndim, 3) for v in (b, m0 - along * b, jnp.cross(b, m0)))
    # cosh x and sinh x over eˣ: no overflow at late times, no artanh(±1) at the poles.
    fade = jnp.exp(-x)
    turned = jnp.cos(phase) * across + jnp.sin(phase) * beside
    near, far = 1 + along, (1 - along) * fade**2
    # Against the field for ever: both vanish once the exponential does.
    moves = near + far > 0
    m = ((near - far) * b + 2 * fade * turned) / jnp.where(moves, near + far, 1)
    return jnp.where(moves, m, -b)


def larmor_frequency(B: ArrayLike, alpha: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Angular frequency of precession ω = γB/(1+α²), rad/s.

    - `B`: field, T. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import macrospin
    >>> round(float(macrospin.larmor_frequency(1.0)) / 6.283185307e9, 3)  # GHz/T
    28.025
    """
    return jnp.asarray(gamma) * B / (1 + jnp.asarray(alpha) ** 2)


def decay_time(B: ArrayLike, alpha: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Time τ = (1+α²)/(αγB) in which a small precession decays to 1/e, s.

    - `B`: field, T. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import macrospin
    >>> round(float(macrospin.decay_time(1.0, alpha=0.01)) * 1e12, 1)  # ps
    568.0
    """
    alpha = jnp.asarray(alpha)
    return (1 + alpha**2) / (alpha * gamma * B)


def switching_time(
    start: ArrayLike, end: ArrayLike, B: ArrayLike, alpha: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Time in which the component along a field goes from `start` to `end`: τ (artanh m₁ − artanh m₀), s.

    - `start`, `end`: components m·b, −1 < m < 1.
    - `B`: field, T. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    Shortest, at given B, for α = 1.

    >>> from magjax.analytic import macrospin
    >>> round(float(macrospin.switching_time(-0.99, 0.99, 1.0, alpha=1.0)) * 1e12, 1)  # ps
    60.1
    """
    return decay_time(B, alpha, gamma) * (jnp.arctanh(jnp.asarray(end)) - jnp.arctanh(jnp.asarray(start)))


def resonance_frequency(
    B: ArrayLike,
    Ms: ArrayLike = 0.0,
    factors: tuple[ArrayLike, ArrayLike, ArrayLike] = (0.0, 0.0, 0.0),
    K: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Kittel's resonance of an ellipsoid magnetised along z by a field and a uniaxial anisotropy along z, rad/s.

    ω = γ √[(B_z + μ0(Nx − Nz)Ms) (B_z + μ0(Ny − Nz)Ms)],  B_z = B + 2K/Ms.

    - `B`: external field, T. `Ms`: saturation magnetisation, A/m. `factors`: demagnetising factors Nx, Ny, Nz.
    - `K`: anisotropy constant, J/m³. `gamma`: |γ|, rad/(s·T).

    Source: C. Kittel, Phys. Rev. 73, 155 (1948).

    >>> from magjax.analytic import macrospin
    >>> film = macrospin.resonance_frequency(0.1, Ms=8e5, factors=(0, 1, 0))  # in the plane of a film whose normal is y
    >>> round(float(film) / 6.283185307e9, 2)  # GHz
    9.32
    """
    Nx, Ny, Nz = (jnp.asarray(N) for N in factors)
    M = constants.MU0 * jnp.asarray(Ms)
    # Without anisotropy Ms may be 0.
    anisotropy = jnp.where(M > 0, 2 * jnp.asarray(K) / jnp.where(M > 0, jnp.asarray(Ms), 1), 0)
    stiff = B + anisotropy
    return jnp.asarray(gamma) * jnp.sqrt((stiff + (Nx - Nz) * M) * (stiff + (Ny - Nz) * M))


def landau_lifshitz_from_gilbert(gamma: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> tuple[Array, Array]:
    """The equation of Landau and Lifshitz that is Gilbert's: γ_L = γ_G/(1+α²) and λ_L = λ_G γ_L, with α = λ_G Ms.

    dM/dt = −γ_G M×B + λ_G M×dM/dt is dM/dt = −γ_L M×B − λ_L M×(M×B).

    The seed paper prints another λ_L: `landau_lifshitz_from_gilbert_seed`.

    - `gamma`: Gilbert's γ_G, rad/(s·T). `damping`: λ_G, m/A. `Ms`: saturation magnetisation, A/m.

    **Returns** γ_L, rad/(s·T), and λ_L, m/(A·s·T).

    >>> from magjax.analytic import macrospin
    >>> gamma, damping = macrospin.landau_lifshitz_from_gilbert(2.0, 0.25, Ms=4.0)  # α = 1
    >>> float(gamma), float(damping)
    (1.0, 0.25)
    """
    gamma_L = jnp.asarray(gamma) / (1 + (jnp.asarray(damping) * Ms) ** 2)
    return gamma_L, jnp.asarray(damping) * gamma_L


def landau_lifshitz_from_gilbert_seed(gamma: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> tuple[Array, Array]:
    """The relation that the seed paper prints below its Eq. 11, for comparison only.

    γ_L = γ_G/(1+α²) and λ_L Ms = γ_L/(1+α²). This λ_L is wrong by the factor 1/(α(1+α²)); use
    `landau_lifshitz_from_gilbert`, whose arguments it shares.

    >>> from magjax.analytic import macrospin
    >>> gamma, damping = macrospin.landau_lifshitz_from_gilbert_seed(2.0, 0.25, Ms=4.0)  # α = 1
    >>> float(gamma), float(damping)
    (1.0, 0.125)
    """
    square = 1 + (jnp.asarray(damping) * Ms) ** 2
    return jnp.asarray(gamma) / square, jnp.asarray(gamma) / square**2 / Ms
