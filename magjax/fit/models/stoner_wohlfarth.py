"""Directions of easy axes from hysteresis loops."""

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array

from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter

#: ln h of the table that says at which reduced fields how much of a moment turns.
_FIELDS = np.linspace(-7.0, 4.0, 441)


class StonerWohlfarth(AbstractLaw):
    """Major loop of particles that turn coherently, whose axes have a texture and whose H_K a log-normal spread.

    M = Ms ∫dψ P(ψ) ∫dH_K p(H_K) m(H/H_K, ψ), with P ∝ sin ψ · exp(κ cos²ψ) · density(ψ), ψ from the field to the
    axis. A part of a moment turns at a reduced field h of its own, so that M = Σ_j c_j Φ(ln(|H|/(HK h_j))/σ), where the
    c_j and h_j of all angles follow from h = sin 2δ/(2 sin(δ+ψ)) without a root to be sought.

    - `HK`: median of 2K/(μ0 Ms), A/m. `Ms`: saturation magnetisation, A/m. `sigma`: σ, standard deviation of ln H_K,
      ≥ 0.03 or so. `kappa`: κ, 0 for random axes, > 0 for axes about the field, < 0 about the plane across it.
    - `density`: of axes by solid angle at equal steps from ψ = 0 to 90°, `(p,)`, in any unit: for a texture without a
      form fit `"density"` with `smooth`.

    Input `H` (A/m), `(n,)` in the order of the measurement, which goes from saturation to saturation; output `M` (A/m).

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> from magjax import fit
    >>> law = fit.StonerWohlfarth(HK=4e5, Ms=8e5, sigma=0.1, kappa=0.0)
    >>> [round(float(M)) for M in law(H=(2e6, 0.0, -1.9e5, -2e6))["M"]]
    [797695, 400000, -75703, -797695]
    """

    HK: Array
    Ms: Array
    sigma: Array
    kappa: Array
    density: Array

    inputs: ClassVar[Mapping[str, str]] = {"H": "A/m"}
    outputs: ClassVar[Mapping[str, str]] = {"M": "A/m"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("HK", log=True, unit="A/m"),
        Parameter("Ms", log=True, unit="A/m"),
        Parameter("sigma", bounds=(0.02, 3), log=True),
        Parameter("kappa", bounds=(-50, 50), scale=1.0),
        Parameter("density", log=True),
    )

    def __init__(self, HK: Any, Ms: Any, sigma: Any = 0.2, kappa: Any = 0.0, density: Any = (1.0,)):
        given = (HK, Ms, sigma, kappa, np.asarray(density, float) if isinstance(density, (tuple, list)) else density)
        self.HK, self.Ms, self.sigma, self.kappa, self.density = (
            jnp.asarray(x, jnp.result_type(float, x)) for x in given
        )
        if self.density.ndim != 1:
            raise ValueError(f"Argument `density` must be given at angles, `(p,)`, but got {self.density.shape}.")

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        H = jnp.asarray(inputs["H"])
        H = H.astype(jnp.result_type(float, H, self.HK))
        if H.ndim != 1:
            raise ValueError(f"Argument `H` must be fields in their order, `(n,)`, but got the shape {H.shape}.")
        table, shares = {key: jnp.asarray(rows, H.dtype) for key, rows in _table().items()}, self.texture()
        remanent = jnp.sum(shares * table["remanent"])
        # A rising branch is the falling one turned about the origin.
        sign = jnp.where(_falling(H), 1, -1).astype(H.dtype)
        along = sign * H
        reduced = jnp.log(jnp.maximum(jnp.abs(H), 1e-30)) - jnp.log(self.HK)
        part = ndtr((reduced[:, None] - _FIELDS[None].astype(H.dtype)) / self.sigma)
        steps = [jnp.sum(shares[:, None] * table[way], axis=0) for way in ("supported", "opposed")]
        m = remanent + jnp.where(along > 0, part @ steps[0], part @ steps[1])
        return {"M": self.Ms * sign * m}

    def texture(self) -> Array:
        """Part of the axes at each angle of `angles()`, `(n,)`."""
        p, dtype = self.density.size, self.density.dtype
        table = {key: jnp.asarray(_table()[key], dtype) for key in ("psi", "cosine", "weights")}
        at = jnp.linspace(0, np.pi / 2, p, dtype=dtype) if p > 1 else jnp.zeros(1, dtype)
        form = jnp.interp(table["psi"], at, self.density) * jnp.exp(self.kappa * (table["cosine"] ** 2 - 1))
        # Of κ < 0 the exponent is positive, up to |κ|; 50 is e^50.
        shares = table["weights"] * form
        return shares / jnp.sum(shares)

    @staticmethod
    def angles() -> np.ndarray:
        """The angles that stand for all, 0 … π/2, `(n,)`, rad."""
        return _table()["psi"]


