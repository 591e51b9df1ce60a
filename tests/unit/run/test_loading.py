"""Runs from their folders."""

import numpy as np
import pytest

import magjax as mj
from magjax.io.errors import FileFormatError
from magjax.run.folder import Folder
from magjax.run.loading import mesh_from, saved_states


def test_load_run_gives_back_what_simulate_gave(simulate, tmp_path):
    run = simulate(out=tmp_path / "film", fields_every=20e-12)
    loaded = mj.load_run(tmp_path / "film")
    assert loaded.mesh == run.mesh
    assert loaded.outcome is run.outcome
    assert loaded.metadata == run.metadata
    assert loaded.units == run.units
    assert np.array_equal(loaded.m, run.m)
    for name in run.table:
        assert np.array_equal(loaded.table[name], run.table[name])
    assert str(loaded) == str(run)


def test_folders_without_a_run_or_without_a_state(simulate, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no run\.json"):
        mj.load_run(tmp_path)
    simulate(out=tmp_path / "film", duration=2e-12)
    (tmp_path / "film" / "m.ovf").unlink()
    with pytest.raises(FileFormatError, match="resume=True"):
        mj.load_run(tmp_path / "film")


def test_pieces(tmp_path):
    mesh = mj.Mesh((6, 4, 1), (5e-9, 4e-9, 3e-9), origin=(1e-9, 0, 0), periodic="xy")
    record = {name: getattr(mesh, name) for name in ("cells", "cell_size", "origin", "periodic")}
    assert mesh_from(record) == mesh
    assert len(saved_states(Folder(tmp_path), np.zeros(3))) == 0
