import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.energy.coupling import Coupling, CouplingField


def pair_of(bench, coupling, *, periodic="", holes=False):
    """Two different sublattices, with holes in different cells."""
    mesh = bench.mesh(periodic)
    systems = {name: mj.System(mesh, Ms=bench.Ms(holes=holes), regions=bench.regions(mesh)) for name in "ab"}
    if holes:
        systems["b"] = mj.System(mesh, Ms=np.roll(np.asarray(systems["b"].Ms), 1, axis=-1), regions=bench.regions(mesh))
    return mj.Sublattices(systems, coupling=coupling)


def spins_of(bench, system, dtype=np.float64):
    m = bench.rng.normal(size=system.state_shape)
    m /= np.linalg.norm(m, axis=1, keepdims=True)
    if system.occupied is not None:
        m = m * np.asarray(system.occupied.value)[:, None]
    return jnp.asarray(m, dtype)


COUPLINGS = {
    "J": mj.Coupling(J=1e7),
    "A": mj.Coupling(A=-4e-12),
    "D": mj.Coupling(D=(2e5, -1e5, 3e5)),
    "all": mj.Coupling(J={"left": 1e7, "right": -2e7}, A={"left": -4e-12, "right": -2e-12}, D=(0, 0, 1e6)),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "holes", "periodic"),
    [("J", False, ""), ("D", True, ""), ("A", False, "x"), ("A", True, "yz"), ("all", True, "")],
)
def test_field_is_the_gradient_of_the_energy(bench, name, holes, periodic, precision):
    """Cells of three different edges, empty ones on either sublattice, wrapped axes: −δE/δm by autodiff."""
    system = pair_of(bench, COUPLINGS[name], periodic=periodic, holes=holes)
    m = spins_of(bench, system, precision.dtype)

    def total(m):
        return sum(jnp.sum(density) for density in system.energy_density(m).values())

    Ms = system.magnetisation(dtype=precision.dtype)
    expected = np.asarray(-jax.grad(total)(m) / jnp.where(Ms > 0, Ms, 1) * (Ms > 0))
    found = np.asarray(system.field(m))
    assert np.abs(found - expected).max() <= precision.stencil * np.abs(expected).max()


def test_bounds_hold(bench):
    """No state has a larger field, and twice the homogeneous one is the rate of a parallel pair."""
    coupling = mj.Coupling(J=1e7, A=-4e-12, D=(2e5, -1e5, 3e5))
    system = pair_of(bench, coupling)
    field = system.prepare().couplings[0]
    assert isinstance(field, CouplingField)
    for _ in range(3):
        m = spins_of(bench, system)
        for B, bound in zip(field(m[0], m[1]), field.bounds(), strict=True):
            assert np.linalg.norm(B, axis=0).max() <= float(bound)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "couples nothing"),
        ({"J": 1e12}, "must be in J/m³"),
        ({"D": (0, 0, 1e12)}, "`D` must be in J/m³"),
        ({"A": 5.0}, "did you give pJ/m"),
        ({"J": np.nan}, "`J` must be finite"),
    ],
)
def test_what_couples_nothing_or_too_much_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Coupling(**arguments)
