import hypothesis
import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from magjax.analytic import stoner_wohlfarth as theory
from magjax.kinetics import Equilibria, equilibria
from magjax.kinetics.stoner_wohlfarth import barrier_exponent, branch, energy_barrier, switching_field

_barrier = jax.jit(energy_barrier)
_both = jax.jit(lambda h, psi: (energy_barrier(h, psi), barrier_exponent(h, psi)))
_limit = jax.jit(switching_field)
_branch = jax.jit(branch)
_equilibria = jax.jit(equilibria)
_slopes = jax.jit(jax.grad(energy_barrier, argnums=(0, 1, 2)))

ANGLES = st.floats(1e-6, np.pi / 2 - 1e-6)
SETTINGS = hypothesis.settings(max_examples=15)


def _energy(delta, h, psi, k2):
    return np.sin(delta) ** 2 + k2 * np.sin(delta) ** 4 + 2 * h * np.cos(delta + psi)


@SETTINGS
@hypothesis.given(ANGLES)
def test_switching_field_is_the_astroid(psi):
    assert float(_limit(psi, 0.0)) == pytest.approx(float(theory.astroid(psi)), rel=1e-13, abs=0)


@pytest.mark.slow
def test_switching_field_at_its_cusps():
    np.testing.assert_allclose(
        switching_field(jnp.radians(jnp.array([0.0, 45.0, 90.0]))), [1, 0.5, 1], rtol=1e-10
    )  # π/2 − π/2 rounded, to the power 2/3
    slope = jax.grad(switching_field, (0, 1))
    assert [float(x) for x in slope(0.0, 0.1)] == pytest.approx([0, 0], abs=1e-9)


@SETTINGS
@hypothesis.given(st.floats(-0.5, 3), ANGLES)
def test_switching_field_with_a_second_constant(k2, psi):
    """Against the largest field of equilibrium on a fine grid, whose maximum is flat: 1e-9."""
    delta = np.linspace(1e-9, np.pi / 2, 200_001)
    field = np.sin(2 * delta) * (1 + 2 * k2 * np.sin(delta) ** 2) / 2 / np.sin(delta + psi)
    # Near the cusps the maximum is narrower than the grid: a finer one about its place.
    near = delta[max(field.argmax() - 1, 0)] + np.linspace(0, 2 * (delta[1] - delta[0]), 200_001)
    fine = np.sin(2 * near) * (1 + 2 * k2 * np.sin(near) ** 2) / 2 / np.sin(near + psi)
    assert float(_limit(psi, k2)) == pytest.approx(max(field.max(), fine.max()), rel=1e-8, abs=0)


@SETTINGS
@hypothesis.given(st.floats(0, 0.999), ANGLES, st.floats(-1 / 6, 3))
def test_barrier_against_brute_force(part, psi, k2):
    """Both wells and the saddle read off a grid of 2e-5 rad: extremes are flat, so energies are right to 1e-9."""
    h = part * float(_limit(psi, k2))
    delta = np.linspace(-1e-3, np.pi + 1e-3, 160_001)
    e = _energy(delta, h, psi, k2)
    low = np.flatnonzero((e[1:-1] <= e[:-2]) & (e[1:-1] < e[2:])) + 1
    top = np.flatnonzero((e[1:-1] >= e[:-2]) & (e[1:-1] > e[2:])) + 1
    top = top[delta[top] > 0]  # with K2 > K1/4 the axis itself may be a way round to the mirrored well
    assert len(low) == 2
    assert len(top) == 1
    assert float(_barrier(h, psi, k2)) == pytest.approx(e[top[0]] - e[low[0]], rel=1e-7, abs=2e-9)
    # The supported state's well beside the other saddle of the plane may reach over π: compare the energy only.
    assert float(_barrier(-h, psi, k2)) == pytest.approx(e[top[0]] - e[low[1]], rel=1e-7, abs=2e-9)


