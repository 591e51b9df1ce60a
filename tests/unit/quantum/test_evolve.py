"""What the three verbs return, keep and refuse; their physics is held against closed forms elsewhere."""

from collections.abc import Callable

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import quantum
from magjax.quantum import Evolution, Spins, liouville, propagator, schrodinger
from magjax.quantum.checks import check_density, check_hermitian, check_state, check_temperature, check_times
from magjax.results import Outcome

SPIN = Spins(0.5)
UP = np.array([1, 0], complex)
ALONG_X = quantum.Zeeman(SPIN, B=(1.0, 0, 0))
TIMES = np.array([0, 1e-12, 3e-12])


@pytest.mark.slow
def test_an_evolution_holds_states_and_what_is_seen_in_them() -> None:
    run = schrodinger(ALONG_X, UP, TIMES)
    assert isinstance(run, Evolution)
    assert run.result is Outcome.SUCCESS
    assert int(run.steps) > 0
    np.testing.assert_array_equal(run.states[0], UP)
    np.testing.assert_allclose(run.expect(SPIN.Sz(0)), run.spin_vectors[:, 0, 2], atol=1e-15)
    energy = run.expect(ALONG_X)
    np.testing.assert_allclose(energy, 0, atol=1e-10 * 9.3e-24)


@pytest.mark.slow
def test_a_pulse_between_saves_is_not_missed() -> None:
    """A spin at rest gives error control nothing to see: the drive says where its pulse lies."""
    f = 1 / 20e-12  # a flip by π at 17.84 T·ps about y
    pulse = mj.drive.steps(times=(4e-9, 4e-9 + 1 / f), values=(0.25 * f / 28.02495e9 * 2, 0.0))
    spin_up = jnp.asarray([[1, 0], [0, 0]], complex)
    H = quantum.Zeeman(SPIN, B=(pulse * mj.drive.function(lambda t: jnp.where(t < 4e-9, 0.0, 1.0))) * (0, 1.0, 0))
    run = liouville(H, spin_up, (0, 10e-9))
    np.testing.assert_allclose(run.states[-1], [[0, 0], [0, 1]], atol=1e-5)


@pytest.mark.slow
def test_running_out_of_steps_is_an_outcome() -> None:
    run = schrodinger(ALONG_X, UP, (0, 1e-9), max_steps=3)
    assert run.result is Outcome.MAX_STEPS


@pytest.mark.slow
def test_other_solvers_and_adjoints() -> None:
    """Any diffrax solver, and forward mode."""

    def end(B: jax.Array) -> jax.Array:
        H = quantum.Zeeman(SPIN, B=B)
        adjoint = diffrax.ForwardMode()
        return schrodinger(H, UP, TIMES, solver=diffrax.Tsit5(), tolerance=1e-9, adjoint=adjoint).spin_vectors[-1, 0, 2]

    B = jnp.asarray([1.0, 0, 0])
    value, slope = jax.jvp(end, (B,), (B,))
    angle = 1.76085963e11 * 3e-12
    assert float(value) == pytest.approx(0.5 * np.cos(angle), rel=0, abs=1e-7)
    assert float(slope) == pytest.approx(-0.5 * angle * np.sin(angle), rel=0, abs=1e-6)


NOT_HERMITIAN = np.array([[1, 1], [0, 0]], complex)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schrodinger(ALONG_X, UP, (0, 2e-12, 1e-12)), "must go forwards, but 1e-12 s follows 2e-12 s"),
        (lambda: liouville(ALONG_X, np.eye(2) / 2, (1e-12, 0)), "to run back in time, change the sign of H"),
        (lambda: propagator(ALONG_X, (0, 0)), "must go forwards"),
        (lambda: schrodinger(ALONG_X, UP, (0,)), "at least one later time"),
        (lambda: schrodinger(ALONG_X, UP, (0, np.inf)), "must be finite"),
        (lambda: schrodinger(ALONG_X, np.ones(4) / 2, TIMES), r"shape \(2,\), as the spins have 2 levels"),
        (lambda: schrodinger(ALONG_X, np.ones(2), TIMES), "normalised.* length is 1.41421"),
        (lambda: liouville(ALONG_X, NOT_HERMITIAN, TIMES), "`rho0` must be Hermitian"),
        (lambda: liouville(ALONG_X, np.eye(3), TIMES), r"shape \(2, 2\), as the spins have 2 levels"),
        (lambda: check_hermitian(np.ones(3), "A"), "a square matrix"),
        (lambda: check_density(np.eye(2), "rho"), "of trace 1, but its trace is 2"),
        (lambda: check_density(np.diag([1.5, -0.5]), "rho"), "the probability -0.5"),
        (lambda: quantum.thermal_state(ALONG_X, T=-1.0), "must be a temperature > 0 in K"),
        (lambda: check_temperature(0), "For T = 0 take the ground state"),
    ],
)
def test_what_cannot_evolve_is_refused(make: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_checks_let_traced_numbers_pass() -> None:
    @jax.jit
    def f(A, psi, t):
        return check_density(A, "A"), check_state(psi, "psi", 2), check_times(t), check_temperature(t[1])

    f(NOT_HERMITIAN, np.ones(2), np.array([1.0, -1.0]))
