import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.observe import average, average_of, energies, max_angle, max_torque, neel_vector, net_moment

MESH = mj.Mesh((3, 2, 1), 5e-9)
A, B = mj.System(MESH, Ms=4e5), mj.System(MESH, Ms=3e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
PAIR = mj.Sublattices({"a": A, "b": B}, coupling=mj.Coupling(J=1e7))


@pytest.mark.slow
def test_moments(rng):
    m = rng.normal(size=PAIR.state_shape)
    m = jnp.asarray(m / np.linalg.norm(m, axis=1, keepdims=True))
    first, second = (np.asarray(x).mean(axis=(1, 2, 3)) for x in m)
    np.testing.assert_allclose(neel_vector(0.0, m, PAIR), (first - second) / 2, atol=1e-15)
    np.testing.assert_allclose(average_of("b")(0.0, m, PAIR), second, atol=1e-15)
    volume = MESH.n_cells * MESH.cell_volume
    expected = (4e5 * first + 3e5 * second) * volume
    np.testing.assert_allclose(net_moment(0.0, m, PAIR), expected, atol=1e-13 * 7e5 * volume)
    np.testing.assert_allclose(average(0.0, m, PAIR) * 7e5 * volume, expected, atol=1e-13 * 7e5 * volume)
    np.testing.assert_allclose(net_moment(0.0, m[0], A), 4e5 * first * volume, atol=1e-13 * 7e5 * volume)
    found = energies(0.0, m, PAIR)
    assert float(found["total"]) == pytest.approx(float(PAIR.total_energy(m)), rel=1e-14, abs=0)
    assert float(max_torque(0.0, m, PAIR)) > 0
    assert float(max_angle(0.0, m, PAIR)) > 1


def test_what_has_no_neel_vector():
    three = mj.Sublattices({"a": A, "b": B, "c": A})
    with pytest.raises(ValueError, match=r"two sublattices to have a Néel vector, but got \['a', 'b', 'c'\]"):
        neel_vector(0.0, jnp.zeros(three.state_shape), three)
    with pytest.raises(KeyError, match="sublattices"):
        average_of("c")(0.0, jnp.zeros(PAIR.state_shape), PAIR)
