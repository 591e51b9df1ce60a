"""Geometry by a density field, Ms → ρ Ms with ρ in [0, 1] in every cell, against shapes that are known to be best."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import fit
from magjax.analytic import demag as theory

#: How far a sigmoid goes: what is empty holds σ(−7) = 1e-3 of material, and what is full lacks as much.
REACH = 7.0
Ms = 8e5


@pytest.mark.slow
def test_magnet_of_largest_field_is_made_of_the_best_cells() -> None:
    """The field at one cell is a sum over all others: the best magnet of given volume takes those that give most.

    Layout: 63 cells of 5 × 6 × 4 nm magnetised along x, one of them the place of the field. The exact optimum fills
    cells in the order of their share of the field until the material is used up; shares come from the derivative of
    the field with respect to the density, at another one. Tolerance: the search ends where a step gains less than
    1e-9 of the field at the start; the volume is met to 1e-7, by which it might seem to gain more.
    """
    mesh = mj.Mesh((9, 7, 1), (5e-9, 6e-9, 4e-9))
    demag, along = mj.Demag(mesh), mj.textures.uniform(mesh, "x")
    here = np.zeros(mesh.shape, bool)
    here[0, 3, 4] = True
    filled = 25.5

    def density(model):
        return jnp.where(here, 1.0, jax.nn.sigmoid(model["s"]))

    def field(rho):
        return mj.System(mesh, Ms=Ms * rho, energy=demag).field(along)[0, 0, 3, 4]

    def goal(model):
        rho = density(model)
        return -field(rho), jnp.sum(rho) / filled - 1

    start = {"s": np.full(mesh.shape, -0.4)}
    found = fit.design(start, goal, fit.Parameter("s", bounds=(-REACH, REACH), scale=1.0))
    assert found.result.succeeded
    share = np.asarray(jax.jit(jax.grad(field))(jnp.full(mesh.shape, 0.5)))
    order = np.argsort(np.where(here, np.inf, share).ravel())[::-1]
    low = 1 / (1 + np.exp(REACH))
    best = np.full(63, low)
    best[order[0]] = 1.0
    for i in order[1:]:
        best[i] += min(1 - 2 * low, filled - best.sum())
    rho = np.asarray(density(found.model)).ravel()
    assert np.array_equal(np.sort(order[:25]), np.flatnonzero(rho > 0.9))
    gained = (rho @ share.ravel()) / (best @ share.ravel())
    assert 0.999 < gained < 1 + 1e-6


@pytest.mark.slow
def test_film_of_largest_shape_anisotropy_falls_into_wires() -> None:
    """(E_y − E_x)/(½μ0Ms²V) of a sixth of the cells is largest as two wires along x, as far apart as there is room.

    Layout: 12 × 12 cells that mirror a quarter of 36. One long prism has N_y − N_x in closed form; a second one beside
    it takes a little away, 1 % at this distance, as its poles attract. No other two rows do better. Tolerance:
    σ(−7) of material is left in each of the 120 other cells, 0.9 % of that in the wires.
    """
    mesh = mj.Mesh((12, 12, 1), (6e-9, 5e-9, 5e-9))
    demag = mj.Demag(mesh)
    x, y = mj.textures.uniform(mesh, "x"), mj.textures.uniform(mesh, "y")
    unit = mj.constants.MU0 / 2 * Ms**2 * 24 * mesh.cell_volume

    @jax.jit
    def anisotropy(rho):
        film = mj.System(mesh, Ms=Ms * rho, energy=demag)
        return (film.total_energy(y) - film.total_energy(x)) / unit

    def whole(quarter):
        half = jnp.concatenate([quarter[::-1], quarter])
        return jnp.concatenate([half[:, ::-1], half], axis=1)[None]

    def goal(model):
        rho = whole(jax.nn.sigmoid(model["s"]))
        return -anisotropy(rho), jnp.sum(rho) / 24 - 1

    start = {"s": -1.6 - 0.1 * np.arange(6.0)[:, None] + np.zeros(6)}
    found = fit.design(start, goal, fit.Parameter("s", bounds=(-REACH, REACH), scale=1.0), tolerance=1e-7)
    assert found.result.succeeded
    rows = np.eye(6)[:, :, None] * np.ones(6)
    others = [float(anisotropy(whole(jnp.asarray(row)))) for row in rows]
    assert int(np.argmax(others)) == 5
    assert np.allclose(jax.nn.sigmoid(found.values["s"]), rows[5], atol=0.05)
    assert -found.cost == pytest.approx(others[5], rel=1e-2, abs=0)
    N = theory.prism_factors((72e-9, 5e-9, 5e-9))
    assert 0.985 * (N[1] - N[0]) < others[5] < N[1] - N[0]
