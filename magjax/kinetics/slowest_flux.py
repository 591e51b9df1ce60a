"""The slowest mode of a Fokker–Planck operator by its inverse, an integral whose kernel is positive.

With w = exp(v)/D and v = E/kT, the flux J of a mode obeys −(exp(v) J′)′ = λ w J, J = 0 at both ends: the spectrum of
the Fokker–Planck operator without its zero. The inverse of this operator is

    J(s)/λ = [V(s) ∫_a^s U w J + U(s) ∫_s^b V w J] / Z,    U = ∫_a^s exp(−v), V = ∫_s^b exp(−v), Z = ∫_a^b exp(−v),

whose largest eigenvalue is 1/λ₁, and whose first eigenfunction has one sign. So λ₁ = exp(−40) costs no digits, where a
matrix of the Fokker–Planck operator itself has an absolute error of 1e-16 times its largest element. Of g = √w J the
kernel is symmetric, b(s) a(s′) for s′ < s with a = U√w/√Z and b = V√w/√Z, and falls off on both sides of a well as on
both sides of a top: only exponents, never numbers, grow with the barrier.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.panels import Panels

#: Steps of Lanczos' iteration; each is two passes over the nodes.
_STEPS = 20


class Slowest(eqx.Module):
    """The slowest mode: ln λ₁ in units of the pace, its slope by E/kT at the nodes, ln J, and the relative residual."""

    log_rate: Array
    slope: Array
    log_flux: Array
    residual: Array


class _Inverse(eqx.Module):
    """The inverse operator, in units of exp(`scale`): factors within panels, and links between them, bounded by 1."""

    a: Array
    b: Array
    link: Array
    scale: Array
    top_a: Array
    top_b: Array
    panels: Panels

    def __call__(self, g: Array) -> Array:
        within = jnp.diagonal(self.link)[:, None]
        below = jnp.tril(self.link, -1)
        from_left, from_right = (jnp.sum(self.panels.weights * f * g, axis=1) for f in (self.a, self.b))
        left = self.b * ((below @ from_left)[:, None] + within * self.panels.within_from_left(self.a * g))
        return left + self.a * ((from_right @ below)[:, None] + within * self.panels.within_from_right(self.b * g))


def slowest(v: Array, log_mobility: Array, panels: Panels, kept: Array) -> Slowest:
    """The slowest mode of E/kT = `v` and ln D at the nodes of panels, of which only those `kept` count."""
    low = jnp.min(v, axis=1)
    log_U, log_V = _cumulative(jnp.where(kept[:, None], jnp.exp(low[:, None] - v), 0), -low, panels)
    log_Z = jnp.logaddexp(log_U[0, 0], log_V[0, 0])
    root_w = (v - log_mobility) / 2
    log_a, log_b = (jnp.where(kept[:, None], x + root_w - log_Z / 2, -jnp.inf) for x in (log_U, log_V))
    inverse = _inverse(log_a, log_b, kept, panels)
    start = (log_a + log_b) / 2  # that of a flux which is the same all across the top
    g, residual = _largest(inverse, jnp.exp(start - jnp.max(start)))
    log_rate = -jnp.log(jnp.sum(panels.weights * g * inverse(g))) - inverse.scale
    # What flows in from either side, ∫ a g and ∫ b g, as logarithms: in the wells g itself may underflow.
    log_L, _ = _cumulative(inverse.a * g, inverse.top_a, panels)
    _, log_R = _cumulative(inverse.b * g, inverse.top_b, panels)
    # δλ/λ = ∫ δv (exp(v) J′²/λ − w J²), where J′ = λ exp(−v) (∫_s^b V w J − ∫_a^s U w J)/Z and ∫ w J² = 1.
    scale = (log_rate - v - log_Z) / 2
    bent = jnp.where(kept[:, None], (jnp.exp(scale + log_R) - jnp.exp(scale + log_L)) ** 2, 0)
    log_flux = jnp.logaddexp(log_V + log_L, log_U + log_R)
    return Slowest(log_rate, panels.weights * (bent - g * g), log_flux, residual)


def _cumulative(f: Array, log_scale: Array, panels: Panels) -> tuple[Array, Array]:
    """Ln of the integrals from the left and from the right of f ≥ 0, given in units of its own in each panel."""
    whole = jnp.log(jnp.sum(panels.weights * f, axis=1)) + log_scale
    nothing = jnp.full(1, -jnp.inf, whole.dtype)
    before = jnp.concatenate([nothing, lax.cumlogsumexp(whole)[:-1]])
    after = jnp.concatenate([lax.cumlogsumexp(whole, reverse=True)[1:], nothing])
    within = (panels.within_from_left(f), panels.within_from_right(f))
    # A polynomial through values that fall by e^−5 may dip below 0 where they are smallest.
    left, right = (jnp.log(jnp.maximum(part, 0)) + log_scale[:, None] for part in within)
    return jnp.logaddexp(before[:, None], left), jnp.logaddexp(after[:, None], right)


def _inverse(log_a: Array, log_b: Array, kept: Array, panels: Panels) -> _Inverse:
    top_a, top_b = (jnp.where(kept, jnp.max(x, axis=1), 0) for x in (log_a, log_b))
    count = kept.size
    joined = jnp.tril(jnp.ones((count, count), bool)) & kept[:, None] & kept[None, :]
    pairs = jnp.where(joined, top_b[:, None] + top_a[None, :], -jnp.inf)
    scale = jnp.max(pairs)
    a, b = jnp.exp(log_a - top_a[:, None]), jnp.exp(log_b - top_b[:, None])
    return _Inverse(a, b, jnp.exp(pairs - scale), scale, top_a, top_b, panels)


def _largest(inverse: _Inverse, start: Array) -> tuple[Array, Array]:
    """The eigenfunction of the largest eigenvalue, ∫ g² = 1, by Lanczos' iteration, and its relative residual."""
    weights = inverse.panels.weights

    def unit(g: Array) -> Array:
        square = jnp.sum(weights * g * g)
        return g * lax.rsqrt(jnp.where(square > 0, square, 1))

    def step(i: Array, basis: Array) -> Array:
        g = inverse(basis[i])
        for _ in range(2):  # once more for what rounding left behind
            g = g - jnp.einsum("k,kpn->pn", jnp.einsum("kpn,pn->k", basis, weights * g), basis)
        return basis.at[i + 1].set(unit(g))

    basis = jnp.zeros((_STEPS + 1, *start.shape), start.dtype).at[0].set(unit(start))
    basis = lax.fori_loop(0, _STEPS, step, basis)[:_STEPS]
    images = jax.vmap(inverse)(basis)
    matrix = jnp.einsum("ipn,jpn->ij", basis, weights[None] * images)
    values, vectors = jnp.linalg.eigh((matrix + matrix.T) / 2)
    # The mode has one sign. One application of a positive kernel leaves nothing of the wrong one that rounding made.
    g = unit(inverse(jnp.abs(jnp.einsum("k,kpn->pn", vectors[:, -1], basis))))
    miss = inverse(g) / values[-1] - g
    return g, jnp.sqrt(jnp.sum(weights * miss**2))
