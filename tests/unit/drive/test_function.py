import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from magjax import drive


class Decay(eqx.Module):
    """A formula with a parameter of its own."""

    rate: jax.Array

    def __call__(self, t: jax.Array) -> jax.Array:
        return jnp.exp(-self.rate * t)


def test_a_module_keeps_its_parameters_as_leaves() -> None:
    d = drive.function(Decay(jnp.asarray(2e9)))
    slope = jax.grad(lambda d: d(1e-9))(d)
    np.testing.assert_allclose(slope.formula.rate, -1e-9 * np.exp(-2), rtol=1e-12)


def test_a_plain_function_travels_through_jit() -> None:
    d = drive.function(lambda t: 2 * t)
    assert jax.tree.leaves(d) == []
    assert float(jax.jit(lambda d: d(1.5))(d)) == 3.0
