import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import AbstractDynamics, DTerm, SpinTerm
from magjax.numerics.sphere import cross, dot

SHAPE = (3, 2, 3, 4)
GAMMA, ALPHA = 2.0, 0.3


@pytest.fixture
def m(rng, dtype):
    m = rng.normal(size=SHAPE)
    m /= np.linalg.norm(m, axis=0)
    m[:, 0, 1, 2] = 0
    return jnp.asarray(m, dtype)


@pytest.fixture
def B(rng, dtype):
    return jnp.asarray(rng.normal(size=SHAPE), dtype)


def gilbert(t, m, v, B, alpha):
    return alpha * cross(m, v)


def landau(t, m, B, p):
    return -p["rate"] * cross(m, cross(m, B))


def test_without_d_it_is_gilberts_equation(m, B, precision):
    nothing = DTerm(lambda t, m, B, p: jnp.zeros_like(m))
    np.testing.assert_allclose(
        nothing.torque(m, B, GAMMA, ALPHA), mj.LLG().torque(m, B, GAMMA, ALPHA), atol=precision.stencil
    )


@pytest.mark.parametrize("own", [0.0, 0.1])
def test_gilberts_damping_as_d(own, m, B, precision):
    """α m×dm/dt, whether the system has it, D, or each a part of it."""
    found = DTerm(gilbert, ALPHA - own, implicit=True).torque(m, B, GAMMA, own)
    np.testing.assert_allclose(found, mj.LLG().torque(m, B, GAMMA, ALPHA), atol=precision.stencil)


def test_landau_and_lifshitz_damping_as_d(m, B, precision):
    found = DTerm(landau, {"rate": GAMMA * ALPHA}).torque(m, B, GAMMA, 0.0)
    expected = mj.LLG("landau-lifshitz").torque(m, B, GAMMA, ALPHA)
    np.testing.assert_allclose(found, expected, atol=precision.stencil)


def test_what_would_stretch_is_taken_away_and_told(m, B, precision):
    stretching = DTerm(lambda t, m, B, rate: rate * m + cross(m, B), 1.5)
    plain = DTerm(lambda t, m, B, rate: cross(m, B), 0.0)
    torque = stretching.torque(m, B, GAMMA, ALPHA)
    np.testing.assert_allclose(torque, plain.torque(m, B, GAMMA, ALPHA), atol=precision.stencil)
    assert np.abs(dot(m, torque)).max() < precision.stencil
    told = np.asarray(stretching.stretching(m, B, GAMMA, ALPHA))
    expected = np.where(np.asarray(m[0]) == 0, 0, 1.5)
    np.testing.assert_allclose(told, expected, atol=precision.stencil)


def test_implicit_d_tells_its_stretching_too(m, B, precision):
    equation = DTerm(lambda t, m, v, B, k: cross(m, v) * k + dot(v, v)[None] * m, 0.2, implicit=True)
    v = equation.torque(m, B, GAMMA, 0.0)
    np.testing.assert_allclose(v, mj.LLG().torque(m, B, GAMMA, 0.2), atol=precision.stencil)
    np.testing.assert_allclose(equation.stretching(m, B, GAMMA), dot(v, v), atol=10 * precision.stencil)


def test_a_tensor_of_damping_solves_its_equation(rng, m, B, precision):
    """D = m×(A v) + C v with any matrices: v is checked in the equation itself."""
    tensors = jnp.asarray(rng.normal(size=(2, 3, 3)) * 0.2, m.dtype)

    def D(t, m, v, B, p):
        return cross(m, jnp.einsum("ab,bzyx->azyx", p[0], v)) + jnp.einsum("ab,bzyx->azyx", p[1], v)

    v = DTerm(D, tensors, implicit=True).torque(m, B, GAMMA, ALPHA)
    right = -GAMMA * cross(m, B) + ALPHA * cross(m, v) + D(0.0, m, v, B, tensors)
    right = right - m * dot(m, right)[None]
    np.testing.assert_allclose(v, jnp.where(m == 0, 0, right), atol=10 * precision.stencil)


def test_newton_converges_where_d_is_not_linear_in_the_velocity(m, B):
    """D = k|v|² m×v, damping that grows with the speed: each step squares what is missing."""

    def D(t, m, v, B, k):
        return k * dot(v, v)[None] * cross(m, v)

    missed = []
    for steps in (1, 2, 3, 6):
        v = DTerm(D, 0.01, implicit=True, newton_steps=steps).torque(m, B, GAMMA, 0.0)
        missed.append(float(jnp.abs(v + GAMMA * cross(m, B) - D(0, m, v, B, 0.01)).max()))
    assert missed[0] > 10 * missed[1]
    assert missed[-1] < 2e3 * jnp.finfo(m.dtype).eps


@pytest.mark.slow
def test_empty_cells_stay_empty(m, B):
    """A constant D, and one that divides by |m|, whose derivative is finite all the same."""
    assert np.all(np.asarray(DTerm(lambda *_: jnp.ones((3, 1, 1, 1))).torque(m, B, GAMMA, ALPHA))[:, 0, 1, 2] == 0)

    def through(m):
        divides = DTerm(lambda t, m, B, p: cross(m, B) / jnp.sqrt(dot(m, m))[None])
        return jnp.sum(divides.torque(m, B, GAMMA, ALPHA))

    slope = jax.grad(through)(m)
    assert np.isfinite(np.asarray(slope)).all()
    assert np.all(np.asarray(slope)[:, 0, 1, 2] == 0)


def test_precision_follows_the_spins(m, B, dtype):
    assert DTerm(landau, {"rate": 0.3}).torque(m, B, GAMMA, ALPHA).dtype == dtype
    assert DTerm(gilbert, 0.3, implicit=True).torque(m, B, GAMMA, ALPHA).dtype == dtype


def test_change_is_what_a_field_adds(m, B, precision):
    """For D linear in the field, beside a part that does not depend on it."""
    equation = DTerm(lambda t, m, B, p: landau(t, m, B, p) + 3 * cross(m, jnp.ones_like(m)), {"rate": 0.3})
    assert isinstance(equation, AbstractDynamics)
    more = 0.5 * B[::-1]
    found = equation.torque(m, B, GAMMA, ALPHA) + equation.change(m, more, GAMMA, ALPHA)
    np.testing.assert_allclose(found, equation.torque(m, B + more, GAMMA, ALPHA), atol=10 * precision.stencil)


def test_d_sees_the_time_that_drives_see():
    """Also where the clock of a long run counts from the start of a step."""
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    system = mj.System(mesh, Ms=8e5)
    equation = DTerm(lambda t, m, B, p: jnp.stack([0 * m[1], t * m[2], -t * m[1]]))
    m = mj.textures.uniform(mesh, (0, 0, 1))
    rate = SpinTerm(equation).vf(jnp.asarray(2e-9), m, system.prepare(m.dtype).starting_at(1e-9))
    assert float(rate[1, 0, 0, 0]) == pytest.approx(3e-9, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: DTerm(0.3), TypeError, "`D` must be a function"),
        (lambda: DTerm(jax.tree_util.Partial(landau, 0.0, jnp.ones(3))), TypeError, "pass its numbers as `parameters`"),
        (lambda: DTerm(landau, newton_steps=0), ValueError, "`newton_steps` must be ≥ 1"),
    ],
)
def test_what_is_no_d_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_d_of_another_shape_is_refused(m, B):
    with pytest.raises(ValueError, match="`D` must return an array of the shape of m"):
        DTerm(lambda t, m, B, p: jnp.ones(3)).torque(m, B, GAMMA, ALPHA)
