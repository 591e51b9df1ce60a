import numpy as np

from magjax import drive


def test_a_value_holds_from_its_time_on() -> None:
    d = drive.steps((1.0, 2.0, 4.0), (3.0, -1.0, 0.5))
    np.testing.assert_array_equal(d(np.array([0.9, 1.0, 1.9, 2.0, 3.9, 4.0, 99.0])), [0, 3, 3, -1, -1, 0.5, 0.5])


def test_one_step_switches_on() -> None:
    np.testing.assert_array_equal(drive.steps((1.0,), (2.0,))(np.array([0.0, 1.0])), [0, 2])
