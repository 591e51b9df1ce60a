import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

total_energy = eqx.filter_jit(lambda system, m: system.total_energy(m))
VECTORS = {
    "interfacial": {"x": (0, 1, 0), "y": (-1, 0, 0)},
    "bulk": {"x": (-1, 0, 0), "y": (0, -1, 0), "z": (0, 0, -1)},
    "D2d": {"x": (1, 0, 0), "y": (0, -1, 0)},
}


def _central(m, mesh):
    """∂m/∂x, ∂m/∂y, ∂m/∂z of a periodic field by central differences."""
    return [(np.roll(m, -1, 3 - i) - np.roll(m, 1, 3 - i)) / (2 * d) for i, d in enumerate(mesh.cell_size)]


def _density(kind, m, mesh):
    """w/D as the definitions have it, with central differences: over a period it sums to the energy of the faces."""
    dx, dy, dz = _central(m, mesh)
    if kind == "interfacial":
        divergence = dx[0] + dy[1]
        return m[2] * divergence - (m[0] * dx[2] + m[1] * dy[2])
    if kind == "bulk":
        curl = np.stack([dy[2] - dz[1], dz[0] - dx[2], dx[1] - dy[0]])
        return (m * curl).sum(0)
    x, y = np.eye(3)[0].reshape(3, 1, 1, 1), np.eye(3)[1].reshape(3, 1, 1, 1)
    return (m * (np.cross(dx, x, axis=0) - np.cross(dy, y, axis=0))).sum(0)


@pytest.mark.parametrize("kind", VECTORS)
def test_energy_is_that_of_the_definition(kind, bench):
    system = bench.system(mj.DMI(D=3e-3, kind=kind), periodic="xyz")
    m = bench.spins(system)
    expected = 3e-3 * _density(kind, np.asarray(m), system.mesh).sum() * system.mesh.cell_volume
    assert float(total_energy(system, m)) == pytest.approx(expected, rel=1e-12, abs=0)
    named = bench.system(mj.DMI(D=3e-3, vectors=VECTORS[kind]), periodic="xyz")
    assert float(total_energy(named, m)) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("periodic", ["", "x", "yz"])
def test_energy_is_that_of_explicit_loops(periodic, bench):
    """Σ over pairs of neighbours of D_face v·(m₁ × m₂)/d · V, one pair at a time, with holes and D in the cells."""
    D = bench.rng.uniform(1e-3, 4e-3, (2, 3, 4))
    system = bench.system(mj.DMI(D=D, kind="bulk"), periodic=periodic, holes=True)
    m = bench.spins(system)
    mesh, spins, full = system.mesh, np.asarray(m), np.asarray(system.occupied.value)
    expected = 0.0
    for index in np.ndindex(mesh.shape):
        for axis in range(3):
            there = list(index)
            there[2 - axis] += 1
            if there[2 - axis] == mesh.cells[axis]:
                if "xyz"[axis] not in mesh.periodic:
                    continue
                there[2 - axis] = 0
            if full[index] and full[tuple(there)]:
                a, b = D[index], D[tuple(there)]
                pair = np.cross(spins[(slice(None), *index)], spins[(slice(None), *there)])
                expected -= 2 * a * b / (a + b) * pair[axis] / mesh.cell_size[axis] * mesh.cell_volume
    assert float(total_energy(system, m)) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.slow
def test_free_surfaces_are_those_of_a_cell_beyond_them(bench):
    """The field of exchange and DMI with ghost cells m ∓ d (D/2A) v × m, and no surface anywhere, is the same."""
    A, D, mesh = 1.3e-11, 3e-3, mj.Mesh((6, 1, 1), (2e-9, 3e-9, 2.5e-9))
    terms = mj.Exchange(A=A) + mj.DMI(D=D, kind="interfacial", boundary="free", A=A)
    system = mj.System(mesh, Ms=8e5, energy=terms)
    m = bench.rng.normal(size=(3, 1, 1, 6))
    m /= np.linalg.norm(m, axis=0)
    row = m[:, 0, 0].T
    d, v = 2e-9, np.array([0.0, 1.0, 0.0])
    ghosts = row[0] + d * D / (2 * A) * np.cross(v, row[0]), row[-1] - d * D / (2 * A) * np.cross(v, row[-1])
    longer = np.vstack([ghosts[0], row, ghosts[1]])
    up, here, down = longer[2:], longer[1:-1], longer[:-2]
    expected = 2 * A / d**2 * (up + down - 2 * here) - D / d * np.cross(up - down, v)
    assert np.allclose(system.field(jnp.asarray(m))[:, 0, 0].T, expected / 8e5, rtol=0, atol=1e-13 * 20)


