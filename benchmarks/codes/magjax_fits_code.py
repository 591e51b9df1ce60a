"""Fits of magjax, and the same least squares by scipy with finite differences of the same compiled model."""

import time
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares

from codes.magjax_code import about as about
from codes.magjax_code import device_peak_memory as device_peak_memory
from magjax import fit


def _tanh() -> tuple[fit.Relaxation, fit.Relaxation, dict, dict, list[str]]:
    """200 points of m_z: truth, start, inputs, errors, what is fitted."""
    x = {"t": np.linspace(0, 0.6e-9, 200)}
    return fit.Relaxation(0.1, 0.2, -0.9), fit.Relaxation(0.03, 0.2, -0.5), x, {"m_z": 0.02}, ["alpha", "start"]


def _swept(exact: bool) -> tuple[fit.Sharrock, fit.Sharrock, dict, dict, list[str]]:
    """24 coercivities over eight decades of sweep rate."""
    x = {"rate": np.geomspace(1e2, 1e10, 24)}
    truth, start = (fit.Sharrock(*given, exact=exact) for given in ((4e5, 60.0, 1e-9), (3e5, 50.0, 1e-10)))
    return truth, start, x, {"Hc": 100.0}, ["H0", "xi", "tau0"]


CASES: dict[str, Callable[[], tuple[Any, Any, dict, dict, list[str]]]] = {
    "tanh relaxation, 200 points": _tanh,
    "Sharrock, swept, 24 points": lambda: _swept(False),
    "Sharrock, swept, by the integral": lambda: _swept(True),
}


def fits(case: str, rounds: int = 7) -> dict:
    """One fit with its errors: compilation, time afterwards, steps, and scipy's on the same residuals."""
    truth, start, x, errors, names = CASES[case]()
    rng = np.random.default_rng(1)
    exact = truth(**{key: jnp.asarray(v) for key, v in x.items()})

    def noisy() -> fit.Data:
        y = {
            key: np.asarray(exact[key]) + error * rng.normal(size=np.shape(exact[key])) for key, error in errors.items()
        }
        return fit.Data(x, y, errors)

    def ours(data: fit.Data) -> fit.Fit:
        found = fit.fit(start, data, names)
        _ = found.errors
        return found

    begin = time.perf_counter()
    ours(noisy())
    first = time.perf_counter() - begin
    times, theirs, off, found = [], [], 0.0, None
    counts = {"ours": 0, "scipy": 0}
    residuals = eqx.filter_jit(lambda problem, z: problem.residuals(z))
    for turn in range(rounds + 1):
        data = noisy()
        begin = time.perf_counter()
        found = ours(data)
        taken = time.perf_counter() - begin
        problem = found.problem
        begin = time.perf_counter()
        other = least_squares(
            lambda z, problem=problem: np.asarray(residuals(problem, jnp.asarray(z))),
            np.asarray(problem.start),
            bounds=(np.asarray(problem.low), np.asarray(problem.high)),
            x_scale="jac",
        )
        _ = np.linalg.inv(other.jac.T @ other.jac)
        if turn:  # the first of scipy's compiles
            times.append(taken)
            theirs.append(time.perf_counter() - begin)
        counts = {"ours": found.steps, "scipy": int(other.nfev) + int(other.njev) * problem.size}
        off = max(off, float(np.max(np.abs(found.z - other.x) / found.fisher.errors)))
    return {
        "first_s": first,
        "ours_s": min(times),
        "scipy_s": min(theirs),
        "ours_steps": counts["ours"],
        "scipy_evaluations": counts["scipy"],
        "difference_in_errors": off,
    }


def bootstraps(case: str, number: int, rounds: int = 3) -> dict:
    """Many fits of synthetic data as one batch; scipy's one after the other, of which some are timed."""
    truth, _, x, errors, names = CASES[case]()
    exact = truth(**{key: jnp.asarray(v) for key, v in x.items()})
    data = fit.Data(x, {key: np.asarray(exact[key]) for key in errors}, errors)
    found = fit.fit(truth, data, names)
    begin = time.perf_counter()
    fit.bootstrap(found, number)
    first, times = time.perf_counter() - begin, []
    for turn in range(rounds):
        begin = time.perf_counter()
        drawn = fit.bootstrap(found, number, seed=turn + 1)
        times.append(time.perf_counter() - begin)
    problem, some = found.problem, min(number, 20)
    y = fit.draw_data(problem, found.z, some, jax.random.key(0))
    residuals = eqx.filter_jit(lambda problem, z, y: problem.residuals(z, y))
    residuals(problem, problem.start, y[0])
    begin = time.perf_counter()
    for each in y:
        least_squares(
            lambda z, y=each: np.asarray(residuals(problem, jnp.asarray(z), y)),
            np.asarray(problem.start),
            bounds=(np.asarray(problem.low), np.asarray(problem.high)),
            x_scale="jac",
        )
    scipy_s = (time.perf_counter() - begin) / some * number
    spread = max(abs(drawn.errors[name] / found.errors[name] - 1) for name in names)
    return {"first_s": first, "ours_s": min(times), "scipy_s": scipy_s, "number": number, "spread": float(spread)}
