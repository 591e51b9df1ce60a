"""Classical spins against their closed forms, and as the limit of long quantum spins."""

import jax.numpy as jnp
import numpy as np
import pytest

from magjax import constants, quantum
from magjax.analytic import spin_half
from magjax.quantum import ClassicalMotion, Spins, classical, schrodinger
from magjax.results import Outcome

# Steps of 1e-11 rad, some hundred of them.
ODE = 1e-8
J = 1e-24
PAIR = Spins((0.5, 1.0))
H = quantum.Exchange(PAIR, J=J, pairs=[(0, 1)])


@pytest.mark.slow
def test_a_pair_turns_about_its_sum() -> None:
    """dS₁/dt = (2J/ħ) S₁×(S₁+S₂): the sum stays, and both go round it at the rate 2J|S₁+S₂|/ħ."""
    n = np.array([[0.6, 0, 0.8], [0, -0.28, 0.96]])
    S = np.array(PAIR.S)[:, None] * n
    times = np.linspace(0, 2e-10, 4)
    run = classical(H, n, times)
    assert isinstance(run, ClassicalMotion)
    assert run.result is Outcome.SUCCESS
    np.testing.assert_allclose(jnp.einsum("i,tia->ta", np.array(PAIR.S), run.directions), [S.sum(axis=0)] * 4, atol=ODE)
    # A precession about a field −2J(S₁+S₂)/ħγ.
    expected = spin_half.precession(times, n[0], -2 * J * S.sum(axis=0) / constants.HBAR, gamma=1.0)
    np.testing.assert_allclose(run.directions[:, 0], expected, atol=ODE)


@pytest.mark.slow
def test_quantum_spins_become_classical_as_they_grow() -> None:
    """With JS fixed, so that classical paths are the same, the deviation falls as 1/S."""
    n, times, apart = np.array([[1.0, 0, 0], [0, 0, 1.0]]), np.array([0, 1e-10]), []
    for S in (2.0, 4.0):
        spins = Spins(S, n=2)
        coupled = quantum.Exchange(spins, J=J / S, pairs=[(0, 1)])
        run = schrodinger(coupled, quantum.coherent_state(spins, n), times)
        apart.append(float(jnp.abs(run.spin_vectors[-1] / S - classical(coupled, n, times).directions[-1]).max()))
    assert apart[0] / apart[1] == pytest.approx(2, rel=0.1, abs=0)


def test_what_cannot_move_is_refused() -> None:
    with pytest.raises(ValueError, match="one direction for each spin"):
        classical(H, np.ones((3, 3)), (0, 1e-12))
    with pytest.raises(ValueError, match="must go forwards"):
        classical(H, (0, 0, 1), (0, -1e-12))
