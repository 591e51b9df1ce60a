"""Operators of N spins against their algebra and against Kronecker products."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magjax.quantum import Spins, spin_matrices
from magjax.quantum import spins as module

# Sums and products of a handful of numbers below 10.
ROUNDING = 1e-12


@pytest.mark.parametrize("S", [0.5, 1, 1.5, 2, 3.5])
def test_one_spin_obeys_its_algebra(S: float) -> None:
    x, y, z = spin_matrices(S)
    for a, b, c in ((x, y, z), (y, z, x), (z, x, y)):
        np.testing.assert_allclose(a @ b - b @ a, 1j * c, atol=ROUNDING)
    np.testing.assert_allclose(x @ x + y @ y + z @ z, S * (S + 1) * np.eye(round(2 * S) + 1), atol=ROUNDING)
    np.testing.assert_array_equal(np.diag(z).real, S - np.arange(2 * S + 1))


@pytest.mark.slow
@given(st.lists(st.sampled_from([0.5, 1.0, 1.5]), min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=15)
def test_operators_over_all_sites_are_kronecker_products(S: list[float], site: int) -> None:
    spins, site = Spins(S), site % len(S)
    eyes = [np.eye(levels) for levels in spins.levels]
    for operator, local in zip((spins.Sx, spins.Sy, spins.Sz), spin_matrices(S[site]), strict=True):
        expected = functools.reduce(np.kron, [*eyes[:site], local, *eyes[site + 1 :]])
        np.testing.assert_allclose(operator(site), expected, atol=ROUNDING)
    np.testing.assert_allclose(spins.Splus(site), spins.Sx(site) + 1j * spins.Sy(site), atol=ROUNDING)
    np.testing.assert_allclose(spins.Sminus(site), spins.Splus(site).conj().T, atol=ROUNDING)


def test_total_spin() -> None:
    """Two spins ½ are a triplet and a singlet."""
    total = Spins(0.5, n=2).total()
    square = sum(S @ S for S in total)
    np.testing.assert_allclose(jnp.linalg.eigvalsh(square), [0, 2, 2, 2], atol=ROUNDING)


@pytest.mark.parametrize(("i", "j"), [(0, 2), (2, 0), (1, 2), (-1, 0)])
def test_pair_operators_act_as_products(i: int, j: int, rng: np.random.Generator) -> None:
    spins = Spins((0.5, 1.0, 1.5))
    psi = jnp.asarray(rng.normal(size=(spins.dim, 2)) + 1j * rng.normal(size=(spins.dim, 2)))
    operator = np.einsum("pr,qs->pqrs", spins.local(i)[0], spins.local(j)[1])
    np.testing.assert_allclose(spins.act_pair(operator, i, j, psi), spins.Sx(i) @ (spins.Sy(j) @ psi), atol=ROUNDING)
    np.testing.assert_allclose(
        spins.act_pair(operator, i, j, psi[:, 0]), spins.Sx(i) @ spins.Sy(j) @ psi[:, 0], atol=ROUNDING
    )


def test_precision_follows_the_state() -> None:
    spins = Spins(0.5, n=2)
    psi = jnp.ones(4, jnp.complex64)
    assert spins.act(spins.local(0)[1], 0, psi).dtype == jnp.complex64
    assert spins.embed(jnp.eye(2, dtype=jnp.float32), 1).dtype == jnp.complex64


def test_spins_are_static() -> None:
    """A description has no numbers to trace: equal ones share compiled programs."""
    assert jax.tree_util.tree_leaves(Spins(0.5, n=3)) == []
    assert Spins(0.5, n=2) == Spins((0.5, 0.5))
    assert repr(Spins(0.5, n=2)) == "Spins(0.5, n=2)"
    assert repr(Spins((0.5, 1))) == "Spins((0.5, 1.0))"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.3,), "half-integers"),
        ((0,), "half-integers"),
        ((8,), None),
        ((0.5, 0), "`n` must be a whole number"),
        (((),), "at least one spin"),
        (((0.5, 1), 3), "number of lengths"),
    ],
)
def test_what_is_no_spin_is_refused(arguments: tuple, message: str | None) -> None:
    if message is None:
        assert Spins(*arguments).dim == 17
        return
    with pytest.raises(ValueError, match=message):
        Spins(*arguments)


def test_a_site_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1, but got 2"):
        Spins(0.5, n=2).Sx(2)


def test_too_many_spins_say_how_many_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 2 GiB, five complex matrices of 2^N rows fit up to N = 12."""
    monkeypatch.setattr(module, "memory_available", lambda: 2 * 2**30)
    Spins(0.5, n=12).check_memory(2, complex)
    with pytest.raises(MemoryError, match=r"13 spins have 8192 levels.* first 12 spins would fit: use `apply`"):
        Spins(0.5, n=13).check_memory(2, complex)
    with pytest.raises(MemoryError, match="first 22 spins would fit"):
        Spins(0.5, n=24).check_memory(1, complex)
    monkeypatch.setattr(module, "memory_available", lambda: None)
    Spins(0.5, n=40).check_memory(2, complex)


def test_too_many_spins_are_refused_before_they_are_built() -> None:
    with pytest.raises(MemoryError, match="30 spins have"):
        Spins(0.5, n=30).Sx(0)
