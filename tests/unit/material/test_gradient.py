import jax
import jax.numpy as jnp
import numpy as np

import magjax as mj
from magjax.material import Derived
from magjax.material.gradient import parameters


def test_derived_data_are_leaves_of_programs_but_not_parameters():
    tree = {"a": jnp.ones(2), "kernel": Derived({"spectrum": jnp.ones(3)}), "n": 3, "i": jnp.arange(2)}
    assert len(jax.tree_util.tree_leaves(tree)) == 4
    wanted = parameters(tree)
    assert wanted["a"] is True
    assert wanted["kernel"].value == {"spectrum": False}
    assert (wanted["n"], wanted["i"]) == (False, False)


def test_gradients_skip_derived_data_yet_programs_use_them():
    tree = {"a": jnp.ones(2), "kernel": Derived(jnp.arange(2.0))}
    value, slope = mj.value_and_grad(lambda t: (t["a"] ** 2 * t["kernel"].value).sum())(tree)
    assert float(value) == 1
    np.testing.assert_array_equal(slope["a"], [0, 2])
    assert slope["kernel"].value is None
    np.testing.assert_array_equal(mj.grad(lambda t: t["a"].sum())(tree)["a"], [1, 1])


def test_only_the_first_argument_is_differentiated():
    slope = mj.grad(lambda a, b, *, c: a * b * c)(jnp.asarray(2.0), 3.0, c=5.0)
    assert float(slope) == 15


def test_derived_data_print_as_such():
    assert repr(Derived((jnp.zeros((2, 3)), 1.0))) == "<derived float64[2,3]>"