@pytest.mark.parametrize(("psi", "tolerance"), [(0.0, 1e-10), (np.pi / 2, 1e-6)])
def test_barrier_along_and_across_is_a_square(psi, tolerance):
    """The number nearest to π/2 is misaligned by 6e-17 rad, which moves the fold by the cube root of that, 4e-6."""
    h = jnp.asarray([0.0, 0.3, 0.9, 1 - 1e-6, 1.0, 1.5])
    found, exponent = _both(h, jnp.full(6, psi))
    np.testing.assert_allclose(found, theory.aligned_barrier(h), rtol=tolerance)
    np.testing.assert_allclose(exponent, 2, rtol=1e-10 if psi == 0 else 1e-4)


@pytest.mark.parametrize("psi", [1e-4, 0.3, np.pi / 4, 1.5])
@pytest.mark.parametrize("part", [0.1, 0.99, 1 - 1e-6, 1 - 1e-10])
def test_barrier_keeps_its_digits_up_to_the_switching_field(psi, part):
    """Against 60 digits. What cancels is left out, so the error is that of 1 − h/h_sw itself, rounding over it."""
    limit = float(_limit(psi, 0.0))
    h = part * limit
    with mpmath.workdps(60):
        p, x = mpmath.mpf(psi), mpmath.mpf(h)

        def e(d):
            return mpmath.sin(d) ** 2 + 2 * x * mpmath.cos(d + p)

        def torque(d):
            return mpmath.sin(2 * d) - 2 * x * mpmath.sin(d + p)

        fold = mpmath.atan(mpmath.cbrt(mpmath.tan(p)))
        ends = (mpmath.mpf(0), fold, mpmath.pi / 2)
        low, top = (
            mpmath.findroot(torque, end, solver="anderson", tol=1e-40, verify=False) for end in (ends[:2], ends[1:])
        )
        exact = float(e(top) - e(low))
    assert float(_barrier(h, psi, 0.0)) == pytest.approx(exact, rel=1e-13 + 1e-14 / (1 - part), abs=0)


@pytest.mark.slow
def test_exponent_crosses_over():
    """2 far from the fold and 3/2 at it; between, where 1 − h/h_sw is about ψ^(2/3)."""
    small = 1e-6
    part = np.asarray([0.5, 1e-2, 1e-7, 0.5, 0.5, 0.5])
    found = np.asarray(_both(float(_limit(small, 0.0)) * (1 - part), np.full(6, small))[1])
    assert found[0] == pytest.approx(2, abs=1e-3)
    assert 1.9 < found[1] < 2
    assert found[2] == pytest.approx(1.5, abs=1e-3)
    # The definition itself, by autodiff of the barrier.
    h = 0.37
    by_autodiff = -(_limit(0.3, 0.0) - h) * _slopes(h, 0.3, 0.0)[0] / _barrier(h, 0.3, 0.0)
    exponents = _both(np.asarray([h, 2.0, 0, 0, 0, 0]), np.full(6, 0.3))[1]
    assert float(exponents[0]) == pytest.approx(float(by_autodiff), rel=1e-11, abs=0)
    assert float(exponents[1]) == 1.5


def test_barrier_near_switching():
    """The closed limit, whose relative error is of the order of 1 − h/h_sw beside sin²2δ_c."""
    psi = jnp.asarray([0.1, 0.6, np.pi / 4, 1.4, 0.2, 1.0])
    h = theory.astroid(psi) * (1 - 1e-5)
    np.testing.assert_allclose(_both(h, psi)[0], theory.barrier_near_switching(h, psi), rtol=1e-4)
    middle = 0.5 * theory.astroid(psi)
    np.testing.assert_allclose(theory.pfeiffer_barrier(middle, psi), _both(middle, psi)[0], rtol=0.07)


