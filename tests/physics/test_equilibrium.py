"""Equilibria against theory: the astroid, a domain wall, the S-state of standard problem 4, vortex or single domain."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

MS, A = 8e5, 1.3e-11


@pytest.mark.slow
@pytest.mark.parametrize("verb", [mj.minimize, mj.relax])
def test_stoner_wohlfarth_astroid(verb) -> None:
    """A particle switches where theory says, to a tenth of a percent of the field.

    Theory: under a field at angle ψ to the axis the remanent state loses its stability at
    h = (cos^⅔ψ + sin^⅔ψ)^(−3/2) in units of 2K/Ms (Stoner and Wohlfarth 1948).
    Layout: one cell, magnetised along +z, the field pointing back at 17 angles; one batch.
    Why unbiased: nothing but the energy holds the state back next to the instability; at 99.9 % of the field the
    barrier left is a few hundredths of a radian wide, and a solver that leaps would jump it.
    Tolerance: the fields are 0.999 and 1.001 of theory's.
    """
    K, mesh = 4e4, mj.Mesh((1, 1, 1), 5e-9)
    psi = np.linspace(0.05, np.pi / 2 - 0.05, 17)
    h = (np.cos(psi) ** (2 / 3) + np.sin(psi) ** (2 / 3)) ** -1.5
    B = (h * 2 * K / MS)[:, None] * np.stack([np.sin(psi), 0 * psi, -np.cos(psi)], axis=1)
    m0 = mj.textures.uniform(mesh, (0, 0, 1), dtype=jnp.float64)
    particle = mj.System(mesh, Ms=MS, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
    settled = jax.jit(jax.vmap(lambda B: verb(particle + mj.Zeeman(B=B), m0)))
    below, above = settled(jnp.asarray(0.999 * B)), settled(jnp.asarray(1.001 * B))
    assert below.converged.all()
    assert above.converged.all()
    # The branch that has not switched stays above the equator, the switched one ends below.
    assert np.all(np.asarray(below.m)[:, 2].ravel() > 0)
    assert np.all(np.asarray(above.m)[:, 2].ravel() < 0)


@pytest.mark.slow
def test_bloch_wall() -> None:
    """Energy and profile of a 180° wall, converging with the square of the cell size.

    Theory: m_z = tanh(x/Δ), Δ = √(A/K), energy 4√(AK) per area.
    Layout: 24Δ of a chain along x with its easy axis along z, cells of Δ/2, Δ/4, Δ/8; the start is a linear ramp. The
    wall sits between two cells by symmetry, so that its centre is known.
    Why unbiased: the tails that are cut off hold exp(−24) of the energy.
    Tolerance: |Δm|²/dx² = θ'² − dx² (θ'⁴ + θ''²)/12 + …, integrated over the wall, lowers the energy by (dx/Δ)²/24 of
    itself, the next order by a hundredth of that at Δ/8. The profile was measured to err by 0.94/12 (dx/Δ)²; the orders
    were 2.03 to 2.06.
    """
    K = 1e5
    width = np.sqrt(A / K)
    energies, profiles = [], []
    for per_width in (2, 4, 8):
        dx, n = width / per_width, 24 * per_width
        mesh = mj.Mesh((n, 1, 1), (dx, 3e-9, 2e-9))
        x = mesh.centers()[0] - mesh.center[0]
        ramp = np.clip(x / width / 4, -1, 1)
        m0 = jnp.asarray(np.stack([0 * x, np.sqrt(1 - ramp**2), ramp]))
        wire = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
        wall = mj.minimize(wire, m0, tolerance=1e-9)
        assert wall.converged
        energies.append(float(wall.energy) / (3e-9 * 2e-9) / (4 * np.sqrt(A * K)) - 1)
        profiles.append(float(jnp.max(jnp.abs(wall.m[2] - jnp.tanh(x / width)))))
    assert energies[-1] == pytest.approx(-1 / 24 / 8**2, rel=0.01, abs=0)
    assert profiles[-1] < 1 / 12 / 8**2
    for errors in (np.abs(energies), np.asarray(profiles)):
        np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:]), 2, atol=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("verb", [mj.minimize, mj.relax])
def test_s_state_of_standard_problem_4(verb) -> None:
    """The S-state of the permalloy film that muMAG's problem 4 starts from.

    Reference: mumax3's own test (`test/standardproblem4.mx3`), on the same 128×32 cells: ⟨m⟩ = (0.96697, 0.12527, 0).
    Tolerance: 5e-4; its demagnetisation tensor is integrated numerically, to 1e-3 between near cells.
    """
    mesh = mj.Mesh((128, 32, 1), (500e-9 / 128, 125e-9 / 32, 3e-9))
    film = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=A) + mj.Demag(mesh))
    state = verb(film, mj.textures.uniform(mesh, (1, 0.1, 0)))
    assert state.converged
    np.testing.assert_allclose(film.average(state.m), [0.96697, 0.12527, 0.0], atol=5e-4)
    # Measured: 33 for `minimize`, some 200 for `relax`, each twelve to a step.
    assert int(state.evaluations) < (60 if verb is mj.minimize else 400)


@pytest.mark.slow
@pytest.mark.parametrize(("diameter", "thickness", "vortex_wins"), [(160e-9, 20e-9, True), (40e-9, 6e-9, False)])
def test_vortex_or_single_domain(diameter: float, thickness: float, vortex_wins: bool) -> None:
    """Large thick disks hold a vortex, small thin ones a single domain.

    Theory: at 20 nm thickness the vortex wins from some 60 nm diameter on, at 6 nm not below 200 nm: the phase diagram
    measured by Cowburn et al., Phys. Rev. Lett. 83, 1042 (1999).
    Layout: a cylinder on 20×20 cells, started in either state; empty cells round it, cells with three different edges.
    Tolerance: the sign of a difference of energies, far from the boundary.
    """
    mesh = mj.Mesh((20, 22, 1), (diameter / 20, diameter / 22, thickness))
    disk = mj.shapes.cylinder(diameter=diameter, height=2 * thickness).at(mesh.center)
    system = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=A) + mj.Demag(mesh), shape=disk)
    x, y, _ = (c - o for c, o in zip(mesh.centers(), mesh.center, strict=True))
    core = np.exp(-(x**2 + y**2) / (15e-9) ** 2) + 0.01
    curl = np.stack([-y / diameter, x / diameter, core])
    vortex = mj.minimize(system, jnp.asarray(curl / np.linalg.norm(curl, axis=0)))
    domain = mj.minimize(system, mj.textures.uniform(mesh, (1, 0.02, 0.01)))
    assert vortex.converged
    assert domain.converged
    assert np.all(np.asarray(vortex.m)[:, ~np.asarray(disk.mask(mesh))] == 0)
    assert float(jnp.linalg.norm(system.average(domain.m))) > 0.9
    if vortex_wins:
        assert float(jnp.linalg.norm(system.average(vortex.m)[:2])) < 0.01
        assert float(vortex.energy) < 0.9 * float(domain.energy)
    else:
        # The vortex is not even metastable: it opens into the single domain.
        assert float(vortex.energy) >= float(domain.energy) * (1 - 1e-6)
