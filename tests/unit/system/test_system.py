import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.material.gradient import parameters
from magjax.system import Prepared

MESH = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
LEFT = np.broadcast_to(np.arange(4) < 2, MESH.shape)
REGIONS = mj.Regions(MESH, {"left": LEFT, "right": ~LEFT})
EXCHANGE = mj.Exchange(A=1.3e-11)


def film(**changes):
    return mj.System(MESH, **{"Ms": 8e5, "alpha": 0.02, "energy": EXCHANGE, **changes})


@pytest.fixture
def m(rng):
    m = rng.normal(size=(3, *MESH.shape))
    return jnp.asarray(m / np.linalg.norm(m, axis=0))


# -------------------------------------------------------------------------------------------------------- composition
def test_terms_are_added_and_found_by_name():
    system = film() + mj.Zeeman(B=(0, 0, 1)) + mj.Zeeman(B=(0, 1, 0))
    assert system.names == ("exchange", "zeeman", "zeeman_2")
    assert float(system["zeeman_2"].B[1]) == 1
    assert film().names == ("exchange",)
    assert mj.System(MESH, Ms=8e5).names == ()
    with pytest.raises(KeyError, match=r"terms \['exchange', 'zeeman', 'zeeman_2'\], but got 'demag'"):
        system["demag"]
    with pytest.raises(TypeError):
        system + 1


@pytest.mark.slow
def test_a_system_without_energy_stays(m):
    system = mj.System(MESH, Ms=8e5)
    assert float(system.total_energy(m)) == 0
    assert np.all(np.asarray(system.field(m)) == 0)
    np.testing.assert_allclose(mj.evolve(system, m, 1e-12, adjoint="forward").m, m, atol=1e-15)


@pytest.mark.slow
def test_fields_and_energies_by_name_sum_to_the_whole(m):
    system = film(regions=REGIONS) + mj.Zeeman(B={"left": (0, 0, 1.0), "right": (0, 0.5, 0)})
    np.testing.assert_allclose(sum(system.fields(m).values()), system.field(m), rtol=1e-14, atol=1e-14)
    assert float(sum(system.energies(m).values())) == pytest.approx(float(system.total_energy(m)), rel=1e-14, abs=0)
    for name, density in system.energy_density(m).items():
        total = float(jnp.sum(density) * MESH.cell_volume)
        assert total == pytest.approx(float(system.energies(m)[name]), rel=1e-14, abs=0)


@pytest.mark.slow
def test_prepared_field_is_the_field(m):
    drive = mj.drive.gaussian(t0=1e-12, width=1e-12)
    system = film() + mj.Zeeman(B=drive * (0, 0, 0.3)) + mj.UniaxialAnisotropy(K=drive * 1e5, axis=(1, 0, 0))
    for t0, t in ((0.0, 1.5e-12), (1e-12, 0.5e-12)):
        found = system.prepare(m.dtype).starting_at(t0).field(t, m)
        np.testing.assert_allclose(found, system.field(m, t0 + t), rtol=1e-12, atol=1e-15)
    assert isinstance(system.prepare(jnp.float32), Prepared)
    assert system.prepare(jnp.float32).field(0.0, m.astype(jnp.float32)).dtype == np.float32


def test_average_is_weighted_with_the_magnetisation(m, rng):
    Ms = rng.uniform(0, 1e6, MESH.shape)
    Ms[0, 0, 0] = 0
    expected = [np.average(np.asarray(c), weights=Ms) for c in m]
    np.testing.assert_allclose(film(Ms=Ms).average(m), expected, rtol=1e-13)
    np.testing.assert_allclose(film().average(m), np.mean(m, axis=(1, 2, 3)), rtol=1e-13)


