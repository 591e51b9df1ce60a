"""Runs of sublattices: their columns, files and pictures; resumed to the last bit; failures that name one of them."""

import filecmp

import numpy as np
import pytest

import magjax as mj
from magjax.results import SolveError
from magjax.run.state_fields import field_names, fields_of, shown, state_of

MESH = mj.Mesh((4, 3, 1), (2e-9, 3e-9, 2.5e-9))
ONE = mj.System(MESH, Ms=4e5, alpha=0.01, energy=mj.Exchange(A=5e-12) + mj.UniaxialAnisotropy(K=2e5, axis=(0, 0, 1)))
PAIR = mj.Sublattices({"up": ONE, "down": ONE}, coupling=mj.Coupling(J=4e6), energy=mj.Zeeman(B=(0.1, 0, 1)))
M0 = mj.textures.antiparallel(mj.textures.uniform(MESH, (0.1, 0, 1)))


def simulate(duration, **options):
    return mj.simulate(
        PAIR, M0, duration, save_every=0.2e-12, fields_every=0.4e-12, progress=False, pictures=False, **options
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return simulate(0.8e-12, out=tmp_path_factory.mktemp("run") / "whole", formats=("ovf", "vtk", "zarr"))


@pytest.mark.slow
def test_columns_are_those_of_each_sublattice(whole):
    names = [f"{name}_{axis}" for name in ("m", "m_up", "m_down", "n") for axis in "xyz"]
    assert list(whole.table)[1:13] == names
    np.testing.assert_allclose(whole.table["n_z"], (whole.table["m_up_z"] - whole.table["m_down_z"]) / 2, atol=1e-15)
    np.testing.assert_allclose(whole.table["m_x"], (whole.table["m_up_x"] + whole.table["m_down_x"]) / 2, atol=1e-15)
    assert {"E_exchange_up", "E_exchange_down", "E_coupling_up_down", "E_zeeman"} <= set(whole.table)


def test_resumed_is_the_run_that_was_not_stopped(whole, tmp_path):
    """Byte by byte, in every file of every sublattice."""
    simulate(0.4e-12, out=tmp_path / "run", formats=("ovf", "vtk", "zarr"))
    again = simulate(0.8e-12, out=tmp_path / "run", resume=True, formats=("ovf", "vtk", "zarr"))
    np.testing.assert_array_equal(again.m, whole.m)
    for name in ("m_up.ovf", "m_down.ovf", "table.csv", "m_down_000004.ovf", "m_000004.vti"):
        assert filecmp.cmp(whole.folder / name, tmp_path / "run" / name, shallow=False), name
    other = mj.Sublattices({"up": ONE, "down": ONE}, coupling=mj.Coupling(J=5e6), energy=mj.Zeeman(B=(0.1, 0, 1)))
    with pytest.raises(ValueError, match="differ in the term coupling_up_down"):
        mj.simulate(other, M0, 1.2e-12, save_every=0.2e-12, fields_every=0.4e-12, out=tmp_path / "run", resume=True)


@pytest.mark.parametrize("gone", [(), ("*_0*.ovf",), ("*_0*.ovf", "*.vti")])
def test_loaded_is_what_was_run(whole, tmp_path, gone):
    """From whichever format is there."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(whole.folder, copy)
    for pattern in gone:
        for path in copy.glob(pattern):
            path.unlink()
    found = mj.load_run(copy)
    assert found.sublattices == ("up", "down")
    np.testing.assert_array_equal(found.m, whole.m)
    assert found.states.rows == (0, 2, 4)
    np.testing.assert_array_equal(found.states[1], whole.states[1])


@pytest.mark.slow
def test_results_leave_as_named_fields(whole, tmp_path):
    data = whole.to_xarray()
    assert {"m_up", "m_down"} <= set(data.data_vars)
    np.testing.assert_array_equal(data["m_down"].isel(t=-1), whole.m[1])
    whole.save(tmp_path / "m.ovf")
    assert (tmp_path / "m.ovf").stat().st_size > 1000
    whole.plot_state(sublattice="down").savefig(tmp_path / "down.png")
    whole.animate(tmp_path / "movie.gif")
    assert (tmp_path / "movie.gif").stat().st_size > 1000


def test_fields_of_states():
    m = np.arange(24.0).reshape(2, 3, 1, 1, 4)
    fields = fields_of(m, ("a", "b"))
    assert tuple(fields) == field_names(("a", "b"))
    np.testing.assert_array_equal(state_of(fields.__getitem__, ("a", "b")), m)
    assert shown(m[0], ())[1] == "m"
    assert shown(np.stack([*m, m[0]]), ("a", "b", "c"))[1] == "m_a"
    with pytest.raises(ValueError, match=r"`sublattice` must be one of \['a', 'b'\], but got 'c'"):
        shown(m, ("a", "b"), "c")


@pytest.mark.slow
def test_a_failure_names_the_sublattice():
    bad = ONE + mj.Zeeman(B=lambda x, y, z: (0 * x, 0 * y, np.where(x < 3e-9, np.inf, 0)))
    with pytest.raises(SolveError, match=r"of sublattice 'down'.*`zeeman_down` is not finite"):
        mj.simulate(mj.Sublattices({"up": ONE, "down": bad}), M0, 1e-12, save_every=1e-12, progress=False)
