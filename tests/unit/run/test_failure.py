"""Where it went wrong."""

import errno

import numpy as np
import pytest

import magjax as mj
from magjax.io import ovf, table
from magjax.io.errors import FileWriteError
from magjax.run.failure import whereabouts


def test_the_first_bad_cell_is_named_with_its_term_and_place(problem_of):
    mesh = mj.Mesh((3, 4, 2), (5e-9, 4e-9, 3e-9), origin=(1e-9, 0, 0))
    B = np.zeros((3, *mesh.shape))
    B[:, 1, 2, 0] = np.nan
    good = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=1e4, axis=(0, 0, 1)))
    bad = good + mj.Zeeman(B=lambda x, y, z: tuple(B))
    m = mj.textures.uniform(mesh, (0, 0.6, 0.8))
    found = whereabouts(problem_of(bad, m.dtype), m, 2e-12, 1e-13)
    assert found == (
        "at t = 2 ps in cell (x, y, z) = (0, 2, 1), at (3.5, 10, 4.5) nm, where the field of `zeeman` is not finite"
    )


def test_without_one_the_largest_field_is_named(spin, problem_of):
    found = whereabouts(problem_of(spin, np.dtype("float64")), mj.textures.uniform(spin.mesh, "x"), 0.0, 1e-13)
    assert found.endswith("where the largest field acts, 1 T of `zeeman`")


@pytest.mark.slow
def test_a_full_disk_loses_nothing_and_the_run_goes_on(simulate, tmp_path, monkeypatch):
    """The fourth state does not fit: the error says what is kept, and the resumed run ends with a whole one's bits."""
    write, calls = ovf.write, []

    def full(path, *args, **options):
        calls.append(path)
        if len(calls) == 4:
            raise FileWriteError(path, "No space left on device")
        write(path, *args, **options)

    given = {"duration": 20e-12, "fields_every": 4e-12}
    whole = simulate(out=tmp_path / "whole", **given)
    monkeypatch.setattr(ovf, "write", full)
    with pytest.raises(FileWriteError, match=r"m_000006\.ovf.*checkpoint 0 s after the start are kept; .*resume=True"):
        simulate(out=tmp_path / "full", **given)
    assert len(table.read(tmp_path / "full" / "table.csv").data) >= 6
    assert len(list((tmp_path / "full").glob("m_*.ovf"))) == 3
    run = simulate(out=tmp_path / "full", resume=True, **given)
    assert np.array_equal(run.m, whole.m)
    for name in ("table.csv", "m_000006.ovf", "m_000010.ovf", "m.ovf"):
        assert (tmp_path / "full" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.slow
def test_a_log_and_a_lock_that_do_not_fit_end_no_run(simulate, tmp_path, monkeypatch, capsys):
    """They are for comfort only, and nobody's screen is filled with their errors."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("magjax.run.folder.os.write", full)
    monkeypatch.setattr("logging.StreamHandler.flush", full)
    assert simulate(out=tmp_path, duration=2e-12, progress=True).outcome is mj.Outcome.SUCCESS
    assert "Traceback" not in capsys.readouterr().err