# ---------------------------------------------------------------------------------------------------------- parameters
@pytest.mark.slow
@pytest.mark.parametrize(
    "Ms",
    [
        np.where(LEFT, 4e5, 8e5),
        {"left": 4e5, "right": 8e5},
        lambda x, y, z: jnp.where(x < 4e-9, 4e5, 8e5),
        mj.drive.constant(1.0) * np.where(LEFT, 4e5, 8e5),
    ],
    ids=["cells", "regions", "function", "drive"],
)
def test_a_parameter_may_be_given_in_many_ways(Ms, m):
    system = film(Ms=Ms, alpha={"left": 0.1, "right": 0.2}, regions=REGIONS) + mj.Zeeman(B=(0, 0, 1.0))
    sample = system.sample()
    np.testing.assert_array_equal(sample.Ms, np.where(LEFT, 4e5, 8e5))
    np.testing.assert_array_equal(sample.value(system.alpha), np.where(LEFT, 0.1, 0.2))
    expected = -float(np.sum(np.where(LEFT, 4e5, 8e5) * np.asarray(m[2])) * MESH.cell_volume)
    assert float(system.energies(m)["zeeman"]) == pytest.approx(expected, rel=1e-13, abs=0)


def test_empty_cells_come_from_the_magnetisation_the_regions_and_the_shape():
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 0, 0] = 0
    assert int(film(Ms=Ms).occupied.value.sum()) == 23
    np.testing.assert_array_equal(film(Ms={"left": 0, "right": 8e5}, regions=REGIONS).occupied.value, ~LEFT)
    shape = mj.shapes.cuboid((3.9e-9, 1e-7, 1e-7), center=(2e-9, 0, 0))
    np.testing.assert_array_equal(film(shape=shape).occupied.value, LEFT)
    assert film().occupied is None
    assert np.all(np.asarray(film(shape=shape).sample().Ms)[~LEFT] == 0)


@pytest.mark.slow
def test_alpha_and_gamma_may_be_driven():
    """Damping that is switched on at 1 ps: before, m_z stays; after, it rises."""
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    rise = mj.drive.gaussian(t0=10e-12, width=2e-12)
    system = mj.System(mesh, Ms=8e5, alpha=0.5 * rise, energy=mj.Zeeman(B=(0, 0, 1.0)))
    run = mj.evolve(system, mj.textures.uniform(mesh, (1, 0, 0)), 14e-12, save_every=2e-12, adjoint="forward")
    m_z = np.asarray(run.average[:, 2])
    assert abs(m_z[0]) < 1e-4
    assert m_z[-1] > 0.2


# ------------------------------------------------------------------------------------------------------------- pytrees
@pytest.mark.slow
def test_numbers_are_leaves_and_derived_data_are_not():
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 0, 0] = 0
    system = film(Ms=Ms) + mj.Zeeman(B=(0, 0, 1.0))
    wanted = jax.tree_util.tree_leaves(parameters(system))
    assert sum(wanted) == 5  # Ms, alpha, gamma, A, B
    assert len(wanted) == 6  # and the mask
    slope = mj.grad(lambda s: s.total_energy(mj.textures.uniform(MESH, (0, 0, 1))))(system)
    assert slope.occupied.value is None
    assert slope.Ms.shape == MESH.shape
    assert "occupied  unknown" in repr(slope)


def test_a_leaf_can_be_replaced(m):
    stiff = eqx.tree_at(lambda s: s["exchange"].A, film(), 2.6e-11)
    assert float(stiff.total_energy(m)) == pytest.approx(2 * float(film().total_energy(m)), rel=1e-13, abs=0)


def test_systems_pass_through_jit_and_vmap(m):
    alone = [film(Ms=Ms) + mj.Zeeman(B=(0, 0, 0.5)) for Ms in (4e5, 8e5)]
    batch = jax.tree_util.tree_map(lambda *x: jnp.stack(x), *alone)
    energies = jax.jit(jax.vmap(lambda s: s.total_energy(m)))(batch)
    np.testing.assert_allclose(energies, [float(s.total_energy(m)) for s in alone], rtol=1e-13)


