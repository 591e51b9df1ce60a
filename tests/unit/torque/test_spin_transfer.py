"""Currents across a layer and beside it."""

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.material.direction import direction

E, HBAR = mj.constants.E_CHARGE, mj.constants.HBAR
MESH = mj.Mesh((2, 2, 1), (3e-9, 4e-9, 2e-9))


def rate(torque, m, alpha=0.1, energy=None):
    """dm/dt, 1/s."""
    system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=energy)
    system = system if torque is None else system + torque
    return np.asarray(mj.dynamics.SpinTerm(mj.LLG()).vf(jnp.zeros(()), m, system.prepare()))


def explicit(m, torque, alpha=0.1):
    """Gilbert's form solved for dm/dt."""
    return (torque + alpha * np.cross(m, torque, axis=0)) / (1 + alpha**2)


@pytest.mark.slow
def test_slonczewski(rng) -> None:
    """τ = γB_j[ε m×(p×m) − ε′ m×p], with p for each cell, from either side."""
    m = np.asarray(mj.textures.random(MESH, 1))
    p = rng.normal(size=m.shape)
    j, P, Lambda, prime, t = -4e11, 0.6, 1.7, 0.2, 2e-9
    unit = p / np.linalg.norm(p, axis=0)
    strength = mj.constants.GAMMA * HBAR * j / (E * 8e5 * t)
    cosine = (m * unit).sum(axis=0)
    epsilon = P * Lambda**2 / (Lambda**2 + 1 + (Lambda**2 - 1) * cosine)
    aside = np.cross(m, unit, axis=0)
    torque = strength * (-epsilon * np.cross(m, aside, axis=0) - prime * aside)
    options = {"p": p, "P": P, "Lambda": Lambda, "epsilon_prime": prime, "thickness": t}
    np.testing.assert_allclose(rate(mj.Slonczewski(j, **options), m), explicit(m, torque), rtol=1e-9)
    below = mj.Slonczewski(-j, fixed="bottom", **options)
    np.testing.assert_allclose(rate(below, m), explicit(m, torque), rtol=1e-9)


def test_spin_orbit() -> None:
    """The damping-like part is γB_j θ_SH m×(p×m); the field-like one is a field B_j θ_FL p exactly."""
    m = mj.textures.random(MESH, 2)
    B = HBAR * 1e12 / (2 * E * 8e5 * 1e-9)
    field_like = mj.SpinOrbit(j=1e12, p=(0, 3, 0), theta_SH=0.0, theta_FL=0.1, thickness=1e-9)
    zeeman = rate(None, m, energy=mj.Zeeman(B=(0, 0.1 * B, 0)))
    np.testing.assert_allclose(rate(field_like, m), zeeman, rtol=1e-12)
    y = np.broadcast_to(np.array([0.0, 1, 0]).reshape(3, 1, 1, 1), m.shape)
    torque = -mj.constants.GAMMA * B * 0.2 * np.cross(m, np.cross(m, y, axis=0), axis=0)
    damping_like = mj.SpinOrbit(j=1e12, p="y", theta_SH=0.2, thickness=1e-9)
    np.testing.assert_allclose(rate(damping_like, m), explicit(m, torque), rtol=1e-9)


def test_currents_per_region_and_in_time() -> None:
    halves = mj.Regions(MESH, {"left": MESH.centers()[0] < 3e-9}, background="right")
    pulse = mj.drive.gaussian(t0=1e-10, width=1e-11) * {"left": 1e12, "right": 0.0}
    torque = mj.SpinOrbit(j=pulse, p="y", theta_SH=0.2, thickness=1e-9)
    system = mj.System(MESH, Ms=8e5, regions=halves) + torque
    m = mj.textures.uniform(MESH, "x")
    field = np.asarray(system.prepare().starting_at(1e-10).local_field(0.0, m))
    assert np.all(field[2, ..., 0] > 0)
    assert not np.any(field[..., 1])


def test_bad_arguments() -> None:
    good = {"p": "z", "P": 0.5, "thickness": 2e-9}
    for change, message in [
        ({"P": 1.5}, "between 0 and 1"),
        ({"P": 50.0}, "did you give %"),
        ({"thickness": 2.0}, "did you give nm"),
        ({"thickness": 0.0}, "> 0"),
        ({"thickness": -1e-9}, "`thickness` must be ≥ 0"),
        ({"fixed": "left"}, "'top' or 'bottom'"),
        ({"Lambda": -1.0}, "`Lambda` must be ≥ 0"),
        ({"p": "u"}, "'-z' or a vector"),
        ({"p": (0, 0, 0)}, "length zero"),
    ]:
        with pytest.raises(ValueError, match=message):
            mj.Slonczewski(1e11, **{**good, **change})
    with pytest.raises(ValueError, match="did you give nm"):
        mj.SpinOrbit(1e12, "y", theta_SH=0.1, thickness=1.0)
    with pytest.raises(ValueError, match="A/m²"):
        mj.SpinOrbit(1e18, "y", theta_SH=0.1, thickness=1e-9)


def test_polarisation_axis() -> None:
    assert direction("-x", "p").tolist() == [-1.0, 0.0, 0.0]
    assert direction((0, 0, 2), "p").tolist() == [0.0, 0.0, 2.0]
