"""Tables: interpolation, what lies outside, files."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import drive

TIMES = np.array([0.0, 0.4e-9, 1.0e-9, 1.3e-9, 2.0e-9])
FINE = np.linspace(0, 2e-9, 101)


def test_cubic_reproduces_parabolas_on_uneven_times() -> None:
    parabola = lambda t: 1 - 3 * (t / 1e-9) + 2 * (t / 1e-9) ** 2  # noqa: E731
    d = drive.table(TIMES, parabola(TIMES), "cubic")
    np.testing.assert_allclose(d(FINE), parabola(FINE), atol=1e-14)


def test_cubic_converges_with_the_third_power_of_the_step() -> None:
    """Three-point slopes are exact to h², so the interpolant to h³: halving the step divides the error by eight."""
    errors = []
    for n in (20, 40, 80):
        times = np.linspace(0, 2e-9, n + 1)
        found = drive.table(times, np.sin(times / 0.2e-9), "cubic")(FINE)
        errors.append(np.abs(np.asarray(found) - np.sin(FINE / 0.2e-9)).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_array_less(2.7, orders)


@pytest.mark.slow
def test_cubic_passes_through_its_points_smoothly() -> None:
    values = np.array([0.0, 1.0, -1.0, 0.5, 2.0])
    d = drive.table(TIMES, values, "cubic")
    np.testing.assert_allclose(d(TIMES), values, atol=1e-14)
    slope = jax.vmap(jax.grad(d))
    for t in TIMES[1:-1]:
        left, right = slope(jnp.array([t - 1e-18, t + 1e-18]))
        np.testing.assert_allclose(left, right, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_outside(interpolation: str) -> None:
    values = np.array([3.0, 1.0, -1.0, 0.5, 2.0])
    beyond = np.array([-1e-9, 0.0, 2e-9, 3e-9])
    hold = drive.table(TIMES, values, interpolation)  # type: ignore[arg-type]
    zero = drive.table(TIMES, values, interpolation, "zero")  # type: ignore[arg-type]
    np.testing.assert_allclose(hold(beyond), [3, 3, 2, 2], atol=1e-14)
    np.testing.assert_allclose(zero(beyond), [0, 3, 2, 0], atol=1e-14)
    assert np.isfinite(jax.grad(zero)(5e-9))


@pytest.mark.parametrize(
    ("interpolation", "t"), [("linear", 0.7e-9), ("cubic", 0.7e-9), ("cubic", 0.1e-9), ("cubic", 1.9e-9)]
)
def test_gradient_by_every_value_and_time(interpolation: str, t: float) -> None:
    values = np.array([3.0, 1.0, -1.0, 0.5, 2.0])

    def value(ns: jax.Array, v: jax.Array) -> jax.Array:
        return drive.table(ns * 1e-9, v, interpolation)(t)  # type: ignore[arg-type]

    slopes = jax.grad(value, argnums=(0, 1))(jnp.asarray(TIMES / 1e-9), jnp.asarray(values))
    h = 1e-6
    for which, slope in enumerate(slopes):
        for i in range(5):
            e = h * np.eye(5)[i]
            up, down = ((TIMES / 1e-9 + s * e * (which == 0), values + s * e * (which == 1)) for s in (1, -1))
            wanted = (value(*map(jnp.asarray, up)) - value(*map(jnp.asarray, down))) / (2 * h)
            # Truncation h² and rounding eps/h are both below 1e-9.
            np.testing.assert_allclose(slope[i], wanted, atol=1e-8)


@pytest.mark.parametrize(
    "text",
    [
        "t (s), B (T)\n0, 1\n1e-9, 2\n",
        "# made by hand\n\n0;1\n1e-9;2\n",
        "0\t1\n1e-9\t2",
        "﻿time B\n0 1\n1e-9 2\n",
    ],
)
def test_files_of_every_habit_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pulse.csv"
    path.write_text(text, encoding="utf-8")
    d = drive.read_table(path)
    np.testing.assert_allclose(d(np.array([0, 0.5e-9, 1e-9])), [1, 1.5, 2], atol=1e-14)


def test_columns_are_chosen_and_bad_lines_named(tmp_path: Path) -> None:
    path = tmp_path / "pulse.csv"
    path.write_text("t,x,y\n0,1,5\n1,2,6\n")
    assert float(drive.read_table(path, columns=(0, 2))(0.5)) == 5.5
    path.write_text("t,x\n0,1\n1,oops\n")
    with pytest.raises(ValueError, match=r"Line 3 of .*pulse.csv' must hold numbers"):
        drive.read_table(path)
    path.write_text("t,x\nin s,in T\n0,1\n")
    with pytest.raises(ValueError, match="Line 2"):
        drive.read_table(path)
    path.write_text("")
    with pytest.raises(ValueError, match="at least 2, but got 0"):
        drive.read_table(path)
