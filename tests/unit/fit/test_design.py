"""The verb `design` on problems whose answers are known, and on what cannot work."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import fit


def test_conditions_are_met_exactly_and_bounds_kept(tmp_path) -> None:
    """The point of a plane nearest to the origin, (1, 1, 1)/3; with x ≤ 0.2 the others share the rest."""
    goal = lambda m: (jnp.sum(m["x"] ** 2), jnp.sum(m["x"]) - 1)  # noqa: E731
    found = fit.design({"x": np.array([1.0, 0.5, 0.1])}, goal, "x")
    assert isinstance(found, fit.Design)
    assert np.allclose(found.values["x"], 1 / 3, atol=1e-8)
    assert found.violation < 1e-10
    goal = lambda m: (m["x"] ** 2 + m["y"] ** 2, m["x"] + m["y"] - 1)  # noqa: E731
    bounded = fit.design({"x": 0.1, "y": 0.1}, goal, [fit.Parameter("x", bounds=(-1, 0.2)), "y"], mode="reverse")
    assert bounded.values == pytest.approx({"x": 0.2, "y": 0.8}, rel=1e-6, abs=0)
    bounded.save(tmp_path / "design.json")
    assert json.loads((tmp_path / "design.json").read_text())["values"]["x"] == bounded.values["x"]
    assert "conditions met to" in str(bounded)


def test_priors_are_added_and_partial_results_are_kept() -> None:
    found = fit.design({"x": 0.0}, lambda m: (m["x"] - 3) ** 2, fit.Parameter("x", prior=(1.0, 1.0), scale=1.0))
    assert found.values["x"] == pytest.approx(2.0, rel=1e-6, abs=0)
    valley = lambda m: (1 - m["x"]) ** 2 + 100 * (m["y"] - m["x"] ** 2) ** 2  # noqa: E731
    some = fit.design({"x": -1.0, "y": 1.0}, valley, ["x", "y"], max_steps=5)
    assert some.result is mj.Outcome.MAX_STEPS
    assert some.cost < some.start_cost
    assert "not finished" in str(some)
    rest = fit.design(some.model, valley, ["x", "y"], tolerance=1e-14)
    assert rest.values == pytest.approx({"x": 1.0, "y": 1.0}, rel=1e-4, abs=0)

    def interrupted(line):
        raise KeyboardInterrupt

    stopped = fit.design({"x": -1.0, "y": 1.0}, valley, ["x", "y"], progress=interrupted)
    assert stopped.result is mj.Outcome.INTERRUPTED
    assert stopped.cost < stopped.start_cost


def test_what_cannot_work_is_named() -> None:
    with pytest.raises(ValueError, match="`goal` must be a number at the start"):
        fit.design({"x": -1.0}, lambda m: jnp.log(m["x"]), "x")
    with pytest.raises(ValueError, match="must return one number as the cost"):
        fit.design({"x": 1.0}, lambda m: jnp.stack([m["x"], m["x"]]), "x")
    spin = mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5)
    up = mj.textures.uniform(spin.mesh, (0, 0, 1))
    with pytest.raises(ValueError, match="one of reverse here"):
        fit.design(spin, fit.Evolution(up, 1e-12, adjoint="checkpointed"), "alpha", mode="forward")
    with pytest.raises(ValueError, match="`target` must be a unit vector"):
        fit.optimal_reversal(spin, up, 1e-9, target=(0, 0, -2.0))
    with pytest.raises(ValueError, match="`knots` must be 3"):
        fit.optimal_reversal(spin, up, 1e-9, knots=2)
    with pytest.raises(ValueError, match="shape \\(3, knots\\)"):
        fit.Pulse(spin, 1e-9, np.zeros((2, 5)))