@SETTINGS
@hypothesis.given(st.floats(-1.5, 1.5), st.floats(0.05, 1.5), st.floats(0, 1))
def test_barrier_derivatives(h, psi, k2):
    """Central differences with steps of 1e-6: right to 1e-8 of the largest derivative, about 5."""
    hypothesis.assume(abs(h) > 1e-3 and abs(abs(h) / float(_limit(psi, k2)) - 1) > 1e-3)
    found = [float(x) for x in _slopes(h, psi, k2)]
    point = np.array([h, psi, k2])
    for i, slope in enumerate(found):
        step = 1e-6 * np.eye(3)[i]
        difference = float(_barrier(*(point + step)) - _barrier(*(point - step))) / 2e-6
        assert slope == pytest.approx(difference, rel=1e-6, abs=1e-6)


@pytest.mark.slow
@SETTINGS
@hypothesis.given(st.floats(-2, 2), ANGLES)
def test_branch_is_an_equilibrium(h, psi):
    """The torque vanishes there, and across the axis the branch is m = h."""
    along = float(_branch(h, psi, 0.0))
    found = _equilibria(h, psi, 0.0)
    of_minima = np.cos(np.asarray(found.angle)[np.asarray(found.index) == 0] - psi)
    # A branch is right to the square root of rounding where minimum and saddle meet.
    assert np.min(np.abs(of_minima - along)) < 1e-6
    across = float(_branch(h, np.pi / 2, 0.0))
    assert across == pytest.approx(float(theory.transverse_magnetization(h)), abs=1e-7)


@SETTINGS
@hypothesis.given(st.floats(-3, 3), st.floats(-4, 4), st.floats(-3, 3))
def test_all_equilibria(h, psi, k2):
    """As many as the torque changes its sign on a fine grid; on the sphere minima − saddles + maxima = 2.

    Extremes of the plane alone: minima, saddles and maxima on the great circle are all there is when h ≠ 0.
    """
    hypothesis.assume(abs(h) > 1e-3 and abs(np.sin(2 * psi)) > 1e-3)
    found = _equilibria(h, psi, k2)
    angle = np.asarray(found.angle)[np.asarray(found.index) >= 0]

    def torque(x):
        return np.sin(2 * x) * (1 + 2 * k2 * np.sin(x) ** 2) + 2 * h * np.sin(x - psi)

    grid = torque(np.linspace(-np.pi, np.pi, 100_001))
    assert len(angle) == np.sum((grid[1:] < 0) != (grid[:-1] < 0))
    np.testing.assert_allclose(torque(angle), 0, atol=1e-11)
    kinds = np.asarray(found.index)
    assert np.sum(kinds == 0) - np.sum(kinds == 1) + np.sum(kinds == 2) == 2
    assert isinstance(found, Equilibria)


def test_equilibria_follow_the_field():
    """Implicit derivative: across the axis sin θ = h, dθ/dh = 1/cos θ."""
    slope = jax.jit(jax.jacfwd(lambda h: equilibria(h, jnp.pi / 2).angle))(0.5)
    found = _equilibria(0.5, jnp.pi / 2, 0.0)
    minima = found.index == 0
    np.testing.assert_allclose(slope[minima], 1 / np.cos(found.angle[minima]), rtol=1e-12)
    assert len(found.minima) == 2
    assert len(found.saddles) == 1


def test_single_precision():
    h = jnp.linspace(-1, 1, 9, dtype=jnp.float32)
    single, double = _barrier(h, jnp.float32(0.3), 0.0), _barrier(h.astype(float), 0.3, 0.0)
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, double, atol=1e-5)
    assert jax.eval_shape(equilibria, jnp.float32(0.3), 0.2).angle.dtype == jnp.float32


def test_refused():
    with pytest.raises(ValueError, match=r"psi.*Did you give degrees"):
        energy_barrier(0.1, 30.0)
    with pytest.raises(ValueError, match="`k2` must be K2/K1"):
        switching_field(0.1, -0.6)
    with pytest.raises(ValueError, match="`h` must be ≥ 0"):
        barrier_exponent(-0.1, 0.2)
    with pytest.raises(ValueError, match="`h` must be finite"):
        branch(np.nan, 0.2)
