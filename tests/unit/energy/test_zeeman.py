import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants


def test_energy_is_that_of_explicit_loops(bench):
    B = bench.rng.normal(size=(3, 2, 3, 4))
    system = bench.system(mj.Zeeman(B=B), holes=True)
    m, Ms = np.asarray(bench.spins(system)), np.asarray(system.Ms)
    cells = [(slice(None), *cell) for cell in np.ndindex(Ms.shape)]
    expected = -sum(Ms[c[1:]] * float(m[c] @ B[c]) * system.mesh.cell_volume for c in cells)
    assert float(system.total_energy(jnp.asarray(m))) == pytest.approx(expected, rel=1e-13, abs=0)


def test_field_is_given_back_exactly(dtype):
    mesh = mj.Mesh((3, 2, 1), (1e-9, 2e-9, 3e-9))
    system = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0.125, -0.25, 0.5)))
    field = system["zeeman"].field(mj.textures.uniform(mesh, (1, 0, 0), dtype=dtype), system.sample(dtype=dtype))
    assert field.shape == (3, *mesh.shape)
    np.testing.assert_array_equal(
        field, np.broadcast_to(np.array([0.125, -0.25, 0.5])[:, None, None, None], field.shape)
    )


H = (1e4, -2e4, 3e4)


@pytest.mark.parametrize(
    "given",
    [
        H,
        list(H),
        np.array(H),
        {"left": H, "right": H},
        lambda x, y, z: H,
        np.broadcast_to(np.array(H)[:, None, None, None], (3, 2, 3, 4)),
        mj.drive.constant(1.0) * H,
    ],
    ids=["tuple", "list", "array", "regions", "function", "cells", "drive"],
)
def test_H_is_B_over_mu0(given, bench):
    system = bench.system(mj.Zeeman(H=given))
    field = system.field(bench.spins(system))
    np.testing.assert_allclose(field[:, 0, 0, 0], constants.MU0 * np.array(H), rtol=1e-14)
    np.testing.assert_allclose(field[:, 1, 2, 3], constants.MU0 * np.array(H), rtol=1e-14)


def test_field_follows_time_and_position_together(bench):
    """A wave packet: a drive times a function of position, plus a bias."""
    wave = mj.drive.sin(frequency=5e9) * (lambda x, y, z: (0 * x, 1e-3 * jnp.cos(1e9 * x), 0 * x))
    bias = (0, 0, 0.1)
    system = bench.system(mj.Zeeman(B=wave + bias))
    m, t = bench.spins(system), 0.03e-9
    x, _, _ = system.mesh.centers()
    expected = np.stack([0 * x, 1e-3 * np.cos(1e9 * x) * np.sin(2 * np.pi * 5e9 * t), 0.1 + 0 * x])
    np.testing.assert_allclose(system.field(m, t), expected, rtol=1e-12, atol=1e-18)


@pytest.mark.slow
def test_derivative_by_the_amplitude_of_a_drive(bench):
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    m = mj.textures.uniform(mesh, (0, 0, 1))

    def energy(amplitude):
        pulse = amplitude * mj.drive.gaussian(t0=0.0, width=1e-11)
        return mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=pulse * (0, 0, 1.0))).total_energy(m, 0.0)

    assert float(jax.grad(energy)(0.3)) == pytest.approx(-8e5 * mesh.n_cells * mesh.cell_volume, rel=1e-13, abs=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give exactly one"),
        ({"B": (0, 0, 1), "H": (0, 0, 1)}, "give exactly one"),
        ({"B": (0, 0, 8e4)}, "did you give mT, or A/m"),
        ({"B": (0, np.inf, 0)}, "`B` must be finite"),
        ({"B": {}}, "empty dictionary"),
        ({"B": 0.1}, r"`B` must be a vector of three numbers, .* got the shape \(\); a field of 0.1 along z is"),
        ({"B": (0, 1)}, r"`B` must be a vector of three numbers, .* got the shape \(2,\)"),
        ({"B": {"left": (0, 0, 1), "right": (1, 0)}}, r"`B` must be a vector .* got the shape \(2,\)"),
        ({"H": 8e4}, "`H` must be a vector of three numbers"),
    ],
)
def test_wrong_fields_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.Zeeman(**arguments)


def test_a_field_of_the_wrong_shape_is_named(bench):
    system = bench.system(mj.Zeeman(B=np.ones((3, 4, 3, 2))))
    with pytest.raises(ValueError, match=r"\(3, nz, ny, nx\)"):
        system.field(bench.spins(system))