def test_value_and_grad_with_something_beside_the_value(m):
    (value, extra), slope = mj.value_and_grad(lambda s: (s.total_energy(m), "extra"), has_aux=True)(film())
    assert extra == "extra"
    assert float(slope["exchange"].A) * 1.3e-11 == pytest.approx(float(value), rel=1e-12, abs=0)  # linear in A
    slope, extra = mj.grad(lambda s: (s.total_energy(m), "extra"), has_aux=True)(film())
    assert extra == "extra"


@pytest.mark.slow
def test_systems_are_made_inside_compiled_programs(m):
    """Also from arrays that were there before: checks look at their numbers without becoming part of the program."""
    B, Ms = jnp.asarray([0.0, 0.0, 0.5]), jnp.full(MESH.shape, 8e5)

    def energy(scale):
        return (film(Ms=Ms, alpha=scale) + mj.Zeeman(B=B) + mj.Exchange(A=scale * 1e-11)).total_energy(m)

    assert float(jax.jit(energy)(2.0)) == pytest.approx(float(energy(2.0)), rel=1e-13, abs=0)


def test_empty_cells_are_found_while_a_program_is_compiled(m):
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 0, 0] = 0

    def field(A):
        return film(Ms=Ms, energy=mj.Exchange(A=A)).field(m)

    np.testing.assert_allclose(jax.jit(field)(1e-11), field(1e-11), rtol=1e-13)
    assert np.all(np.isfinite(field(1e-11)))


