"""The compiled programs and what they put into rows."""

import equinox as eqx
import numpy as np

import magjax as mj
from magjax.run.chunk import begin, column_names, host_rows, step_on


def test_row_0_is_the_state_at_the_start(film, dtype, problem_of, window):
    problem = problem_of(film, dtype)
    m0 = mj.textures.uniform(film.mesh, (0, 0.6, 0.8), dtype=dtype)
    motion = begin(problem, m0)
    names = column_names(problem, eqx.filter_eval_shape(begin, problem, m0))
    motion, rows, pulse = step_on((problem, window(1, 10, dtype)), motion)
    assert int(pulse.rows) == 1
    assert int(pulse.steps) == 0
    assert np.array_equal(np.asarray(motion.m), np.asarray(m0))
    columns = host_rows(problem, rows, np.zeros(1))
    assert set(columns) == set(names)
    assert columns["m_y"].item() == np.float64(np.asarray(rows["m_y"])[0])
    assert abs(columns["m_y"].item() - 0.6) < 10 * np.finfo(dtype).eps
    assert not np.asarray(rows["m_y"])[1:].any()


def test_a_budget_pauses_and_a_window_ends(film, dtype, problem_of, window):
    problem = problem_of(film, dtype)
    motion = begin(problem, mj.textures.uniform(film.mesh, (1, 0.1, 0), dtype=dtype))
    motion, _, pulse = step_on((problem, window(5, 3, dtype)), motion)
    assert int(pulse.steps) == 3
    motion, _, pulse = step_on((problem, window(5, 100000, dtype)), motion)
    assert int(pulse.rows) == 5
    assert float(pulse.t) == np.asarray(4e-12, dtype)
    assert not bool(pulse.extra)
