"""Who may write where."""

import json
import logging
import subprocess
import sys

import pytest

from magjax.io.errors import FileFormatError
from magjax.run.folder import Folder


def test_frames_are_found_in_order(tmp_path):
    folder = Folder(tmp_path)
    for name in ("m_000010.ovf", "m_000002.ovf", "m_x.ovf", "m.ovf", "m_000001.vti"):
        (tmp_path / name).write_text("")
    assert [row for row, _ in folder.frames(".ovf")] == [2, 10]
    assert folder.frames(".ovf")[1][1] == folder.frame(10, ".ovf")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for options in ({"resume": False, "overwrite": True}, {"resume": True, "overwrite": False}):
        with pytest.raises(FileExistsError, match="no run"):
            Folder(tmp_path).open(**options)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_log_alone_is_no_run(tmp_path):
    (tmp_path / "log.txt").write_text("refused")
    assert not Folder(tmp_path).open(resume=False, overwrite=False)


def test_overwrite_removes_a_run_and_nothing_else(tmp_path):
    folder = Folder(tmp_path)
    folder.write_record({"verb": "simulate"})
    folder.zarr.mkdir()
    for name in ("table.csv", "m_000003.ovf", "checkpoint.ckpt", "notes.txt", ".m.ovf.12ab34cd.part"):
        (tmp_path / name).write_text("")
    assert folder.open(resume=True, overwrite=False)
    assert not folder.open(resume=False, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_what_a_killed_run_was_writing_is_in_nobodys_way(tmp_path):
    """Drafts make no folder one of something else, and are cleared where the run goes on."""
    draft = tmp_path / ".run.json.12ab34cd.part"
    draft.write_text("")
    folder = Folder(tmp_path)
    assert not folder.open(resume=True, overwrite=False)
    folder.write_record({"verb": "simulate"})
    folder.checkpoint.write_text("")
    draft.write_text("")
    (tmp_path / ".fields.zarr.12ab34cd.part").mkdir()
    (tmp_path / ".mine.part").write_text("")
    assert folder.open(resume=True, overwrite=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine.part", "checkpoint.ckpt", "run.json"]


def test_one_run_at_a_time(tmp_path):
    folder = Folder(tmp_path)
    with folder.locked(), pytest.raises(FileExistsError, match="Another run"), Folder(tmp_path).locked():
        pass
    with folder.locked():
        assert (tmp_path / ".lock").exists()
    assert not (tmp_path / ".lock").exists()


def test_the_lock_of_a_dead_process_is_none(tmp_path):
    """It dies without a chance to tidy up."""
    code = f"""
import os, signal
from magjax.run.folder import Folder
with Folder({str(tmp_path)!r}).locked():
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    assert (tmp_path / ".lock").exists()
    with Folder(tmp_path).locked():
        pass


def test_records(tmp_path):
    folder = Folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="no run in"):
        folder.read_record()
    folder.write_record({"outcome": "SUCCESS", "mesh": {"cells": (1, 2, 3)}})
    assert (
        json.loads(folder.record.read_text())
        == folder.read_record()
        == {"outcome": "SUCCESS", "mesh": {"cells": [1, 2, 3]}}
    )
    folder.record.write_text("{")
    with pytest.raises(FileFormatError):
        folder.read_record()


def test_the_log_gets_what_is_logged_inside(tmp_path):
    logger, folder = logging.getLogger("a-run"), Folder(tmp_path)
    with folder.logging(logger):
        logger.info("inside")
    logger.warning("outside")
    assert folder.log.read_text().rstrip().endswith("inside")
    assert logger.handlers == []
