import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax.observe import Ringing, ringing


@given(st.floats(0.1, 2.5), st.floats(-2.5, -0.1), st.floats(0, 0.05), st.floats(0.2, 1.0))
def test_rotations_are_found_exactly(fast, slow, rate, part):
    """Without noise the pencil is exact: what is left is rounding, and less than one turn is enough."""
    t = np.arange(40) * 1e-12
    z = 3 * np.exp(1j * fast * t * 1e12 - rate * t * 1e12) + part * np.exp(1j * slow * t * 1e12)
    found = ringing(t, z, count=2)
    assert isinstance(found, Ringing)
    np.testing.assert_allclose(found.omega, np.array([fast, slow]) * 1e12, rtol=1e-8, atol=0)
    np.testing.assert_allclose(found.rate, np.array([rate, 0]) * 1e12, rtol=0, atol=1e4)
    np.testing.assert_allclose(found.amplitude, [3, part], rtol=1e-8, atol=0)


@pytest.mark.parametrize(
    ("t", "z", "message"),
    [
        (np.arange(5.0), np.ones(5), "at least 3·count = 6"),
        (np.arange(9.0), np.ones(8), "samples"),
        (np.arange(9.0) ** 2, np.ones(9), "evenly spaced"),
        (-np.arange(9.0), np.ones(9), "evenly spaced"),
    ],
)
def test_samples_that_will_not_do(t, z, message):
    with pytest.raises(ValueError, match=message):
        ringing(t, z, count=2)
