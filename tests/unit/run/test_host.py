"""The schedule and the checkpoint of a run; the loop itself is tested through `simulate`."""

import numpy as np
import pytest

from magjax.run.chunk import ROWS
from magjax.run.host import Checkpoints, Host, Schedule


def test_chunks_end_at_states_and_full_tables():
    plan = Schedule.of(np.arange(1, 101) * 1e-12, stride=10)
    assert plan.pause_after(0) == 1
    assert plan.pause_after(1) == 11
    assert plan.pause_after(11) == 21
    assert [row for row in range(40) if plan.has_state(row)] == [0, 10, 20, 30]
    assert Schedule.of(np.arange(1, 101) * 1e-12, stride=0).pause_after(1) == 1 + ROWS
    assert Schedule.of(np.arange(1, 6) * 1e-12, stride=0).pause_after(1) == 6


def test_shown_times_name_the_exact_ones(dtype):
    plan = Schedule.of((np.arange(1, 1001) * 0.1e-12).astype(dtype), stride=0)
    assert plan.shown[3] == 0.3e-12
    assert np.all(np.abs(plan.shown - plan.exact) <= np.finfo(dtype).eps * plan.exact)
    assert np.all(np.diff(plan.shown) > 0)


def test_a_window_holds_the_next_times():
    plan = Schedule.of(np.arange(1, 101) * 1e-12, stride=0)
    window = plan.window(90, 2**40)
    assert window.times.shape == (ROWS,)
    assert float(window.times[10]) == plan.exact[100]
    assert int(window.last) == 101
    assert int(window.budget) == 2**31 - 1


def test_runs_without_a_folder_have_no_checkpoint(spin):
    import magjax as mj

    checkpoints = Checkpoints(None, {}, None, mj.textures.uniform(spin.mesh, "x"), 0.0)
    assert not checkpoints.due()
    with pytest.raises(FileNotFoundError):
        checkpoints.load(None, None, None)
    assert Host.__doc__
