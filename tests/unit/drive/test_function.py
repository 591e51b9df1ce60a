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


def test_what_is_known_of_a_formula_is_passed_on() -> None:
    """Stated landmarks stand for themselves; of what nothing is said, no step is long; both take part in products."""

    def formula(t: jax.Array) -> jax.Array:
        return jnp.where(abs(t - 5e-10) < 5e-12, 1.0, 0.0)

    silent, marked = drive.function(formula), drive.function(formula, landmarks=(495e-12, 505e-12))
    assert silent.landmarks() == ()
    assert float(silent.longest_step()) == 1e-12
    np.testing.assert_allclose(np.concatenate(marked.landmarks()), [495e-12, 505e-12])
    assert np.isinf(marked.longest_step())
    assert np.isinf(drive.function(formula, longest=np.inf).longest_step())
    both = drive.function(formula, landmarks=(1e-9,), longest=2e-12) * drive.cos(frequency=1e9)
    assert float(both.longest_step()) == 2e-12
    np.testing.assert_allclose(both.landmarks()[0], [1e-9])
    assert "landmarks=[4.95e-10, 5.05e-10]" in repr(marked)
    assert "longest" not in repr(marked)


def test_landmarks_are_batched_but_have_no_derivative() -> None:
    """They say where steps end, not what the field is."""

    def longest(t: jax.Array) -> jax.Array:
        return drive.function(jnp.sin, landmarks=jnp.stack([t]), longest=t).longest_step()

    assert jax.vmap(longest)(jnp.asarray([1e-12, 2e-12])).tolist() == [1e-12, 2e-12]
    assert float(jax.grad(longest)(1e-12)) == 0.0
