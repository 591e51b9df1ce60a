import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.root import find_root


def _power(x, a, n):
    return x**n - a


@jax.jit
def _solve(a, n, high):
    return find_root(_power, jnp.zeros_like(a), jnp.broadcast_to(high, a.shape), (a, n))


def test_roots_to_rounding(precision):
    """Simple, double-sided and far-away roots, each in a bracket much wider than its root."""
    a = jnp.asarray([1e-6, 0.3, 1.0, 7.0], precision.dtype)
    found = _solve(a, jnp.asarray(3.0, precision.dtype), jnp.asarray(50.0, precision.dtype))
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, np.cbrt(np.asarray(a)), rtol=precision.exact)


def test_ends_come_out_where_nothing_changes_sign():
    def f(x, s):
        return jnp.where(s > 0, 1.0 + x, -1.0 - x)

    found = find_root(f, jnp.array([2.0, 2.0]), jnp.array([3.0, 3.0]), (jnp.array([1.0, -1.0]),))
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-12)


def test_infinite_values_are_bisected():
    found = find_root(lambda x, a: jnp.log(x) - a, jnp.zeros(()), jnp.asarray(1e6), (jnp.asarray(-20.0),))
    assert float(found) == pytest.approx(np.exp(-20), rel=1e-12, abs=0)


@pytest.mark.slow
def test_derivatives_of_any_order():
    """Of x = a^(1/3): first, second and mixed derivatives by the implicit function theorem, forwards and backwards."""

    def f(a):
        return _solve(a, jnp.asarray(3.0), jnp.asarray(50.0))

    a = jnp.asarray(2.0)
    assert float(jax.grad(f)(a)) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-13, abs=0)
    assert float(jax.hessian(f)(a)) == pytest.approx(-2 / 9 * 2 ** (-5 / 3), rel=1e-12, abs=0)
    assert float(jax.jacfwd(f)(a)) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-13, abs=0)