# --------------------------------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Ms": -8e5}, "`Ms` must be ≥ 0, but got -800000.0"),
        ({"Ms": 0.8}, r"`Ms` must be in A/m, but got 0.8 A/m; did you give it in T or MA/m\?"),
        ({"Ms": 1e300}, r"`Ms` must be in A/m, but got 1e\+300 A/m, .* was it scaled to A/m twice\?"),
        ({"Ms": 0.0}, "at least one magnetic cell"),
        ({"Ms": np.nan}, "`Ms` must be finite"),
        ({"Ms": np.array([8e5, -1.0])}, "`Ms` must be ≥ 0"),
        ({"Ms": {"left": -1, "right": 8e5}, "regions": REGIONS}, r"`Ms\['left'\]` must be ≥ 0"),
        ({"alpha": -0.01}, "`alpha` must be ≥ 0, but got -0.01; negative damping"),
        ({"gamma": -1.76e11}, r"takes \|γ\|"),
        ({"Ms": {"left": 8e5}}, "has no regions"),
        ({"Ms": np.ones((4, 3, 2)) * 8e5}, r"\(nz, ny, nx\) = \(2, 3, 4\)"),
        ({"shape": mj.shapes.cuboid((1e-9, 1e-9, 1e-9), center=(1e-3, 0, 0))}, "cell"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        film(**changes)


def test_a_mesh_is_needed():
    with pytest.raises(TypeError, match="`mesh` must be a `Mesh`, but got tuple"):
        mj.System((4, 3, 2), Ms=8e5)


def test_terms_made_for_another_mesh_are_refused():
    class Kernel(mj.EnergyTerm):
        mesh: mj.Mesh

        def energy_density(self, m, sample):
            return 0 * m[0]

    film(energy=Kernel(MESH))
    with pytest.raises(ValueError, match="its term `kernel` was made for"):
        film() + Kernel(mj.Mesh((2, 2, 2), 1e-9))
    with pytest.raises(ValueError, match="must fit the system's mesh"):
        film(energy=Kernel(mj.Mesh((2, 2, 2), 1e-9)))
    # Where the mesh lies makes no difference to what was computed for its cells.
    film(energy=Kernel(mj.Mesh(MESH.cells, MESH.cell_size, origin=(1e-9, 0, 0))))


def test_a_system_tells_what_it_is_made_of():
    pulse = mj.drive.gaussian(t0=1e-12, width=1e-12)
    shape = mj.shapes.cuboid((3.9e-9, 1e-7, 1e-7), center=(2e-9, 0, 0))
    system = film(Ms={"left": 8e5, "right": 4e5}, regions=REGIONS, shape=shape, gamma=2.0e11)
    system = system + mj.Demag(MESH) + mj.Zeeman(B=pulse * (0, 0, 0.5)) + mj.UniaxialAnisotropy(K=5e5, axis=(0, 0, 1))
    assert str(system).splitlines() == [
        "System of 4×3×2 cells of 2e-09 × 3e-09 × 2.5e-09 m",
        "  Ms                   left: 800000 A/m, right: 400000 A/m",
        "  alpha                0.02",
        "  gamma                2e+11 rad/(s·T)",
        "  occupied             12 of 24 cells",
        "  regions              left, right",
        "  exchange             A = 1.3e-11 J/m",
        "  demag                images = (0, 0, 0), engine = auto",
        "  zeeman               B = [0, 0, 0.5] * gaussian(t0=1e-12, width=1e-12) T",
        "  uniaxial_anisotropy  K = 500000 J/m³, axis = (0, 0, 1)",
    ]
    periodic = mj.System(mj.Mesh((4, 4), 1e-9, periodic="xy"), Ms=8e5)
    assert str(periodic).splitlines()[0].endswith("m, periodic along xy")
    assert jax.eval_shape(lambda a: [str(film(alpha=a))] and a, 0.1).shape == ()


def test_derived_data_are_not_printed():
    assert "kernel=<derived float64[4,1,5,5]>" in repr(mj.Demag(mj.Mesh((4, 4), 1e-9)))


def test_gamma_in_units_of_h_is_named() -> None:
    """γ0 in m/(A·s) is the likeliest slip: 2.211e5 instead of 1.76e11."""
    with pytest.raises(ValueError, match="did you give γ0"):
        mj.System(mj.Mesh((2, 1, 1), 5e-9), Ms=8e5, gamma=2.211e5)


def test_a_function_of_position_must_not_be_negative():
    """It would otherwise pass for an empty cell."""
    with pytest.raises(ValueError, match="`Ms` must be ≥ 0"):
        mj.System(mj.Mesh((4, 1, 1), 5e-9), Ms=lambda x, y, z: 1e14 * (x - 10e-9))


@pytest.mark.parametrize("name", ["Ms", "alpha", "gamma"])
def test_functions_of_position_may_not_be_negative(name):
    """They are numbers only on a mesh, so that the system is the first to see them."""
    with pytest.raises(ValueError, match=f"Argument `{name}` must be ≥ 0, but its function of position falls to -"):
        film(**{name: lambda x, y, z: 1e12 * (x - 4e-9) + 0 * y})


@pytest.mark.slow
def test_cells_whose_Ms_was_replaced_by_zero_are_empty():
    """A mask made for other numbers must not leave 1/0 behind, nor a neighbour that is not there."""
    given = np.full(MESH.shape, 8e5)
    full = film(Ms=given)
    given[LEFT] = 0
    replaced, made = eqx.tree_at(lambda s: s.Ms, full, jnp.asarray(given)), film(Ms=given)
    m = mj.textures.random(MESH, 1) * jnp.asarray(given > 0)[None]
    np.testing.assert_array_equal(replaced.field(m), made.field(m))
    assert float(replaced.total_energy(m)) == float(made.total_energy(m))
    none = eqx.tree_at(lambda s: s.Ms, film(), jnp.zeros(()))
    assert np.all(np.isfinite(none.field(m)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"energy": "exchange"}, r"`energy` must be an energy, such as `mj.Exchange\(A=1.3e-11\)`, .* got 'exchange'"),
        ({"energy": mj.Exchange}, "`energy` must be an energy, .* got the class `Exchange`"),
        ({"energy": [mj.Exchange(A=1e-11)]}, r"`energy` must be an energy, .* or several joined by `\+`"),
        ({"regions": {"a": mj.shapes.sphere(radius=2e-9)}}, r"`regions` must be `mj.Regions\(mesh, .* but got dict"),
    ],
)
def test_what_is_no_part_of_a_system_is_refused(changes, message):
    with pytest.raises(TypeError, match=message):
        mj.System(mj.Mesh((2, 1, 1), 5e-9), Ms=8e5, **changes)
