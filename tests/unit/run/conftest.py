"""Small systems whose runs take moments, and share their compiled programs."""

from collections.abc import Callable
from typing import Any

import pytest

import magjax as mj


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
