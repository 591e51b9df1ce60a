"""A uniaxial particle whose spins turn together: fields in units of H_K = 2K/(μ0 Ms), energies in units of KV."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

__all__ = [
    "RANDOM_COERCIVITY",
    "RANDOM_REMANENCE",
    "aligned_barrier",
    "astroid",
    "barrier_near_switching",
    "coercivity",
    "pfeiffer_barrier",
    "transverse_magnetization",
]

#: Coercivity of randomly oriented particles that do not interact. Stoner and Wohlfarth read 0.479 off their tables.
RANDOM_COERCIVITY = 0.48221205
#: Their remanence.
RANDOM_REMANENCE = 0.5


def astroid(psi: ArrayLike) -> Array:
    """Switching field h_sw = (cos^{2/3} ψ + sin^{2/3} ψ)^{−3/2}: 1 along and across the axis, ½ at 45°.

    - `psi`: angle between the field's line and the easy axis, 0 … π/2, rad. At 0 there is a cusp: the slope is −∞.

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> from magjax.analytic import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.astroid(0.7853981634)), 6)
    0.5
    """
    psi = jnp.asarray(psi)
    return (_two_thirds(jnp.cos(psi)) + _two_thirds(jnp.sin(psi))) ** -1.5


def coercivity(psi: ArrayLike) -> Array:
    """Field of zero moment along the field: the switching field up to 45°, and ½ sin 2ψ beyond, where m turns through.

    - `psi`: angle between the field's line and the easy axis, 0 … π/2, rad.

    >>> from magjax.analytic import stoner_wohlfarth
    >>> [round(float(stoner_wohlfarth.coercivity(psi)), 4) for psi in (0.0, 0.5235987756, 1.0471975512)]
    [1.0, 0.524, 0.433]
    """
    psi = jnp.asarray(psi)
    # The cusp of the branch not taken would make 0·∞ of derivatives across the axis.
    steep = psi <= jnp.pi / 4
    return jnp.where(steep, astroid(jnp.where(steep, psi, jnp.pi / 4)), jnp.sin(2 * psi) / 2)


def aligned_barrier(h: ArrayLike) -> Array:
    """ΔE = (1 − h)² for a field exactly along the axis, or exactly across it; 0 from h = 1 on.

    - `h`: opposing field in units of H_K.

    >>> from magjax.analytic import stoner_wohlfarth
    >>> float(stoner_wohlfarth.aligned_barrier(0.5))
    0.25
    """
    return jnp.clip(1 - jnp.asarray(h), 0) ** 2


def barrier_near_switching(h: ArrayLike, psi: ArrayLike) -> Array:
    """ΔE = (4/3)√(2/3) sin 2δ_c (1 − h/h_sw)^{3/2}, tan δ_c = tan^{1/3} ψ: the limit h → h_sw at 0 < ψ < π/2.

    Valid for 1 − h/h_sw well below sin² 2δ_c, that is, below ψ^{2/3} at small angles.

    - `h`: opposing field in units of H_K. `psi`: angle between the field's line and the easy axis, rad.

    Source: R. H. Victora, Phys. Rev. Lett. 63, 457 (1989).

    >>> from magjax.analytic import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.barrier_near_switching(0.495, 0.7853981634)), 6)
    0.001089
    """
    slope = jnp.cbrt(jnp.tan(jnp.asarray(psi)))
    rest = jnp.clip(1 - jnp.asarray(h) / astroid(psi), 0)
    return 4 / 3 * jnp.sqrt(2 / 3) * 2 * slope / (1 + slope**2) * rest**1.5


def pfeiffer_barrier(h: ArrayLike, psi: ArrayLike) -> Array:
    """Pfeiffer's approximation ΔE = (1 − h/h_sw)^{0.86 + 1.14 h_sw}: a fit at intermediate fields, right at 0 and 90°.

    - `h`: opposing field in units of H_K. `psi`: angle between the field's line and the easy axis, rad.

    Source: H. Pfeiffer, Phys. Status Solidi A 118, 295 (1990).

    >>> from magjax.analytic import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.pfeiffer_barrier(0.25, 0.7853981634)), 3)
    0.371
    """
    limit = astroid(psi)
    return jnp.clip(1 - jnp.asarray(h) / limit, 0) ** (0.86 + 1.14 * limit)


def transverse_magnetization(h: ArrayLike) -> Array:
    """Moment m = h across the axis, up to saturation at h = 1: the hard-axis loop, without hysteresis.

    - `h`: field in units of H_K.

    >>> from magjax.analytic import stoner_wohlfarth
    >>> float(stoner_wohlfarth.transverse_magnetization(-0.25))
    -0.25
    """
    return jnp.clip(jnp.asarray(h), -1, 1)


@jax.custom_jvp
def _two_thirds(x: Array) -> Array:
    """|x|^{2/3}, whose slope at 0 is the +∞ of the right side."""
    return jnp.cbrt(x) ** 2


@_two_thirds.defjvp
def _(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return _two_thirds(x), 2 / 3 / jnp.cbrt(x) * dx
