import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

total_energy = eqx.filter_jit(lambda system, m: system.total_energy(m))


@pytest.mark.parametrize(("axis", "layers"), [("z", (0, 1)), ("x", (3, 1)), ("y", (0, 2))])
def test_energy_is_that_of_explicit_loops(axis, layers, bench):
    J1, J2 = -1e-3, bench.rng.uniform(-1e-3, 1e-3, (2, 3, 4))
    system = bench.system(mj.InterlayerExchange(J1, J2, layers=layers, axis=axis), holes=True)
    m, full = np.asarray(bench.spins(system)), np.asarray(system.occupied.value)
    k = {"z": 0, "y": 1, "x": 2}[axis]
    area = system.mesh.cell_volume / system.mesh.cell_size["xyz".index(axis)]
    expected = 0.0
    for index in np.ndindex(system.mesh.shape):
        if index[k] != layers[0]:
            continue
        other = tuple(layers[1] if i == k else n for i, n in enumerate(index))
        if full[index] and full[other]:
            along = m[(slice(None), *index)] @ m[(slice(None), *other)]
            expected -= (J1 * along + J2[index] * along**2) * area
    assert float(total_energy(system, jnp.asarray(m))) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize(("J1", "J2", "angle"), [(1e-3, 0.0, 0.0), (-1e-3, 0.0, 180.0), (0.0, -1e-3, 90.0)])
def test_layers_find_their_angle(J1, J2, angle, bench):
    """Parallel, antiparallel, and at right angles; with both, cos θ = −J1/(2 J2) in between."""
    mesh = mj.Mesh((1, 1, 3), (5e-9, 4e-9, 3e-9))
    stack = mj.shapes.layer(3e-9, 6e-9, axis="z")
    for more, expected in ((0.0, angle), (0.5e-3, None)):
        if expected is None and J2 == 0:
            continue
        energy = mj.InterlayerExchange(J1 + more, J2, layers=(0, 2))
        system = mj.System(mesh, Ms=8e5, energy=energy, shape=~stack)
        m0 = np.zeros((3, 3, 1, 1))
        m0[:, 0, 0, 0], m0[:, 2, 0, 0] = (1, 0, 0), (0.3, 0.8, 0.1)
        m = np.asarray(mj.minimize(system, jnp.asarray(m0)).m)
        found = np.degrees(np.arccos(np.clip(m[:, 0, 0, 0] @ m[:, 2, 0, 0], -1, 1)))
        wanted = expected if expected is not None else np.degrees(np.arccos(-(J1 + more) / (2 * J2)))
        assert found == pytest.approx(wanted, abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"J1": 2.0, "layers": (0, 1)}, r"Argument `J1` must be in J/m², but got 2 J/m²"),
        ({"J1": 1e-3, "layers": (1, 1)}, r"Argument `layers` must hold two different numbers"),
        ({"J1": 1e-3, "layers": (-1, 1)}, r"Argument `layers` must hold two different numbers"),
        ({"J1": 1e-3, "layers": (0, 1), "axis": "w"}, r"Argument `axis` must be"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.InterlayerExchange(**arguments)


def test_layers_that_are_not_there(bench):
    system = bench.system(mj.InterlayerExchange(1e-3, layers=(0, 2)))
    with pytest.raises(ValueError, match="must be below the 2 layers of cells along z, but got"):
        system.field(bench.spins(system))
