import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

E, HBAR = mj.constants.E_CHARGE, mj.constants.HBAR


def reference(m, occupied, mesh, u, beta):
    """τ = −(u·∇)m_⊥ + β m×(u·∇)m, cell by cell."""
    nz, ny, nx = mesh.shape
    torque = np.zeros_like(m)
    for z, y, x in np.ndindex(nz, ny, nx):
        if not occupied[z, y, x]:
            continue
        here = m[:, z, y, x]
        along = np.zeros(3)
        for axis, (name, n, d) in enumerate(zip("xyz", mesh.cells, mesh.cell_size, strict=True)):
            neighbours = []
            for step in (1, -1):
                index = [x, y, z]
                index[axis] += step
                if name in mesh.periodic:
                    index[axis] %= n
                i, j, k = index
                there = 0 <= index[axis] < n and occupied[k, j, i]
                neighbours.append(m[:, k, j, i] if there else here)
            along += u[axis][z, y, x] * (neighbours[0] - neighbours[1]) / (2 * d)
        across = np.cross(here, along)
        torque[:, z, y, x] = np.cross(here, across) + beta * across
    return torque


@pytest.mark.slow
@pytest.mark.parametrize("periodic", ["", "xz"])
def test_against_loops_over_cells(periodic, rng) -> None:
    """Cells of three lengths, free and periodic axes, empty cells, u in space; and Gilbert's form made explicit."""
    mesh = mj.Mesh((4, 3, 3), (2e-9, 3e-9, 5e-9), periodic=periodic)
    occupied = rng.random(mesh.shape) > 0.3
    m = rng.normal(size=(3, *mesh.shape))
    m = np.where(occupied, m / np.linalg.norm(m, axis=0), 0)
    u = rng.normal(size=(3, *mesh.shape)) * 100
    beta, alpha = 0.4, 0.2
    system = mj.System(mesh, Ms=np.where(occupied, 8e5, 0.0), alpha=alpha) + mj.ZhangLi(u=u, beta=beta)
    rate = mj.dynamics.SpinTerm(mj.LLG()).vf(jnp.zeros(()), jnp.asarray(m), system.prepare())
    torque = reference(m, occupied, mesh, u, beta)
    explicit = (torque + alpha * np.cross(m, torque, axis=0)) / (1 + alpha**2)
    np.testing.assert_allclose(rate, explicit, rtol=1e-10, atol=1e-10 * np.abs(explicit).max())


@pytest.mark.slow
def test_current_density_is_a_velocity(rng) -> None:
    """A drift velocity u = −γħP/(2eMs) j, against the current."""
    mesh = mj.Mesh((6, 1, 1), 3e-9)
    m = mj.textures.random(mesh, 3)
    bare = mj.System(mesh, Ms=8e5, alpha=0.05)
    u = -mj.constants.GAMMA * HBAR / 2 * 0.5 * 1e12 / (E * 8e5)
    fields = [
        (bare + torque).prepare().local_field(0.0, m)
        for torque in (mj.ZhangLi(u=(u, 0, 0), beta=0.1), mj.ZhangLi(j=(1e12, 0, 0), P=0.5, beta=0.1))
    ]
    np.testing.assert_allclose(*fields, rtol=1e-12)
    # μ_B P j/(e Ms) = 72.355 m/s for P j = 1e12 A/m² and 800 kA/m; the electron's γ is g/2 = 1.00116 times 2μ_B/ħ.
    assert 2 * abs(u) == pytest.approx(72.355 * 1.00116, abs=0.005)


@pytest.mark.slow
def test_drives_in_time_and_everything_in_space() -> None:
    mesh = mj.Mesh((8, 1, 1), 3e-9)
    m = mj.textures.random(mesh, 1)
    profile = lambda x, y, z: (50.0 * (x > 10e-9), 0 * x, 0 * x)  # noqa: E731
    system = mj.System(mesh, Ms=8e5) + mj.ZhangLi(u=mj.drive.sin(frequency=1e9) * profile)
    quarter = system.prepare().starting_at(0.25e-9).local_field(0.0, m)
    still = (mj.System(mesh, Ms=8e5) + mj.ZhangLi(u=profile)).prepare().local_field(0.0, m)
    np.testing.assert_allclose(quarter, still, rtol=1e-9, atol=1e-15)
    assert not np.any(system.prepare().local_field(0.0, m))
    assert not np.any(still[..., :2])


def test_bad_currents() -> None:
    for options, message in [
        ({}, "exactly one"),
        ({"u": (1.0, 0, 0), "j": (1e12, 0, 0), "P": 0.5}, "exactly one"),
        ({"j": (1e12, 0, 0)}, "`P` must be given"),
        ({"u": (1.0, 0, 0), "P": 0.5}, "`P` must be given"),
        ({"j": (1e12, 0, 0), "P": 1.2}, "between 0 and 1"),
        ({"j": (1e12, 0, 0), "P": -0.2}, "`P` must be ≥ 0"),
        ({"j": (1e17, 0, 0), "P": 0.5}, "A/m²"),
        ({"u": (1e12, 0, 0)}, "m/s"),
        ({"u": (float("nan"), 0, 0)}, "finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            mj.ZhangLi(**options)
