import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.results import Outcome
from magjax.solve import Followed, follow

MESH = mj.Mesh((40, 1, 1), 2e-9)
WIRE = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Exchange(A=1e-11) + mj.UniaxialAnisotropy(K=4e5, axis=(0, 0, 1)))


@pytest.mark.slow
def test_a_wall_runs_through_many_windows() -> None:
    """β = α: at u, whichever window looks; central differences at cells of 0.4 Δ take 3 % off.

    Over 0.3 ns the wall passes three times half of the window; positions are those in an endless wire, and the shape
    does not notice when the window moves.
    """
    driven = WIRE + mj.ZhangLi(u=(400.0, 0, 0), beta=0.5)
    m0 = mj.textures.domain_wall(MESH, width=5e-9)
    run = follow(driven, m0, 0.3e-9, every=20e-12, track=mj.observe.Wall().position)
    assert isinstance(run, Followed)
    assert run.result is Outcome.SUCCESS
    assert run.position.shape == run.shift.shape == run.t.shape == (15,)
    assert float(run.shift[-1]) > 90e-9
    cells = np.asarray(run.shift) / 2e-9
    assert np.allclose(cells, np.rint(cells), atol=1e-9)
    velocity = np.diff(np.asarray(run.position)) / 20e-12
    assert velocity == pytest.approx(400 * np.ones(14), rel=0.04, abs=0)
    assert np.ptp(velocity) < 4
    # In the middle to half a cell, and the domains go on to the window's ends.
    assert float(mj.observe.Wall().position(0.0, run.m, driven)) == pytest.approx(40e-9, abs=1.01e-9)
    assert run.m[2, 0, 0, [0, -1]].tolist() == pytest.approx([1.0, -1.0], abs=1e-3)


@pytest.mark.slow
def test_a_lost_wall_is_an_error() -> None:
    """A wall that leaves the window within one look; and nothing there from the beginning."""
    fast = WIRE + mj.ZhangLi(u=(4000.0, 0, 0), beta=0.5)
    with pytest.raises(mj.SolveError, match="nothing left to follow"):
        follow(fast, mj.textures.domain_wall(MESH, 5e-9), 40e-12, every=20e-12, track=mj.observe.Wall().position)


def test_bad_windows() -> None:
    ring = mj.System(mj.Mesh((40, 1, 1), 2e-9, periodic="x"), Ms=8e5)
    m = jnp.zeros((3, 1, 1, 40)).at[2].set(1)
    track = mj.observe.Wall().position
    with pytest.raises(ValueError, match="must not be periodic"):
        follow(ring, m, 1e-12, every=1e-12, track=track)
    with pytest.raises(ValueError, match="`axis` must be"):
        follow(WIRE, m, 1e-12, every=1e-12, track=track, axis="w")  # type: ignore[arg-type]
