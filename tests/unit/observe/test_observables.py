"""Averages, torques, angles and energies as functions of time, spins and system."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.observe import average, average_in, energies, max_angle, max_torque
from magjax.observe.torque import torque_of


def spiral(mesh: mj.Mesh, axis: int, turn: float, dtype=jnp.float64):
    """Spins in the x-y plane that turn by `turn` (rad) from cell to cell along one axis."""
    shape = [1, 1, 1]
    shape[2 - axis] = mesh.cells[axis]
    angle = np.broadcast_to(turn * np.arange(mesh.cells[axis]).reshape(shape), mesh.shape)
    return jnp.asarray(np.stack([np.cos(angle), np.sin(angle), 0 * angle]), dtype)


@pytest.mark.slow
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_largest_angle_along_each_axis(axis: int, precision) -> None:
    """Also across the border of a periodic axis, where a spiral that does not close makes its largest jump."""
    cells = (5, 4, 3)
    free = mj.System(mj.Mesh(cells, (3e-9, 4e-9, 5e-9)), Ms=8e5)
    wrapped = mj.System(mj.Mesh(cells, (3e-9, 4e-9, 5e-9), periodic="xyz"[axis]), Ms=8e5)
    m = spiral(free.mesh, axis, 0.3, precision.dtype)
    assert float(max_angle(0.0, m, free)) == pytest.approx(0.3, abs=precision.exact)
    assert float(max_angle(0.0, m, wrapped)) == pytest.approx(0.3 * (cells[axis] - 1), abs=precision.exact)


def test_largest_angle_of_opposite_spins_is_pi_and_empty_cells_have_none() -> None:
    mesh = mj.Mesh((4, 1, 1), 5e-9)
    m = jnp.zeros((3, 1, 1, 4)).at[2, 0, 0].set(jnp.asarray([1.0, 1.0, 0.0, -1.0]))
    apart = mj.System(mesh, Ms=np.array([[[8e5, 8e5, 0, 8e5]]]))
    assert float(max_angle(0.0, m, apart)) == 0
    touching = mj.System(mesh, Ms=8e5)
    assert float(max_angle(0.0, m.at[2, 0, 0, 2].set(1.0), touching)) == pytest.approx(np.pi, rel=1e-6, abs=0)


@pytest.mark.slow
def test_angle_of_a_uniform_state_has_a_derivative() -> None:
    system = mj.System(mj.Mesh((3, 2, 1), 5e-9), Ms=8e5)
    m = mj.textures.uniform(system.mesh, (1, 0, 0))
    assert bool(jnp.all(jnp.isfinite(jax.grad(lambda m: max_angle(0.0, m, system))(m))))


def test_torque_is_the_field_across_the_spin() -> None:
    mesh = mj.Mesh((3, 2, 1), (3e-9, 4e-9, 5e-9))
    film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0.3, 0.0, 0.4)))
    assert float(max_torque(0.0, mj.textures.uniform(mesh, (1, 0, 0)), film)) == pytest.approx(0.4, rel=1e-6, abs=0)
    assert float(max_torque(0.0, mj.textures.uniform(mesh, (3, 0, 4)), film)) == pytest.approx(0, abs=1e-15)


def test_averages_weigh_by_magnetisation() -> None:
    """One cell of Ms = 4e5 down against three of 8e5 up: (24 − 4)/28."""
    mesh = mj.Mesh((4, 1, 1), 5e-9)
    regions = mj.Regions(mesh, {"weak": mesh.centers()[0] < 5e-9}, background="strong")
    wire = mj.System(mesh, Ms={"weak": 4e5, "strong": 8e5}, regions=regions)
    m = jnp.zeros((3, 1, 1, 4)).at[2, 0, 0].set(jnp.asarray([-1.0, 1.0, 1.0, 1.0]))
    assert float(average(0.0, m, wire)[2]) == pytest.approx(20 / 28, rel=1e-6, abs=0)
    assert float(average_in("weak")(0.0, m, wire)[2]) == pytest.approx(-1, rel=1e-6, abs=0)
    assert float(average_in("strong")(0.0, m, wire)[2]) == pytest.approx(1, rel=1e-6, abs=0)
    with pytest.raises(ValueError, match="wek"):
        average_in("wek")(0.0, m, wire)
    with pytest.raises(ValueError, match="Argument `region` must be a region of the system, but it has none"):
        average_in("weak")(0.0, m, mj.System(mesh, Ms=8e5))


@pytest.mark.slow
def test_observables_along_a_trajectory() -> None:
    """All of them at once, compiled, at each save; the total is the sum of the terms."""
    mesh = mj.Mesh((3, 2, 1), (3e-9, 4e-9, 5e-9))
    halves = mj.Regions(mesh, {"left": mesh.centers()[0] < 4e-9})
    film = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Exchange(A=1e-11) + mj.Zeeman(B=(0, 0, 1.0)), regions=halves)
    watched = {"torque": max_torque, "angle": max_angle, "E": energies, "left": average_in("left"), "m": average}
    run = mj.evolve(film, spiral(mesh, 0, 0.2), duration=4e-12, save_every=1e-12, observe=watched)
    seen = run.observed
    assert seen["torque"].shape == seen["angle"].shape == (4,)
    assert seen["left"].shape == (4, 3)
    np.testing.assert_allclose(seen["m"], run.average, atol=1e-15)
    np.testing.assert_allclose(seen["E"]["total"], seen["E"]["exchange"] + seen["E"]["zeeman"], rtol=1e-14)
    assert np.all(np.diff(seen["E"]["total"]) < 0)


def test_the_torque_of_a_current_counts_as_in_the_table_of_a_run(tmp_path):
    """An electron current turns spins that no field turns; one definition serves observers and tables."""
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    layer = mj.System(mesh, Ms=8e5) + mj.SpinOrbit(j=1e11, theta_SH=0.3, thickness=2e-9, p="y")
    m = mj.textures.uniform(mesh, (1, 0, 0))
    found = float(max_torque(0.0, m, layer))
    assert found == pytest.approx(
        0.3 * mj.constants.HBAR * 1e11 / (2 * mj.constants.E_CHARGE * 8e5 * 2e-9), rel=1e-12, abs=0
    )
    assert float(torque_of(m, layer.prepare().field(0.0, m))) == found
