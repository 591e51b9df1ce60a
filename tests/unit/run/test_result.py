"""A run in a person's hands."""

import numpy as np
import pytest

import magjax as mj
from magjax.io import formats
from magjax.io import xarray as mxarray
from magjax.run.result import Frames


@pytest.fixture(scope="module")
def run(film):
    m0 = mj.textures.uniform(film.mesh, (1, 0.1, 0))
    return mj.simulate(film, m0, 40e-12, save_every=2e-12, fields_every=10e-12, progress=False)


def test_it_prints_what_matters(run):
    text = str(run)
    assert "Run SUCCESS: 40 ps on 6×4×1 cells of 5×4×3 nm" in text
    assert "21 rows: t, m_x" in text
    assert "5 saved" in text
    assert "demag evaluations" in text
    assert repr(run) == text


def test_a_run_is_a_state_to_start_from(run, film):
    further = mj.simulate(film, run, 2e-12, save_every=2e-12, progress=False)
    assert further.average[0] == pytest.approx(run.average[-1], abs=1e-12)


def test_pandas_and_xarray(run):
    frame = run.to_pandas()
    assert list(frame.columns) == list(run.table)
    assert frame.attrs["units"]["E_total"] == "J"
    data = run.to_xarray()
    assert data.m.sizes == {"t": 5, "vdims": 3, "z": 1, "y": 4, "x": 6}
    assert data.t.values.tolist() == run.t_states.tolist()
    assert data.E_total.attrs["units"] == "J"
    assert mxarray.mesh_of(data) == run.mesh


@pytest.mark.parametrize("suffix", ["csv", "odt", "ovf", "vti", "nc", "zarr"])
def test_saved_files_are_read_back(run, tmp_path, suffix):
    path = tmp_path / f"run.{suffix}"
    run.save(path)
    if suffix in ("csv", "odt"):
        assert np.array_equal(formats.read_table(path).data["m_z"], run.table["m_z"])
    else:
        assert np.array_equal(formats.read_field(path).values, np.asarray(run.m))


def test_unknown_endings_and_columns_are_named(run, tmp_path):
    with pytest.raises(ValueError, match=r"must end in one of \.ovf.*\.odt, but got"):
        run.save(tmp_path / "run.mat")
    with pytest.raises(ValueError, match=r"columns.*'M_x'"):
        run.plot(["M_x"])
    with pytest.raises(ValueError, match=r"columns.*'M_x'"):
        run.plot("M_x")
    with pytest.raises(IndexError, match="5 saved states"):
        run.states[5]


@pytest.mark.slow
def test_pictures(run, tmp_path):
    assert len(run.plot(["m_x", "E_total"]).axes) == 2
    assert run.plot_state().axes
    assert run.plot_state(0, component="x").axes
    run.animate(tmp_path / "run.gif")
    assert (tmp_path / "run.gif").stat().st_size > 0


def test_without_states_there_is_nothing_to_animate(film, tmp_path):
    run = mj.simulate(film, mj.textures.uniform(film.mesh, "x"), 2e-12, save_every=2e-12, progress=False)
    with pytest.raises(ValueError, match="fields_every"):
        run.animate(tmp_path / "run.gif")
    assert "t" not in run.to_xarray().m.dims


def test_frames_are_a_sequence():
    frames = Frames((0, 2, 4), [np.full(1, i) for i in range(3)].__getitem__)
    assert [int(f[0]) for f in frames] == [0, 1, 2]
    assert [int(f[0]) for f in frames[1:]] == [1, 2]