def _falling(H: Array) -> Array:
    """Whether a field was reached from the top of the loop, not from its bottom: which of both came last before it."""
    number = jnp.arange(H.size)
    highest, lowest = jnp.max(H), jnp.min(H)
    span = 1e-3 * (highest - lowest)
    top, bottom = highest - H <= span, H - lowest <= span
    last_top, last_bottom = (jnp.where(there, number, -1) for there in (top, bottom))
    before = jnp.maximum(number - 1, 0)
    up, down = (jnp.maximum.accumulate(last)[before] for last in (last_top, last_bottom))
    # Before either: the way leads to the one that comes first.
    return jnp.where((up < 0) & (down < 0), jnp.argmax(bottom) < jnp.argmax(top), up > down)


@functools.cache
def _table(angles: int = 96, states: int = 64) -> dict[str, np.ndarray]:
    """How much of the moment along the field turns at which ln h: one row for each angle, of unit weight.

    Falling from saturation, `supported` counts from the remanence cos ψ upwards with h > 0; `opposed` downwards with
    h < 0: up to the fold where tan δ = tan^{1/3} ψ, the jump there, and the approach to saturation on its far side.
    """
    x, w = np.polynomial.legendre.leggauss(angles)
    cosine, weights = (1 + x) / 2, w / 2
    psi = np.arccos(cosine)
    fold = np.arctan(np.cbrt(np.tan(psi)))
    limit = (np.cos(psi) ** (2 / 3) + np.sin(psi) ** (2 / 3)) ** -1.5
    beyond = _far_side(psi, limit)
    supported, opposed = np.zeros((2, angles, _FIELDS.size))
    t, share = np.polynomial.legendre.leggauss(states)
    t, share = (1 + t) / 2, share / 2
    for i in range(angles):
        delta = fold[i] * t
        _deposit(
            opposed[i], np.sin(2 * delta) / (2 * np.sin(delta + psi[i])), -np.sin(delta + psi[i]) * fold[i] * share
        )
        for row, end, sign in ((supported[i], psi[i], 1), (opposed[i], beyond[i], -1)):
            theta = end * t
            field = np.sin(2 * (psi[i] - theta)) / (2 * np.sin(theta))
            _deposit(row, field, sign * np.sin(theta) * end * share)
        jump = -np.cos(beyond[i]) - np.cos(fold[i] + psi[i])
        _deposit(opposed[i], limit[i : i + 1], np.array([jump]))
    return {
        "psi": psi, "cosine": cosine, "weights": weights, "remanent": cosine, "supported": supported, "opposed": opposed
    }  # fmt: skip


def _far_side(psi: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Angle between moment and field just after the jump, by bisection of sin 2(ψ − θ) = 2h sin θ on 0 … ψ."""
    low, high = np.zeros_like(psi), psi.copy()
    for _ in range(60):
        middle = (low + high) / 2
        turns = np.sin(2 * (psi - middle)) > 2 * limit * np.sin(middle)
        low, high = np.where(turns, middle, low), np.where(turns, high, middle)
    return (low + high) / 2


def _deposit(row: np.ndarray, field: np.ndarray, amount: np.ndarray) -> None:
    """Add amounts at ln field to a row of the table, shared between its two neighbours there."""
    step = _FIELDS[1] - _FIELDS[0]
    at = np.clip((np.log(field) - _FIELDS[0]) / step, 0, _FIELDS.size - 1 - 1e-9)
    i = at.astype(int)
    np.add.at(row, i, amount * (1 - (at - i)))
    np.add.at(row, i + 1, amount * (at - i))
