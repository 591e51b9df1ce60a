from math import comb

import jax.numpy as jnp
import numpy as np
import pytest

from magjax import quantum
from magjax.quantum import sector as module


@pytest.mark.parametrize("S", [(0.5,) * 6, (0.5, 1.0, 1.5, 1.0), (1.0,) * 4])
def test_sectors_hold_every_state_once(S):
    spins = quantum.Spins(S)
    everything = []
    for steps in range(round(2 * sum(S)) + 1):
        sector = quantum.Sector(spins, Sz=sum(S) - steps)
        assert sector.codes().size == sector.dim
        np.testing.assert_array_equal(np.diff(sector.codes()) > 0, True)
        np.testing.assert_array_equal(np.sum(sector.m(), axis=1), sector.Sz)
        everything += sector.codes().tolist()
    assert sorted(everything) == list(range(spins.dim))


def test_twenty_spins_are_a_binomial_coefficient_and_few_flips_reach_far():
    assert quantum.Sector(quantum.Spins(0.5, n=20)).dim == comb(20, 10)
    assert quantum.Sector(quantum.Spins(0.5, n=60), Sz=28).dim == comb(60, 2)


def test_states_come_and_go(rng):
    sector = quantum.Sector(quantum.Spins((0.5, 1.0, 0.5, 1.0)), Sz=1.0)
    psi = rng.normal(size=(3, sector.dim))
    np.testing.assert_array_equal(sector.project(sector.embed(psi)), psi)
    m = (0.5, 0.0, -0.5, 1.0)
    state = sector.basis_state(m)
    np.testing.assert_array_equal(sector.embed(state), quantum.basis_state(sector.spins, m))
    np.testing.assert_array_equal(sector.Sz_of(state), m)
    assert sector.Sz_of(state.astype(jnp.complex64)).dtype == jnp.float32


@pytest.mark.parametrize(("n", "Sz"), [(3, 0.0), (4, 2.5), (4, 3), (2, -2)])
def test_refuses_empty_sectors(n, Sz):
    with pytest.raises(ValueError, match=r"Argument `Sz` must be one of .* the sector is empty"):
        quantum.Sector(quantum.Spins(0.5, n=n), Sz=Sz)


@pytest.mark.parametrize("m", [(0.5, 0.5), (0.5, -0.5, 0.5), (1.5, -1.5), ()])
def test_refuses_states_of_other_sectors(m):
    with pytest.raises(ValueError, match="must hold S\\^z of 2 spins with the sum 0"):
        quantum.Sector(quantum.Spins(0.5, n=2)).basis_state(m)


def test_too_many_spins_say_how_many_fit(monkeypatch):
    monkeypatch.setattr(module, "memory_available", lambda: 2**20)
    with pytest.raises(MemoryError, match=r"has 184756 states.* 11 of these spins fit"):
        quantum.Sector(quantum.Spins(0.5, n=20))
    small = quantum.Sector(quantum.Spins(0.5, n=10))
    monkeypatch.setattr(module, "memory_available", lambda: 2**16)
    with pytest.raises(MemoryError, match="A matrix of the 252 states needs"):
        small.check_matrix(np.float64)
    with pytest.raises(MemoryError, match="more than can be numbered"):
        quantum.Sector(quantum.Spins(0.5, n=70))
