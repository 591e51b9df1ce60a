"""How drives combine: with numbers, with each other, with space."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import drive
from magjax.drive import AbstractDrive, Driven, Profile

S, C = drive.sin(frequency=1e9), drive.cos(frequency=3e9, phase=0.2)
T = 0.137e-9
SV, CV = np.sin(2 * np.pi * 0.137), np.cos(2 * np.pi * 3 * 0.137 + 0.2)

ARITHMETIC: dict[str, tuple[Any, float]] = {
    "number * drive": (3 * S, 3 * SV),
    "drive * number": (S * 3, 3 * SV),
    "numpy number * drive": (np.float64(3) * S, 3 * SV),
    "jax number * drive": (jnp.asarray(3.0) * S, 3 * SV),
    "drive * jax number": (S * jnp.asarray(3.0), 3 * SV),
    "drive / number": (S / 2, SV / 2),
    "drive + drive": (S + C, SV + CV),
    "drive - drive": (S - C, SV - CV),
    "drive * drive": (S * C * S, SV * CV * SV),
    "drive + number": (S + 1, SV + 1),
    "number - drive": (1 - S, 1 - SV),
    "numpy number + drive": (np.float64(1) + S, SV + 1),
    "-drive": (-S, -SV),
    "sum": (sum([S, C]), SV + CV),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_of_drives(name: str, precision: Any) -> None:
    found, wanted = ARITHMETIC[name]
    assert isinstance(found, AbstractDrive)
    value = found(jnp.asarray(T, precision.dtype))
    assert value.dtype == precision.dtype
    np.testing.assert_allclose(value, wanted, rtol=64 * precision.eps)


PROFILES: dict[str, Any] = {
    "tuple": (0.0, 2.0, 1.0),
    "list": [0.0, 2.0, 1.0],
    "numpy": np.array([0.0, 2.0, 1.0]),
    "jax": jnp.array([0.0, 2.0, 1.0]),
    "over cells": np.arange(24.0).reshape(2, 3, 4),
    "vectors over cells": np.arange(72.0).reshape(3, 2, 3, 4),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_may_stand_on_either_side(name: str, dtype: np.dtype) -> None:
    profile = PROFILES[name]
    for driven in (profile * S, S * profile):
        assert isinstance(driven, Driven)
        value = driven.at(T, lambda p: p.astype(dtype))
        assert value.dtype == dtype, "the profile's precision decides, whatever the time's"
        np.testing.assert_allclose(value, np.asarray(profile) * SV, rtol=1e-6)


def test_dictionaries_and_functions_are_handed_to_resolve() -> None:
    regions = {"dot": (0, 0, 1), "rest": (0, 0, 0)} * S
    (profile, _), *_ = regions.terms
    assert set(profile) == {"dot", "rest"}
    np.testing.assert_allclose(regions.at(T, lambda p: p["dot"]), (0, 0, SV))
    wave = (lambda x, y, z: (x, 2 * x, 0)) * S
    (profile, _), *_ = (S * (lambda x, y, z: x)).terms
    assert isinstance(profile, Profile)
    np.testing.assert_allclose(wave.at(T, lambda p: jnp.array(p.function(1.0, 0, 0))), (SV, 2 * SV, 0))


DRIVEN: dict[str, tuple[Callable[[], Any], tuple[float, float, float]]] = {
    "rotating": (lambda: S * (1, 0, 0) + C * (0, 1, 0), (SV, CV, 0)),
    "with a bias": (lambda: S * (1, 0, 0) + (0, 0, 0.5), (SV, 0, 0.5)),
    "bias first": (lambda: (0, 0, 0.5) + S * (1, 0, 0), (SV, 0, 0.5)),
    "array first": (lambda: np.array([0, 0, 0.5]) + S * (1, 0, 0), (SV, 0, 0.5)),
    "minus bias": (lambda: S * (1, 0, 0) - (0, 0, 0.5), (SV, 0, -0.5)),
    "difference": (lambda: S * (1, 0, 0) - C * (0, 1, 0), (SV, -CV, 0)),
    "negative": (lambda: -(S * (1, 0, 0)), (-SV, 0, 0)),
    "scaled": (lambda: 2e-3 * (S * (1, 0, 0)), (2e-3 * SV, 0, 0)),
    "scaled by numpy": (lambda: np.float64(2e-3) * (S * (1, 0, 0)), (2e-3 * SV, 0, 0)),
    "enveloped": (lambda: C * (S * (1, 0, 0)), (SV * CV, 0, 0)),
    "enveloped on the right": (lambda: (S * (1, 0, 0)) * C, (SV * CV, 0, 0)),
    "sum": (lambda: sum([S * (1, 0, 0), C * (0, 1, 0)]), (SV, CV, 0)),
}


@pytest.mark.parametrize("name", DRIVEN)
def test_arithmetic_of_driven(name: str) -> None:
    make, wanted = DRIVEN[name]
    driven = make()
    assert isinstance(driven, Driven)
    np.testing.assert_allclose(driven.at(T, lambda p: p), wanted, atol=1e-14)


def test_a_travelling_wave_is_a_sum_of_products() -> None:
    """sin(kx − ωt) = sin kx cos ωt − cos kx sin ωt."""
    x, k = np.linspace(0, 1e-7, 5), 2 * np.pi / 5e-8
    wave = np.sin(k * x) * drive.cos(1e9) - np.cos(k * x) * drive.sin(1e9)
    np.testing.assert_allclose(wave.at(T, lambda p: p), np.sin(k * x - 2 * np.pi * 1e9 * T), atol=1e-14)


def test_amplitude_frequency_and_profile_are_differentiable_together() -> None:
    def value(amplitude: jax.Array, frequency: jax.Array, profile: jax.Array) -> jax.Array:
        driven = amplitude * drive.sin(frequency) * profile
        return driven.at(T, lambda p: p).sum()

    slopes = jax.jit(jax.grad(value, argnums=(0, 1, 2)))(2.0, 1e9, jnp.array([0.0, 2.0, 1.0]))
    np.testing.assert_allclose(slopes[0], 3 * SV, rtol=1e-12)
    np.testing.assert_allclose(slopes[1], 6 * np.cos(2 * np.pi * 0.137) * 2 * np.pi * T, rtol=1e-12)
    np.testing.assert_allclose(slopes[2], np.full(3, 2 * SV), rtol=1e-12)


def test_a_tuple_of_traced_numbers_is_a_profile() -> None:
    slope = jax.grad(lambda b: (S * (b, 0.0, 2.0)).at(T, lambda p: p).sum())(1.0)
    np.testing.assert_allclose(slope, SV, rtol=1e-12)


def test_a_driven_value_is_a_pytree_through_jit_and_vmap() -> None:
    driven = (lambda x, y, z: x) * S + C * np.ones((2, 3, 4))
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(driven))
    again = jax.jit(lambda d: d)(driven)
    assert repr(again) == repr(driven)
    batch = jax.vmap(lambda f: (drive.sin(f) * (1.0, 0.0, 0.0)).at(T, lambda p: p))(jnp.array([1e9, 2e9]))
    np.testing.assert_allclose(batch[:, 0], np.sin(2 * np.pi * np.array([0.137, 0.274])), atol=1e-14)


def test_prints_as_it_was_written() -> None:
    assert repr(2 * S) == "2 * sin(frequency=1e+09, phase=0, t0=0)"
    assert repr(S + C * S).startswith("(sin(frequency=1e+09, phase=0, t0=0) + cos(")
    assert repr(S * (0, 0, 0.5)) == "[0, 0, 0.5] * sin(frequency=1e+09, phase=0, t0=0)"
    assert "<float64[5]>" in repr(drive.table(np.arange(5), np.arange(5)))
    assert "Traced" not in str(jax.eval_shape(lambda d: d, S))


def test_refusals() -> None:
    with pytest.raises(TypeError, match="numbers, a dictionary or a function"):
        S * "0, 0, 1"
    with pytest.raises(ValueError, match="finite numbers"):
        S * (0, 0, np.nan)
    with pytest.raises(TypeError):
        (S * (1, 0, 0)) * (1, 0, 0)  # type: ignore[operator]
    with pytest.raises(TypeError):
        S + np.array([1, 0, 0])  # type: ignore[operator]
