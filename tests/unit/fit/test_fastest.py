import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import fit

MESH = mj.Mesh((1, 1, 1), 5e-9)
SPIN = mj.System(MESH, Ms=1e6, alpha=0.1)
UP = mj.textures.uniform(MESH, (0, 0, 1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strength": 0.0}, "`strength` must be > 0, in T, but got 0.0"),
        ({"knots": 2}, "`knots` must be 3 or more, but got 2"),
        ({"target": (0, 0, -2)}, "`target` must be a unit vector"),
        ({"spin": SPIN + mj.Zeeman(B=mj.drive.sin(frequency=1e9) * (0, 0, 0.1))}, "`spin` must not depend on time"),
    ],
)
def test_refuses(changes, message) -> None:
    arguments = {"spin": SPIN, "m0": UP, "strength": 0.1} | changes
    with pytest.raises(ValueError, match=message):
        fit.fastest_reversal(**arguments)


def test_the_field_has_its_strength_whatever_the_length_of_its_direction() -> None:
    field = fit.TurningField(SPIN, 0.02, 1e-9, [[1.0, 3.0, 0.1], [0.0, 1.0, 2.0], [0.5, 0.0, 1.0]])
    for t in (0.0, 0.3e-9, 1e-9):
        assert float(jnp.linalg.norm(field.B(t))) == pytest.approx(0.02, rel=1e-9, abs=0)
    with pytest.raises(ValueError, match=r"must have the shape \(3, knots\)"):
        fit.TurningField(SPIN, 0.02, 1e-9, [[1.0, 1.0]])


@pytest.mark.slow
def test_another_time_is_the_same_motion() -> None:
    """Precession, damping and field run so much faster: ⟨m⟩ ends where it did."""
    spin = SPIN + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1))
    field = fit.TurningField(spin, 0.1, 0.2e-9, [[1.0, 0.2, -1.0], [0.0, 1.0, 0.5], [0.0, 0.3, 0.0]])
    tilted = mj.textures.uniform(MESH, (0.3, 0, 1))
    ends = [
        mj.evolve(system, tilted, duration, tolerance=1e-9).average[-1]
        for system, duration in ((field.system, 0.2e-9), (field.within(jnp.asarray(0.5e-9)), 0.5e-9))
    ]
    np.testing.assert_allclose(ends[0], ends[1], rtol=0, atol=1e-7)
