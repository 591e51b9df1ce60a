"""Currents in endless wires, sheets and pillars, whose fields are known."""

import numpy as np
import pytest

import magjax as mj
from magjax.constants import MU0


def field(mesh, j, **options):
    """B of a current density on the mesh, T."""
    system = mj.System(mesh, Ms=8e5, energy=mj.Oersted(mesh, j, **options))
    return np.asarray(system.field(mj.textures.uniform(mesh, (0, 0, 1))))


@pytest.mark.slow
def test_a_wire_of_one_cell():
    """An endless wire along x: μ0 I/(2πρ) around it, for a cell of 2×2×2 nm in 15×15.

    Layout: periodic along x, cross-sections are squares. The field is harmonic outside of the wire, so that averages
    over squares, of the wire and of where it acts, differ from values at the middle first at the fourth order, (h/ρ)⁴
    by a factor of some hundredths: measured 4e-4 three cells away, and 3e-5 five cells away, as fourth order has it.
    """
    mesh = mj.Mesh((1, 15, 15), 2e-9, periodic="x")
    j = np.zeros((3, *mesh.shape))
    j[0, 7, 7] = 1e12
    B = field(mesh, j)
    _, y, z = (c - 15e-9 if i else c for i, c in enumerate(mesh.centers()))
    rho2 = y**2 + z**2
    scale = MU0 * 1e12 * 4e-18 / (2 * np.pi)
    for component, expected in ((1, -z), (2, y)):
        difference = B[component] - scale * expected / np.where(rho2 > 0, rho2, 1)
        for distance, tolerance in ((6e-9, 1e-3), (10e-9, 1e-4)):
            far = rho2 > (0.99 * distance) ** 2
            assert np.abs(difference[far]).max() < tolerance * scale / distance
    assert np.abs(B[0]).max() < 1e-15 * scale / 2e-9


def test_a_sheet_and_amperes_law_inside_of_it():
    """An endless sheet: ∓μ0 j t/2 above and below, and a straight line in between with the slope −μ0 j; all exactly."""
    mesh = mj.Mesh((2, 3, 12), (2e-9, 3e-9, 1e-9), periodic="xy")
    j = np.zeros((3, *mesh.shape))
    j[0, 4:8] = 1e12
    B = field(mesh, j)
    z = np.clip(mesh.centers()[2] - 6e-9, -2e-9, 2e-9)
    np.testing.assert_allclose(B[1], -MU0 * 1e12 * z, rtol=0, atol=1e-10 * MU0 * 1e12 * 2e-9)
    assert np.abs(B[[0, 2]]).max() < 1e-10 * MU0 * 1e12 * 2e-9


@pytest.mark.slow
def test_a_strip():
    """An endless flat strip of width w: B_z = (μ0 K/4π) ln[((y + w/2)² + z²)/((y − w/2)² + z²)] in its plane.

    Layout: 1×60×1 cells of 1 nm, the middle 20 carry the current. The closed form is for a sheet without thickness, at
    a point; averages over cells of edge h and a strip of thickness h differ by (h/distance)²: below 1e-3 of the largest
    field, eight cells from its edges.
    """
    mesh = mj.Mesh((1, 60, 1), 1e-9, periodic="x")
    j = np.zeros((3, *mesh.shape))
    j[0, 0, 20:40] = 1e12
    found = field(mesh, j)[2, 0, :, 0]
    y = mesh.coordinates("y") - 30e-9
    with np.errstate(divide="ignore"):
        expected = MU0 * 1e12 * 1e-9 / (4 * np.pi) * 2 * np.log(np.abs((y + 10e-9) / (y - 10e-9)))
    away = np.abs(np.abs(y) - 10e-9) > 8e-9
    assert np.abs(found - expected)[away].max() < 1e-3 * np.abs(found).max()


@pytest.mark.slow
def test_amperes_law_in_a_wire_of_any_profile():
    """Curl B = μ0 j where j = (cos² cos², 0, 0) across a wire of 16 nm, by central differences of cell averages.

    Both differ from the continuum by (kh)²/6 and less, k = 2π/16 nm, h = 1 nm along y and 0.8 nm along z: 3 %
    of the largest current; half the cells leave a quarter of it.
    """
    errors = []
    for n in (1, 2):
        mesh = mj.Mesh((1, 24 * n, 30 * n), (1e-9, 1e-9 / n, 0.8e-9 / n), periodic="x")
        _, y, z = mesh.centers()
        y, z = y - 12e-9, z - 12e-9
        profile = np.where(
            (np.abs(y) < 8e-9) & (np.abs(z) < 8e-9), np.cos(np.pi * y / 16e-9) * np.cos(np.pi * z / 16e-9), 0
        )
        j = np.stack([1e12 * profile**2, 0 * y, 0 * y])
        B = field(mesh, j)
        curl = np.gradient(B[2], 1e-9 / n, axis=1) - np.gradient(B[1], 0.8e-9 / n, axis=0)
        errors.append(np.abs(curl - MU0 * j[0])[1:-1, 1:-1].max() / (MU0 * 1e12))
    assert errors[0] < 0.03
    assert errors[1] < errors[0] / 3.5


@pytest.mark.slow
def test_a_pillar_of_cells_tends_to_the_closed_form():
    """A round pillar of staircase cells, endless along z, against the field of a cylinder: inside, at its rim, outside.

    Layout: 40×50 cells of 2×1.6 nm, R = 25 nm, then half the cells. The staircase puts current at wrong places by half
    a cell at most: h/(2R) = 4 % of the largest field, at the rim; half of that with half the cells.
    """
    for n, tolerance in ((1, 0.045), (2, 0.0225)):
        mesh = mj.Mesh((40 * n, 50 * n, 1), (2e-9 / n, 1.6e-9 / n, 3e-9), periodic="z")
        x, y, _ = (c - 40e-9 for c in mesh.centers())
        inside = np.hypot(x, y) < 25e-9
        current = 1e12 * np.sum(inside) * 3.2e-18 / n**2
        closed = mj.System(mesh, Ms=8e5, energy=mj.OerstedPillar(I=current, radius=25e-9))
        expected = np.asarray(closed.field(mj.textures.uniform(mesh, (0, 0, 1))))
        found = field(mesh, np.stack([0 * x, 0 * x, 1e12 * inside]))
        assert np.abs(found - expected).max() < tolerance * np.abs(expected).max()