def test_helix_of_bulk_crystals_is_in_equilibrium_on_the_lattice(bench):
    """Where tan(q d) = D d/(2A), exchange and DMI together have the lowest energy of all wave numbers."""
    A, d, n = 1.3e-11, 2e-9, 40
    mesh = mj.Mesh((n, 1, 1), d, periodic="x")
    turn = 2 * np.pi / n
    D = 2 * A / d * np.tan(turn)
    system = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=A) + mj.DMI(D=D, kind="bulk"))

    def energy(handedness, waves):
        texture = mj.textures.helix(mesh, period=n * d / waves, direction="x", handedness=handedness)
        return float(total_energy(system, texture))

    energies = {(h, w): energy(h, w) for h in (1, -1) for w in (1, 2, 3)}
    best = min(energies, key=lambda key: energies[key])
    assert best[1] == 1
    volume = mesh.cell_volume * n
    expected = (2 * A * (1 - np.cos(turn)) / d**2 - D * np.sin(turn) / d) * volume
    assert energies[best] == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize(("boundary", "tolerance"), [("free", 2e-3), ("open", 4e-2)])
def test_edge_of_a_wire_is_tilted(boundary, tolerance):
    """Sin θ = D/(2√(AK)) at the edge of a film with easy normal.

    Layout: a wire of 1 nm cells, 80 nm long, Δ = √(A/K) = 5.7 nm. The outermost spin sits half a cell inside, where the
    tilt has fallen by d/2Δ of it; that is taken into account by following the profile tan(θ/2) ∝ exp(∓x/Δ) to the
    surface. What is left is of order (d/Δ)² for the free condition and d/Δ times a few hundredths for the open one.
    """
    A, K, D = 1.3e-11, 4e5, 2e-3
    mesh = mj.Mesh((80, 1, 1), 1e-9)
    dmi = mj.DMI(D=D, kind="interfacial", boundary=boundary, A=A if boundary == "free" else None)
    energy = mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + dmi
    found = mj.minimize(mj.System(mesh, Ms=8e5, energy=energy), mj.textures.uniform(mesh, (0, 0, 1)))
    assert found.result.succeeded
    outermost = np.abs(np.asarray(found.m)[0, 0, 0, [0, -1]])
    surface = np.sin(2 * np.arctan(np.tan(np.arcsin(outermost) / 2) * np.exp(0.5e-9 / np.sqrt(A / K))))
    assert np.allclose(surface, D / (2 * np.sqrt(A * K)), rtol=tolerance, atol=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"D": 3.0, "kind": "bulk"}, r"Argument `D` must be in J/m², but got 3 J/m²; did you give mJ/m²"),
        ({"D": 3e-3}, r"Argument `kind` must be 'interfacial', 'bulk' or 'D2d'"),
        ({"D": 3e-3, "kind": "Bloch"}, r"Argument `kind` must be .* but got 'Bloch'"),
        ({"D": 3e-3, "kind": "bulk", "vectors": {"x": (0, 0, 1)}}, "one of both"),
        ({"D": 3e-3, "kind": "interfacial", "normal": (0, 0, 0)}, r"Argument `normal` must be a vector with"),
        ({"D": 3e-3, "kind": "interfacial", "normal": "n"}, r"Argument `normal` must be 'x', 'y', 'z'"),
        ({"D": 3e-3, "kind": "bulk", "boundary": "closed"}, r"Argument `boundary` must be"),
        ({"D": 3e-3, "kind": "bulk", "boundary": "free"}, r"Argument `A` must be given, in J/m"),
        ({"D": 3e-3, "kind": "bulk", "normal": "z"}, r"Argument `normal` must be left out of kind='bulk', which"),
        ({"D": 3e-3, "kind": "D2d", "normal": (0, 1, 0)}, r"Argument `normal` must be left out of kind='D2d'"),
        ({"D": 3e-3, "vectors": {"x": (0, 0, 1)}, "normal": "x"}, r"Argument `normal` must be left out of `vectors`"),
        ({"D": 3e-3, "kind": "bulk", "A": 1e-11}, r"Argument `A` must be left out where `boundary` is 'open'"),
        ({"D": 3e-3, "vectors": {"w": (0, 0, 1)}}, r"Argument `vectors` must hold three numbers"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.DMI(**arguments)
