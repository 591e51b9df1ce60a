import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import Radiation
from magjax.numerics.sphere import cross

SHAPE = (3, 2, 3, 4)


@pytest.fixture
def m(rng, dtype):
    m = rng.normal(size=SHAPE)
    m /= np.linalg.norm(m, axis=0)
    m[:, 0, 1, 2] = 0
    return jnp.asarray(m, dtype)


@pytest.fixture
def B(rng, dtype):
    return jnp.asarray(rng.normal(size=SHAPE), dtype)


@pytest.mark.parametrize("alpha", [0.0, 0.02, 1.0, 3.0])
def test_without_extras_it_is_gilberts_equation(alpha, m, B, precision):
    found = Radiation().torque(m, B, 2.0, alpha)
    assert found.dtype == m.dtype
    np.testing.assert_allclose(found, mj.LLG().torque(m, B, 2.0, alpha), atol=precision.stencil)
    assert float(Radiation().relative_rate(alpha)) == pytest.approx(1.0, rel=1e-12, abs=0)


@pytest.mark.parametrize(("extra_field", "extra_torque"), [(0.3, 0.0), (0.0, 2.0), (-0.5, -1.7)])
def test_with_extras_it_is_gilberts_equation_of_other_constants(extra_field, extra_torque, m, B, precision):
    """α' = s/c and γ' = γ(c + s²/c), with α' negative where the extra torque pumps."""
    alpha = 0.4
    equation = Radiation(extra_field, extra_torque)
    damping = float(mj.analytic.radiation.effective_damping(alpha, extra_field, extra_torque))
    along = float(mj.analytic.radiation.field_and_torque(alpha, extra_field, extra_torque)[0])
    expected = mj.LLG().torque(m, B, 2.0 * along * (1 + damping**2), damping)
    np.testing.assert_allclose(equation.torque(m, B, 2.0, alpha), expected, atol=10 * precision.stencil)
    found = equation.torque(m, B, 2.0, alpha) + equation.change(m, 0.5 * B, 2.0, alpha)
    np.testing.assert_allclose(found, 1.5 * expected, atol=10 * precision.stencil)


def test_damping_differs_from_cell_to_cell(rng, m, B, precision):
    alpha = jnp.asarray(rng.uniform(0, 1, (1, *SHAPE[1:])), m.dtype)
    np.testing.assert_allclose(
        Radiation().torque(m, B, 2.0, alpha), mj.LLG().torque(m, B, 2.0, alpha), atol=precision.stencil
    )


def test_d_term_is_gilberts_damping(m, B, precision):
    """D = α m×dm/dt."""
    D = Radiation().d_term(m, B, 2.0, 0.4)
    np.testing.assert_allclose(D, 0.4 * cross(m, mj.LLG().torque(m, B, 2.0, 0.4)), atol=precision.stencil)


@pytest.mark.parametrize("value", [np.nan, (1.0, 2.0)])
def test_extras_are_numbers(value):
    with pytest.raises(ValueError, match="`extra_torque` must be one finite number"):
        Radiation(extra_torque=value)
