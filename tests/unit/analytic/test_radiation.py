import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from magjax.analytic import macrospin, magnetisation_algebra, radiation

few = hypothesis.settings(max_examples=15)
damping = st.floats(1e-3, 5.0)
#: Rounding of a handful of operations in double precision.
EXACT = 1e-13


@few
@hypothesis.given(alpha=damping)
def test_strength_and_damping_belong_to_each_other(alpha):
    """λ0 = α/(1+α²) = α(1−λ0α), at most ½; back comes the root α ≤ 1."""
    strength = float(radiation.radiation_parameter(alpha))
    assert strength <= 0.5
    assert alpha == pytest.approx(strength / (1 - strength * alpha), rel=1e-12, abs=0)
    # Near α = 1 the strength has its maximum, and the damping half its digits.
    small = min(alpha, 1 / alpha)
    found = float(radiation.gilbert_damping(strength))
    assert found == pytest.approx(small, rel=1e-7 if abs(small - 1) < 1e-3 else 1e-10, abs=0)


def test_damping_of_too_strong_radiation_is_refused():
    with pytest.raises(ValueError, match="`radiation` must lie between −½ and ½"):
        radiation.gilbert_damping(0.6)


@pytest.mark.slow
@few
@hypothesis.given(d=st.floats(-0.99, 0.99), x=st.floats(0, 3), alpha=damping, extra=st.floats(-3, 3))
def test_solutions_solve_their_equation(d, x, alpha, extra):
    """The rates of change, by autodiff, are what `longitudinal_rate` says; M_z² + M_p² = M²."""

    def along(t):
        return radiation.longitudinal(t, d, 1.0, alpha, extra, gamma=1.0)

    def across(t):
        return radiation.transverse(t, d, 1.0, alpha, extra, gamma=1.0)

    z, p = along(x), across(x)
    assert float(z**2 + p**2) == pytest.approx(1, rel=EXACT, abs=0)
    rate = radiation.longitudinal_rate(z, 1.0, alpha, extra, gamma=1.0)
    assert float(jax.grad(along)(x)) == pytest.approx(float(rate), rel=1e-8, abs=EXACT)
    assert float(jax.grad(across)(x) * p) == pytest.approx(float(-z * rate), rel=1e-8, abs=EXACT)
    # The misprint misses one factor M_p.
    seed = radiation.longitudinal_rate_seed(z, 1.0, alpha, extra, gamma=1.0)
    assert float(seed * jnp.sqrt(1 - z**2)) == pytest.approx(float(rate), rel=1e-8, abs=EXACT)


def test_starts_have_a_derivative_in_time():
    """At x = 0 cosh and sinh over e^|x| have a corner each, their ratio has none."""
    slope = jax.grad(lambda t: radiation.longitudinal(t, 0.3, 1.0, 0.5, gamma=1.0))(0.0)
    assert float(slope) == pytest.approx(0.4 * (1 - 0.09), rel=EXACT, abs=0)


@pytest.mark.slow
@few
@hypothesis.given(alpha=damping, extra=st.floats(-0.5, 1.5), torque=st.floats(-3, 3))
def test_vector_is_kikuchis_with_effective_constants(alpha, extra, torque):
    """With α' = s/c and γ' = γ(c + s²/c) the equation is Gilbert's, whose solution is known otherwise."""
    along = float(radiation.field_and_torque(alpha, extra, torque)[0])
    hypothesis.assume(abs(along) > 0.05)
    effective = float(radiation.effective_damping(alpha, extra, torque))
    t, m0, B = np.linspace(0, 3, 4), (0.6, 0.0, 0.8), (0.3, -0.2, 0.9)
    found = radiation.magnetisation(t, m0, B, alpha, extra, torque, gamma=1.0)
    # Kikuchi's form divides by e^x, which for a pump grows.
    expected = macrospin.relaxation(t, m0, B, effective, gamma=along * (1 + effective**2))
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_frequencies_and_times():
    assert float(radiation.precession_frequency(2.0, 0.5, gamma=1.0)) == pytest.approx(1.6, rel=EXACT, abs=0)
    seed = radiation.precession_frequency_seed(2.0, 0.1, gamma=1.0)
    exact = radiation.precession_frequency(2.0, 0.5, 0.1, gamma=1.0)
    assert float(seed - exact) == pytest.approx(2.0 * 0.4 * 0.5, rel=EXACT, abs=0)
    assert float(radiation.relaxation_time(2.0, 0.5, gamma=1.0)) == pytest.approx(1.25, rel=EXACT, abs=0)
    assert float(radiation.relaxation_time(2.0, 0.5, -1.5, gamma=1.0)) == pytest.approx(-2.5, rel=EXACT, abs=0)


@few
@hypothesis.given(alpha=damping, torque=st.floats(-3, 3).filter(lambda a: abs(1 + a) > 0.01))
def test_effective_damping_of_an_extra_torque(alpha, torque):
    """(1+a) α0; the paper's α0/(1+a) is off by (1+a)²."""
    found = float(radiation.effective_damping(alpha, 0.0, torque))
    assert found == pytest.approx((1 + torque) * alpha, rel=1e-12, abs=0)
    seed = float(radiation.effective_damping_seed(alpha, torque))
    assert found / seed == pytest.approx((1 + torque) ** 2, rel=1e-12, abs=0)


@few
@hypothesis.given(alpha=st.floats(1e-8, 5.0))
def test_branches_of_the_algebra(alpha):
    """1/κ − κ = 2/α0 for both, κ₊κ₋ = −1, ⟨M̂0⟩/M = ±√(1+α0²) = γ/γ_tot."""
    for branch in (1, -1):
        kappa = float(magnetisation_algebra.nondissipative_parameter(alpha, branch))
        assert np.sign(kappa) == branch
        assert 1 / kappa - kappa == pytest.approx(2 / alpha, rel=1e-12, abs=0)
        bare = float(magnetisation_algebra.bare_moment(alpha, kappa))
        ratio = float(magnetisation_algebra.total_gyromagnetic_ratio(alpha, branch, gamma=1.0))
        assert bare == pytest.approx(branch * np.sqrt(1 + alpha**2), rel=1e-7, abs=0)
        assert bare * ratio == pytest.approx(1, rel=1e-7, abs=0)


def test_misprinted_sign_of_kappa():
    """At α0 = 1, κ = ½: 1/(1 − ½·½) against 1/(1 − ½·3/2)."""
    assert float(magnetisation_algebra.bare_moment(1.0, 0.5)) == pytest.approx(4 / 3, rel=EXACT, abs=0)
    assert float(magnetisation_algebra.bare_moment_seed(1.0, 0.5)) == pytest.approx(4, rel=EXACT, abs=0)


def test_branches_are_named():
    with pytest.raises(ValueError, match="`branch` must be 1 or −1"):
        magnetisation_algebra.nondissipative_parameter(0.1, 2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`branch` must be 1 or −1"):
        magnetisation_algebra.total_gyromagnetic_ratio(0.1, 0)  # type: ignore[arg-type]
