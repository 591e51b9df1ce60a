"""Every Hamiltonian: matrix against an independent sum of Kronecker products, `apply` against the matrix."""

import itertools
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants, quantum
from magjax.quantum import AbstractHamiltonian, Given, Spins, Sum

SPINS = Spins((0.5, 1.0, 0.5, 1.5))
PAIRS = ((0, 1), (3, 1), (0, 3))
UNIT = 1e-23
# Operators: a few products of numbers of the size of the unit.
ROUNDING = 1e-12


def _vectors(site: int) -> np.ndarray:
    return np.stack([np.asarray(S(site)) for S in (SPINS.Sx, SPINS.Sy, SPINS.Sz)])


def _zeeman(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    B, gamma = rng.normal(size=(4, 3)), constants.GAMMA * rng.uniform(0.5, 2, size=4)
    H = sum(constants.HBAR * gamma[k] * np.einsum("a,apq->pq", B[k], _vectors(k)) for k in range(4))
    return quantum.Zeeman(SPINS, B=B, gamma=gamma), H


def _exchange(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    J = UNIT * rng.normal(size=3)
    H = sum(-2 * J[p] * np.einsum("apq,aqr->pr", _vectors(i), _vectors(j)) for p, (i, j) in enumerate(PAIRS))
    return quantum.Exchange(SPINS, J=J, pairs=PAIRS), H


def _exchange_matrix(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    J = UNIT * rng.normal(size=(4, 4))
    J = (J + J.T) / 2
    H = sum(
        -2 * J[i, j] * np.einsum("apq,aqr->pr", _vectors(i), _vectors(j))
        for i, j in itertools.combinations(range(4), 2)
    )
    return quantum.Exchange(SPINS, J=J), H


def _dmi(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    D, H = UNIT * rng.normal(size=(3, 3)), 0
    for p, (i, j) in enumerate(PAIRS):
        (ax, ay, az), (bx, by, bz) = _vectors(i), _vectors(j)
        H = H + D[p, 0] * (ay @ bz - az @ by) + D[p, 1] * (az @ bx - ax @ bz) + D[p, 2] * (ax @ by - ay @ bx)
    return quantum.DMI(SPINS, D=D, pairs=PAIRS), np.asarray(H)


def _dipolar(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    places, H = 3e-10 * rng.normal(size=(4, 3)), 0
    moment = constants.HBAR * constants.GAMMA
    for i, j in itertools.combinations(range(4), 2):
        r = places[j] - places[i]
        d = np.linalg.norm(r)
        a, b = _vectors(i), _vectors(j)
        along = [np.einsum("a,apq->pq", r / d, v) for v in (a, b)]
        H = H + constants.MU0 / (4 * np.pi) * moment**2 / d**3 * (
            np.einsum("apq,aqr->pr", a, b) - 3 * along[0] @ along[1]
        )
    return quantum.Dipolar(SPINS, positions=places), np.asarray(H)


def _single_ion(rng: np.random.Generator) -> tuple[AbstractHamiltonian, np.ndarray]:
    K, axes, H = UNIT * rng.normal(size=4), rng.normal(size=(4, 3)), 0
    for k in range(4):
        along = np.einsum("a,apq->pq", axes[k] / np.linalg.norm(axes[k]), _vectors(k))
        H = H - K[k] * along @ along
    return quantum.SingleIon(SPINS, K=K, axis=axes), np.asarray(H)


TERMS = [_zeeman, _exchange, _exchange_matrix, _dmi, _dipolar, _single_ion]


@pytest.mark.parametrize("make", TERMS)
def test_matrix_and_apply(make: Callable, rng: np.random.Generator) -> None:
    H, expected = make(rng)
    scale = np.abs(expected).max()
    matrix = H.matrix()
    np.testing.assert_allclose(matrix / scale, expected / scale, atol=ROUNDING)
    np.testing.assert_allclose(matrix / scale, matrix.conj().T / scale, atol=ROUNDING)
    psi = jnp.asarray(rng.normal(size=SPINS.dim) + 1j * rng.normal(size=SPINS.dim))
    applied = jax.jit(lambda psi: H.apply(psi, unit=scale))(psi)
    np.testing.assert_allclose(applied, expected @ psi / scale, atol=ROUNDING * SPINS.dim)


@pytest.mark.parametrize("make", TERMS)
def test_single_precision_is_kept_and_enough(make: Callable, rng: np.random.Generator) -> None:
    """In units of ħ all numbers lie far from the ends of single precision; 24 bits leave an error of 1e-6."""
    H, expected = make(rng)
    single = jax.tree_util.tree_map(lambda x: x.astype(jnp.float32) if eqx.is_inexact_array(x) else x, H)
    matrix = single.matrix(unit=constants.HBAR)
    assert matrix.dtype == jnp.complex64
    rates = expected / constants.HBAR
    np.testing.assert_allclose(matrix / np.abs(rates).max(), rates / np.abs(rates).max(), atol=1e-5)


def test_parameters_follow_drives() -> None:
    """Fields and exchange may change in time; every number of a drive is a leaf."""
    pair = Spins(0.5, n=2)
    field = mj.drive.ramp(t0=0.0, t1=1e-9) * (0, 0, 2.0)
    quench = mj.drive.steps(times=(0.0,), values=(3e-23,))
    H = quantum.Zeeman(pair, B=field) + quantum.Exchange(pair, J=quench, pairs=quantum.chain(2))
    expected = quantum.Zeeman(pair, B=(0, 0, 1.0)) + quantum.Exchange(pair, J=3e-23, pairs=[(0, 1)])
    np.testing.assert_allclose(H.matrix(t=0.5e-9, unit=UNIT), expected.matrix(unit=UNIT), atol=ROUNDING)
    assert len(jax.tree_util.tree_leaves(H)) > 4


def test_sums() -> None:
    pair = Spins(0.5, n=2)
    field = quantum.Zeeman(pair, B=(0, 0, 1.0))
    total = sum([field, field, field])
    assert isinstance(total, Sum)
    assert len(total.terms) == 3
    np.testing.assert_allclose(total.matrix(unit=UNIT), 3 * field.matrix(unit=UNIT), atol=ROUNDING)
    with pytest.raises(ValueError, match="same spins to be added"):
        field + quantum.Zeeman(Spins(0.5, n=3), B=(0, 0, 1.0))
    with pytest.raises(TypeError):
        field + 1.0


def test_a_matrix_of_ones_own() -> None:
    pair = Spins(0.5, n=2)
    swap = UNIT * np.eye(4)[[0, 2, 1, 3]]
    np.testing.assert_allclose(Given(pair, swap).matrix(unit=UNIT), swap / UNIT, atol=ROUNDING)
    with pytest.raises(ValueError, match=r"must be Hermitian, but A − A† is as large as 1 of A; did you"):
        Given(pair, UNIT * np.eye(4, k=1))
    with pytest.raises(ValueError, match=r"of shape \(4, 4\), as the spins have 4 levels"):
        Given(pair, np.eye(3))
    with pytest.raises(ValueError, match="1 elements are not"):
        Given(pair, np.diag([np.nan, 1, 1, 1]))


def test_derivatives_of_a_symmetric_exchange_are_symmetric() -> None:
    J = UNIT * jnp.ones((3, 3))
    gradient = jax.grad(lambda J: quantum.Exchange(Spins(0.5, n=3), J=J).matrix(unit=UNIT)[0, 0].real)(J) * UNIT
    np.testing.assert_allclose(gradient, [[0, -0.25, -0.25], [-0.25, 0, -0.25], [-0.25, -0.25, 0]], atol=ROUNDING)


def test_lists_of_pairs() -> None:
    assert quantum.chain(5, reach=2) == ((0, 2), (1, 3), (2, 4))
    assert quantum.ring(3) == ((0, 1), (1, 2), (0, 2))
    assert quantum.ring(2) == ((0, 1),)
    assert quantum.ring(4, reach=2) == ((0, 2), (1, 3))
    assert len(quantum.all_pairs(6)) == 15


TWO = Spins(0.5, n=2)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: quantum.Zeeman(TWO, B=1.0), ValueError, r"`B` must have the shape \(3,\) or \(2, 3\)"),
        (lambda: quantum.Zeeman(TWO, B=mj.drive.sin(frequency=1e9)), ValueError, "a drive needs a direction"),
        (lambda: quantum.Zeeman(TWO, B=(0, 0, 5e3)), ValueError, "in T, but got 5000 T; did you give mT"),
        (lambda: quantum.Zeeman(TWO, B=(0, 0, np.nan)), ValueError, "finite"),
        (lambda: quantum.Zeeman(TWO, B="up"), TypeError, "real numbers or a drive"),
        (lambda: quantum.Zeeman(TWO, B=mj.drive.sin(frequency=1e9) * {"a": 1.0}), TypeError, "need a mesh"),
        (lambda: quantum.Exchange(TWO, J=(1.0, 2.0), pairs=[(0, 1)]), ValueError, "one for each pair"),
        (lambda: quantum.Exchange(TWO, J=1.0, pairs=[(0, 2)]), ValueError, "from 0 to 1, but got 2"),
        (lambda: quantum.Exchange(TWO, J=1.0, pairs=[(0, 0)]), ValueError, "different sites"),
        (lambda: quantum.Exchange(TWO, J=1.0, pairs=[(0, 1), (1, 0)]), ValueError, r"\(1, 0\) twice"),
        (lambda: quantum.DMI(TWO, D=1.0, pairs=[(0, 1)]), ValueError, "a vector, for all pairs or for each"),
        (lambda: quantum.Dipolar(TWO, positions=np.zeros((2, 3))), ValueError, "two share one"),
        (lambda: quantum.Dipolar(TWO, positions=[(0, 0, 0), (0, 0, 1)]), ValueError, "did you give nm"),
        (lambda: quantum.SingleIon(TWO, K=1e-23, axis=(0, 0, 0)), ValueError, "a vector of length 0"),
    ],
)
def test_what_is_no_hamiltonian_is_refused(make: Callable, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
