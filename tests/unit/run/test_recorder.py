"""Rows and states in the order of time."""

import numpy as np
import pytest

import magjax as mj
from magjax.run.folder import Folder
from magjax.run.recorder import FORMATS, Recorder

MESH = mj.Mesh((3, 2, 1), (5e-9, 4e-9, 3e-9))


def rows(first, last):
    t = np.arange(first, last) * 1e-12
    return {"t": t, "m_x": np.cos(t)}


def state(i):
    return np.full((3, *MESH.shape), float(i))


def record(recorder):
    recorder.start()
    recorder.rows(rows(0, 3))
    recorder.state(2, 2e-12, state(2))
    recorder.settle()
    recorder.rows(rows(3, 6))
    recorder.state(4, 4e-12, state(4))


@pytest.mark.parametrize("name", FORMATS)
def test_what_no_checkpoint_knows_is_dropped(tmp_path, name):
    folder = Folder(tmp_path)
    record(Recorder(MESH, {"t": "s", "m_x": ""}, folder, (name,), {}))
    again = Recorder(MESH, {"t": "s", "m_x": ""}, folder, (name,), {})
    again.go_on(3, 2e-12)
    assert again.columns()["t"].tolist() == [0.0, 1e-12, 2e-12]
    assert again.states().rows == (2,)
    again.rows(rows(3, 6))
    again.state(4, 4e-12, state(4))
    assert again.columns()["t"].tolist() == (np.arange(6) * 1e-12).tolist()
    assert np.array_equal(again.states()[1], state(4))


def test_memory_keeps_copies():
    recorder = Recorder(MESH, {"t": "s", "m_x": ""}, None, ("ovf",), {})
    m = state(1)
    recorder.state(0, 0.0, m)
    m[:] = 7
    assert recorder.states()[0].max() == 1
    assert recorder.columns()["t"].shape == (0,)
