"""Every waveform against its closed form, in both precisions, with its derivatives, traced and batched."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import drive

TIMES = np.linspace(-0.2e-9, 2.2e-9, 37)
KNOTS, VALUES = np.array([0.0, 0.3e-9, 1e-9, 1.7e-9]), np.array([0.2, -1.0, 0.5, 2.0])


@dataclasses.dataclass(frozen=True)
class Case:
    """How to make a drive from its parameters, what it must equal, and where it may be differentiated in time."""

    make: Callable[..., Any]
    parameters: dict[str, float]
    exact: Callable[[float], float]
    smooth_at: float = 0.83e-9


def packet(t: float) -> float:
    """The closed form of the wave packet below."""
    return math.exp(-((t - 1e-9) ** 2) / (2 * 0.3e-9**2)) * math.cos(2 * math.pi * 4e9 * (t - 1e-9) + 0.5)


CASES = {
    "constant": Case(drive.constant, {"value": 0.7}, lambda t: 0.7),
    "sin": Case(
        drive.sin,
        {"frequency": 1.3e9, "phase": 0.4, "t0": 0.1e-9},
        lambda t: math.sin(2 * math.pi * 1.3e9 * (t - 0.1e-9) + 0.4),
    ),
    "cos": Case(
        drive.cos,
        {"frequency": 1.3e9, "phase": 0.4, "t0": 0.1e-9},
        lambda t: math.cos(2 * math.pi * 1.3e9 * (t - 0.1e-9) + 0.4),
    ),
    "sinc": Case(
        drive.sinc,
        {"cutoff": 3e9, "t0": 1.1e-9},
        lambda t: float(np.sinc(2 * 3e9 * (t - 1.1e-9))),
    ),
    "gaussian": Case(
        drive.gaussian, {"t0": 1e-9, "width": 0.3e-9}, lambda t: math.exp(-((t - 1e-9) ** 2) / (2 * 0.3e-9**2))
    ),
    "wave packet": Case(drive.wave_packet, {"frequency": 4e9, "t0": 1e-9, "width": 0.3e-9, "phase": 0.5}, packet),
    "ramp": Case(
        drive.ramp,
        {"t0": 0.5e-9, "t1": 1.5e-9, "start": -1.0, "end": 2.0},
        lambda t: float(np.interp(t, [0.5e-9, 1.5e-9], [-1, 2])),
    ),
    "steps": Case(
        lambda a, b: drive.steps((0.31e-9, 1.13e-9), jnp.stack([a, b])),
        {"a": 1.5, "b": -0.5},
        lambda t: 0.0 if t < 0.31e-9 else 1.5 if t < 1.13e-9 else -0.5,
    ),
    "linear table": Case(
        lambda a: drive.table(KNOTS, jnp.stack([a, *VALUES[1:]])),
        {"a": 0.2},
        lambda t: float(np.interp(t, KNOTS, VALUES)),
    ),
    "function": Case(lambda: drive.function(lambda t: jnp.tanh(t / 1e-9) ** 2), {}, lambda t: math.tanh(t / 1e-9) ** 2),
}


def made(case: Case, dtype: Any = float) -> Any:
    """The drive of a case."""
    return case.make(**{name: jnp.asarray(value, dtype) for name, value in case.parameters.items()})


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_closed_form(name: str, precision: Any) -> None:
    """Phases reach 2π·4e9·1.2e-9 ≈ 30, whose rounding of 30 eps is the error of the value."""
    case = CASES[name]
    values = made(case)(jnp.asarray(TIMES, precision.dtype))
    assert values.dtype == precision.dtype
    np.testing.assert_allclose(values, [case.exact(t) for t in TIMES], atol=60 * precision.eps)


@pytest.mark.parametrize("name", CASES)
def test_one_time_an_array_jit_and_vmap_agree(name: str) -> None:
    d = made(CASES[name])
    together = d(jnp.asarray(TIMES))
    assert together.shape == TIMES.shape
    np.testing.assert_allclose([d(t) for t in TIMES[:5]], together[:5], atol=1e-14)
    np.testing.assert_allclose(jax.vmap(d)(jnp.asarray(TIMES)), together, atol=1e-14)
    np.testing.assert_allclose(jax.jit(lambda d, t: d(t))(d, TIMES), together, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_parameters_are_differentiable_and_batched(name: str, precision: Any) -> None:
    """Central differences in float64, each parameter in its own scale; both precisions of time."""
    case = CASES[name]
    t = jnp.asarray(case.smooth_at, precision.dtype)

    def value(scales: dict[str, Any]) -> Any:
        return case.make(**{k: v * scales[k] for k, v in case.parameters.items()})(t)

    ones = dict.fromkeys(case.parameters, jnp.asarray(1.0))
    slopes = jax.jit(jax.grad(value))(ones)
    for parameter in ones:
        h = 1e-5
        up, down = ({**ones, parameter: jnp.asarray(1 + s * h)} for s in (1, -1))
        wide = lambda scales: float(case.make(**{k: v * scales[k] for k, v in case.parameters.items()})(case.smooth_at))  # noqa: E731
        # Truncation h² times the third derivative (phases of 30 cubed) is 3e-6; single precision adds 1000 eps.
        wanted = (wide(up) - wide(down)) / (2 * h)
        np.testing.assert_allclose(slopes[parameter], wanted, atol=1e-5 + 1000 * precision.eps)
    if ones:
        batch = jax.vmap(value)({k: jnp.stack([v, 1.1 * v]) for k, v in ones.items()})
        np.testing.assert_allclose(batch[0], value(ones), atol=60 * precision.eps)


@pytest.mark.parametrize("name", CASES)
def test_time_derivative(name: str) -> None:
    case = CASES[name]
    h = 1e-15
    slope = jax.grad(made(case))(case.smooth_at)
    wanted = (case.exact(case.smooth_at + h) - case.exact(case.smooth_at - h)) / (2 * h)
    # Rounding of the difference, 1e-16/1e-15, against slopes of the order of 1e9 per second.
    np.testing.assert_allclose(slope, wanted, atol=1e9 * 2e-6)


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "negative frequency": (lambda: drive.sin(-1e9), "`frequency` must be ≥ 0"),
    "infinite frequency": (lambda: drive.cos(math.inf), "`frequency` must be finite"),
    "two phases": (lambda: drive.sin(1e9, phase=(0, 1)), "`phase` must be a single number"),
    "text": (lambda: drive.sin("1 GHz"), "`frequency` must hold numbers"),
    "cutoff": (lambda: drive.sinc(-1.0), "`cutoff` must be ≥ 0"),
    "no width": (lambda: drive.gaussian(0, 0), "`width` must be > 0"),
    "negative width": (lambda: drive.wave_packet(1e9, 0, -1e-9), "`width` must be > 0"),
    "ramp back": (lambda: drive.ramp(1e-9, 1e-9), "`t1` must be later than `t0`"),
    "falling times": (lambda: drive.steps((1, 0), (1, 2)), "`times` must rise, but got 1.0 followed by 0.0"),
    "equal times": (lambda: drive.table((0, 1, 1), (1, 2, 3)), "`times` must rise, but got 1.0 followed by 1.0"),
    "lengths": (lambda: drive.table((0, 1, 2), (1, 2)), "got 2 for 3 times"),
    "one point": (lambda: drive.table((0,), (1,)), "at least 2, but got 1"),
    "cubic of two": (lambda: drive.table((0, 1), (1, 2), "cubic"), "at least 3, but got 2"),
    "interpolation": (lambda: drive.table((0, 1), (1, 2), "spline"), "'linear' or 'cubic'"),  # type: ignore[arg-type]
    "outside": (lambda: drive.table((0, 1), (1, 2), outside="error"), "'hold' or 'zero'"),  # type: ignore[arg-type]
    "nan in table": (lambda: drive.table((0, 1), (1, math.nan)), "`values` must be finite"),
    "no function": (lambda: drive.function(1.0), "must be a function of t"),  # type: ignore[arg-type]
    "landmark at infinity": (lambda: drive.function(abs, landmarks=(0, math.inf)), "`landmarks` must be finite"),
    "one landmark": (lambda: drive.function(abs, landmarks=1e-9), "`landmarks` must be an array of 1 dimension"),
    "no step": (lambda: drive.function(abs, longest=0), "`longest` must be > 0"),
    "undefined step": (lambda: drive.function(abs, longest=math.nan), "`longest` must be finite"),
    "vector": (lambda: drive.constant((1, 2)), "`value` must be a single number"),
}


@pytest.mark.parametrize("case", BAD)
def test_refusals(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        make()
