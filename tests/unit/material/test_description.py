import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.drive.profile import Profile
from magjax.material.description import describe


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (8e5, "800000 T"),
        (jnp.asarray(1.3e-11), "1.3e-11 T"),
        (np.float32(0.5), "0.5 T"),
        (jnp.asarray([0, -0.0246, 1]), "(0, -0.0246, 1) T"),
        (np.full((1, 2, 4), 2.0), "2 everywhere T"),
        (np.arange(8.0).reshape(1, 2, 4), "0 … 7 T"),
        ({"left": jnp.asarray(1.0), "right": jnp.asarray(2.0)}, "left: 1 T, right: 2 T"),
        (Profile(lambda x, y, z: x), "f(x, y, z) T"),
        (mj.drive.sin(frequency=1e9), "sin(frequency=1e+09, phase=0, t0=0) T"),
        ((0, 0, 10), "(0, 0, 10)"),
    ],
)
def test_parameters_in_words(value, expected):
    assert describe(value, "T") == expected


def test_a_parameter_without_unit():
    assert describe(0.02) == "0.02"


def test_traced_numbers_have_no_value_to_tell():
    words = []
    jax.eval_shape(lambda x: words.append(describe(x, "T")), jnp.zeros((3, 2)))
    assert words == ["traced float64[3, 2] T"]
