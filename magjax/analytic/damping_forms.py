"""Gilbert's and Landau and Lifshitz' equations beside each other, in the constants that the seed paper uses.

Gilbert: dM/dt = −γ_G M×B + λ_G M×dM/dt. Landau and Lifshitz: dM/dt = −γ_L M×B − λ_L M×(M×B). The map from the first to
the second is `magjax.analytic.macrospin.landau_lifshitz_from_gilbert`.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

__all__ = ["decay_time_gilbert", "decay_time_landau_lifshitz", "decay_time_seed", "gilbert_from_landau_lifshitz"]


def gilbert_from_landau_lifshitz(gamma: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> tuple[Array, Array]:
    """The equation of Gilbert that is Landau and Lifshitz': α = λ_L Ms/γ_L, γ_G = γ_L(1+α²), λ_G = α/Ms.

    - `gamma`: γ_L, rad/(s·T). `damping`: λ_L, m/(A·s·T). `Ms`: saturation magnetisation, A/m.

    **Returns** γ_G, rad/(s·T), and λ_G, m/A.

    >>> from magjax.analytic import damping_forms
    >>> gamma, damping = damping_forms.gilbert_from_landau_lifshitz(1.0, 0.25, Ms=4.0)  # α = 1
    >>> float(gamma), float(damping)
    (2.0, 0.25)
    """
    gamma, damping = jnp.asarray(gamma), jnp.asarray(damping)
    return gamma * (1 + (damping * Ms / gamma) ** 2), damping / gamma


def decay_time_gilbert(B: ArrayLike, gamma: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> Array:
    """Time in which a small precession decays to 1/e in Gilbert's equation, s: τ = (1+α²)/(αγ_G B), α = λ_G Ms.

    Shortest for α = 1: a spin that is damped more creeps.

    - `B`: field, T. `gamma`: γ_G, rad/(s·T). `damping`: λ_G, m/A. `Ms`: saturation magnetisation, A/m.

    >>> from magjax.analytic import damping_forms
    >>> [round(float(damping_forms.decay_time_gilbert(1.0, 1.0, x, Ms=1.0)), 3) for x in (0.5, 1.0, 2.0)]
    [2.5, 2.0, 2.5]
    """
    alpha = jnp.asarray(damping) * Ms
    return (1 + alpha**2) / (alpha * gamma * B)


def decay_time_landau_lifshitz(B: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> Array:
    """Time in which a small precession decays to 1/e in Landau and Lifshitz' equation, s: τ = 1/(λ_L Ms B).

    The more damping the faster, without end. Under the exact map it is Gilbert's time.

    - `B`: field, T. `damping`: λ_L, m/(A·s·T). `Ms`: saturation magnetisation, A/m.

    >>> from magjax.analytic import damping_forms
    >>> [round(float(damping_forms.decay_time_landau_lifshitz(1.0, x, Ms=1.0)), 3) for x in (0.5, 1.0, 2.0)]
    [2.0, 1.0, 0.5]
    """
    return 1 / (jnp.asarray(damping) * Ms * B)


def decay_time_seed(B: ArrayLike, gamma: ArrayLike, damping: ArrayLike, Ms: ArrayLike) -> Array:
    """The decay time that the seed paper's τ = 1/(λ_L Ms H) gives with the λ_L it prints, for comparison only, s.

    τ = (1+α²)²/(γ_G B) is wrong by the factor α(1+α²), and stays finite without damping: use `decay_time_gilbert`,
    whose arguments it shares. The paper's relation between τ and λ_L itself is right.

    >>> from magjax.analytic import damping_forms
    >>> round(float(damping_forms.decay_time_seed(1.0, 1.0, 0.1, Ms=1.0)), 4)  # Gilbert's is 10.1
    1.0201
    """
    return (1 + (jnp.asarray(damping) * Ms) ** 2) ** 2 / (jnp.asarray(gamma) * B)
