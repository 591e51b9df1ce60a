"""Total variation: edges cost by their area, even ground like a parabola; and two grains keep their edge."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import fit
from magjax.config.fit import check_fit

CELL = (2.0, 3.0, 5.0)


def cost(variation, field):
    """What a prior adds to χ²."""
    return float(jnp.sum(variation.rows(jnp.asarray(field)) ** 2))


@pytest.mark.slow
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_edge_costs_by_its_area(axis):
    """A step of 0.4 across each axis of a box of dx ≠ dy ≠ dz: 2·0.4/w for each d² of its area, less ε once a cell."""
    shape, edges = (6, 4, 8), CELL[::-1]
    field = np.zeros(shape)
    np.moveaxis(field, axis, 0)[shape[axis] // 2 :] = 0.4
    prior = fit.TotalVariation(0.5, 1e-5, CELL)
    area = np.prod([n * d for i, (n, d) in enumerate(zip(shape, edges, strict=True)) if i != axis])
    expected = 2 * 0.4 / 0.5 * area / np.prod(CELL) ** (2 / 3)
    assert cost(prior, field) == pytest.approx(expected, rel=1e-4, abs=0)
    gradual = np.moveaxis(
        np.broadcast_to(np.linspace(0, 0.4, shape[axis])[:, None, None], [shape[axis], *np.delete(shape, axis)]),
        0,
        axis,
    )
    assert cost(prior, gradual) == pytest.approx(expected, rel=1e-3, abs=0)
    assert cost(fit.TotalVariation(0.5, 1e-5), field[0, :, :]) == pytest.approx(
        0 if axis == 0 else 2 * 0.4 / 0.5 * shape[3 - axis], rel=1e-4, abs=1e-12
    )


def test_what_is_even_is_a_parabola_and_has_a_slope(precision):
    """Far below ε the standard deviation of a difference is √(εw); where nothing differs derivatives are 0, not NaN."""
    prior = fit.TotalVariation(0.5, 0.02)
    field = jnp.asarray([0.0, 1e-4, 0.0], precision.dtype)
    assert prior.rows(field).dtype == precision.dtype
    assert cost(prior, field) == pytest.approx(2 * 1e-8 / (0.02 * 0.5), rel=1e-4, abs=0)
    slope = jax.jit(jax.grad(lambda f: jnp.sum(prior.rows(f) ** 2)))
    assert not np.asarray(slope(jnp.zeros(3, precision.dtype))).any()
    x, step = jnp.asarray([0.0, 0.3, 0.31], jnp.float64), jnp.asarray([0.0, 1e-6, 0.0], jnp.float64)
    difference = (cost(prior, x + step) - cost(prior, x - step)) / 2e-6
    assert float(slope(x)[1]) == pytest.approx(difference, rel=1e-7, abs=0)


def test_what_is_no_size_is_named():
    """Widths, thresholds and cells > 0."""
    with pytest.raises(ValueError, match="`width` must be > 0"):
        fit.TotalVariation(0.0)
    with pytest.raises(ValueError, match="`epsilon` must be > 0"):
        fit.TotalVariation(1.0, -1.0)
    with pytest.raises(ValueError, match="`cell_size` must be three lengths"):
        fit.TotalVariation(1.0, cell_size=(1.0, 0.0, 1.0))


def grains(shape):
    """Two grains, the left one half as stiff: 7 and 14 pJ/m."""
    A = np.full(shape, 7e-12)
    A[..., shape[-1] // 2 :] = 14e-12
    return A


@pytest.mark.slow
def test_two_grains_keep_their_edge(rng):
    """A noisy map of two grains: the edge is sharper, and the map nearer, than with any strength of smoothing.

    Layout: 10 × 6 cells of 2 × 3 × 5 edges, ln A measured in each with an error of 0.15, the grains ln 2 apart.
    Quadratic smoothing at three strengths, the best of which counts; total variation whose w = 0.1 is σ² over the noise
    itself, as it has to be to level that. Compared: the root mean square error of ln A, and the part of ln 2 that lies
    between the two columns at the edge, of which w takes σ²/(5 w) = 0.05 from either side.
    """
    shape = (1, 6, 10)
    truth = np.log(grains(shape))
    noisy = truth + 0.15 * rng.standard_normal(shape)
    data = fit.Data(0.0, noisy, 0.15, observe=lambda m, x: jnp.log(m["A"]))

    def errors(**prior):
        parameter = fit.Parameter("A", log=True, unit="J/m", **prior)
        found = np.log(np.asarray(fit.fit({"A": np.full(shape, 1e-11)}, data, parameter).values["A"]))
        return float(np.sqrt(np.mean((found - truth) ** 2))), float(np.mean(found[..., 5] - found[..., 4]) / np.log(2))

    smoothed = [errors(smooth=width) for width in (0.1, 0.2, 0.4)]
    missed, edge = errors(variation=fit.TotalVariation(0.1, 0.01, CELL))
    nearest = min(smoothed)
    assert missed < 0.7 * nearest[0]
    assert edge > 0.8 > nearest[1] + 0.1


def test_configurations_know_the_cells():
    """`variation` and `epsilon` of `[fit.free.A]` go with the cells of the model's own mesh."""
    model = {
        "kind": "material_map",
        "cells": [4, 3],
        "cell_size": ["4 nm", "5 nm", "3 nm"],
        "A": "10 pJ/m",
        "Ms": "800 kA/m",
        "alpha": 0.05,
        "period": ["30 nm", "40 nm"],
        "times": ["5 ps"],
    }
    config = check_fit({"title": "t", "fit": {"model": model, "free": {"A": {"variation": 0.3, "epsilon": 0.02}}}})
    (parameter,) = config.parameters(config.table.build())
    assert parameter.smooth is None
    assert parameter.variation == fit.TotalVariation(0.3, 0.02, (4e-9, 5e-9, 3e-9))
