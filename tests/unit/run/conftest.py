"""Small systems whose runs take moments, and share their compiled programs."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest

import magjax as mj
from magjax.run.chunk import ROWS, Problem, Window


@pytest.fixture(scope="session")
def film() -> mj.System:
    """A few cells with local and nonlocal fields."""
    mesh = mj.Mesh((6, 4, 1), (5e-9, 4e-9, 3e-9))
    energy = mj.Exchange(A=1.3e-11) + mj.Demag(mesh) + mj.Zeeman(B=(0, 0.02, 0.3))
    return mj.System(mesh, Ms=8e5, alpha=0.02, energy=energy)


@pytest.fixture(scope="session")
def spin() -> mj.System:
    """One spin in a field."""
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    return mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))


@pytest.fixture
def simulate(film: mj.System) -> Callable[..., mj.Run]:
    """`mj.simulate` of the film over 40 ps, quietly and without pictures, with whatever else a test asks for."""

    def run(**changes: Any) -> mj.Run:
        m0 = mj.textures.uniform(film.mesh, (1, 0.1, 0), dtype=changes.pop("dtype", None))
        given = {"save_every": 2e-12, "progress": False, "pictures": False} | changes
        system, duration = given.pop("system", film), given.pop("duration", 40e-12)
        return mj.simulate(system, given.pop("m0", m0), duration, **given)

    return run


@pytest.fixture
def problem_of() -> Callable[..., Problem]:
    """A problem of a system in a precision, with whatever else a test asks for."""

    def problem(system: mj.System, dtype: Any, **changes: Any) -> Problem:
        zero = jnp.zeros((), dtype)
        given = {"dynamics": mj.LLG(), "solver": None, "stop": None, "observe": {}, "t0": zero, "end": zero + 1e-11}
        given |= {"tolerance": 1e-5, "dt": None, "dtype": jnp.dtype(dtype)}
        return Problem(system, **(given | changes))

    return problem


@pytest.fixture
def window() -> Callable[..., Window]:
    """A window of rows every picosecond from the start."""

    def of(last: int, budget: int, dtype: Any) -> Window:
        return Window(jnp.arange(ROWS, dtype=dtype) * 1e-12, jnp.int32(0), jnp.int32(last), jnp.int32(budget))

    return of
