"""Ensembles: whose noise a member gets, what a chunk may change, what happens to a bad member, what is refused."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.batch.picture import plot_variable

MESH = mj.Mesh((1, 1, 1), 5e-9)
PARTICLE = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
UP = mj.textures.uniform(MESH, "z", dtype=jnp.float32)
SHORT = {"dynamics": mj.Langevin(T=300.0, seed=3), "dt": 1e-13, "save_every": 1e-12, "progress": False}


def noisy(**options):
    """Seventy members for 4 ps."""
    given = {"replicas": 35, "over": {"T": [30.0, 300.0]}, "statistics": STATISTICS, **SHORT, **options}
    return mj.ensemble(PARTICLE, UP, 4e-12, **given)


STATISTICS = {"m": mj.batch.Mean("m"), "course": mj.batch.Course("m_z"), "counts": mj.batch.Histogram("m_z", bins=8)}


@pytest.fixture(scope="module")
def whole():
    """All members in one chunk."""
    return noisy()


def same(a, b):
    """Whether everything in two datasets agrees to the last bit."""
    a, b = a.to_xarray(), b.to_xarray()
    return all(a[name].equals(b[name]) for name in a.data_vars)


@pytest.mark.slow
def test_no_bit_depends_on_chunks(whole):
    """64 members at a time, the last chunk nearly empty, and the sums of whole numbers with them."""
    parts = noisy(chunk=64)
    assert parts.metadata["chunks"] == 2
    assert same(whole, parts)


@pytest.mark.slow
def test_a_member_is_the_run_of_its_number(whole):
    """Member 40 is replica 5 of the second point: the noise of replica 40 of the same seed."""
    alone = mj.evolve(PARTICLE, UP, 4e-12, dynamics=mj.Langevin(T=300.0, seed=3, replica=40), dt=1e-13)
    # Another program, whose sums are rounded in another order, over 40 steps.
    np.testing.assert_allclose(np.asarray(alone.m), whole.m[1, 5], atol=2e-6)
    assert whole.to_xarray().m_end.dims == ("T", "replica", "component")


@pytest.mark.slow
def test_mapped_members_depend_on_no_chunk_either():
    """The other layout, with exchange between two cells: chunks of 32 and of all."""
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    pair = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Exchange(A=1e-11) + mj.Zeeman(B=(0, 0, 1.0)))
    start = mj.textures.uniform(mesh, "z", dtype=jnp.float32)
    found = [mj.ensemble(pair, start, 1e-12, replicas=40, chunk=chunk, **SHORT) for chunk in (None, 32)]
    assert found[0].metadata["layout"] == "vmap"
    assert np.array_equal(found[0].m, found[1].m)
    assert found[0].to_xarray().spins_end.dims == ("replica", "component", "z", "y", "x")


class Fragile(mj.EnergyTerm):
    """An energy that is no number above K = 0.5."""

    K: jax.Array

    def energy_density(self, m, sample):
        """√(½ − K) m_z²."""
        return jnp.sqrt(0.5 - sample.value(self.K)) * m[2] ** 2


@pytest.mark.parametrize("layout", ["state", "vmap"])
@pytest.mark.parametrize(
    "options",
    [pytest.param({}, marks=pytest.mark.slow), {"dynamics": mj.Langevin(T=300.0), "dt": 1e-13}],
    ids=["LLG", "Langevin"],
)
def test_a_member_that_fails_is_named_and_the_others_finish(layout, options):
    """In either layout, with and without noise."""
    bad = PARTICLE + Fragile(K=mj.parameter(0.0))
    over = {"fragile.K": [0.1, 0.6, 0.2]}
    found = mj.ensemble(bad, UP, 1e-12, over=over, layout=layout, save_every=5e-13, progress=False, **options)
    assert found.failed == [{"fragile.K": 0.6, "replica": 0, "outcome": "NOT_FINITE"}]
    assert found.result is mj.Outcome.NOT_FINITE
    assert "fragile.K = 0.6" in str(found)
    assert np.isfinite(found.average[[0, 2]]).all()
    assert np.isnan(found.average[1]).all()
    assert np.isnan(found.to_xarray().m.values[1]).all()


@pytest.mark.slow
def test_resume_computes_what_is_missing_or_damaged(tmp_path, whole, monkeypatch):
    """A chunk file cut in half, as by a power cut, is computed again; whole ones are read back."""
    out = tmp_path / "run"
    noisy(out=out, chunk=64)
    first, second = sorted(out.glob("chunk_*.ckpt"))
    second.write_bytes(second.read_bytes()[: second.stat().st_size // 2])
    kept = first.stat().st_mtime_ns
    assert same(noisy(out=out, chunk=64, resume=True), whole)
    assert first.stat().st_mtime_ns == kept
    assert (out / "data.nc").is_file()
    with pytest.raises(ValueError, match="differ in dynamics"):
        noisy(out=out, chunk=64, resume=True, dynamics=mj.Langevin(T=300.0, seed=4))
    with pytest.raises(FileExistsError, match="resume=True"):
        noisy(out=out)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="no ensemble"):
        noisy(out=tmp_path / "other")
    with pytest.raises(FileExistsError, match="is a file"):
        noisy(out=tmp_path / "other" / "letter.txt")


def test_devices_change_no_bit(tmp_path, whole):
    """Four virtual devices in a process of its own, each with a quarter of the members."""
    program = f"""
        import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r})
        import jax, numpy as np, jax.numpy as jnp, magjax as mj
        assert jax.device_count() == 4
        mesh = mj.Mesh((1, 1, 1), 5e-9)
        particle = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
        start = mj.textures.uniform(mesh, "z", dtype=jnp.float32)
        found = mj.ensemble(
            particle, start, 4e-12, replicas=35, over={{"T": [30.0, 300.0]}},
            dynamics=mj.Langevin(T=300.0, seed=3), dt=1e-13, save_every=1e-12, progress=False,
            statistics={{"course": mj.batch.Course("m_z"), "counts": mj.batch.Histogram("m_z", bins=8)}})
        found.save({str(tmp_path / "four.nc")!r})
        """
    environment = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_ENABLE_X64": "1", "PATH": ""}
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, env=environment, cwd=tmp_path)
    from magjax.io import netcdf

    four, one = netcdf.read(tmp_path / "four.nc"), whole.to_xarray()
    assert all(np.array_equal(four[name], one[name]) for name in four.data_vars)


@pytest.mark.slow
def test_controlled_steps_agree_in_all_layouts():
    """A spin about a field, damped: m_z = tanh(αγBt/(1+α²)) from m_z = 0, whatever divides the members.

    Ten dampings over two decades, sorted by stiffness, share steps or have their own; the tolerance of a step is 1e-5
    and 40 steps add up to at most a few of them.
    """
    alphas = np.geomspace(0.01, 1.0, 10)
    spin = mj.System(MESH, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    rate = alphas / (1 + alphas**2) * mj.constants.GAMMA
    for layout in ("state", "vmap", "chunks"):
        found = mj.ensemble(
            spin, mj.textures.uniform(MESH, "x"), 20e-12, over={"alpha": alphas}, layout=layout, progress=False
        )
        np.testing.assert_allclose(found.average[:, 0, 2], np.tanh(rate * 20e-12), atol=1e-4)
    by_field = mj.ensemble(
        spin, mj.textures.uniform(MESH, "x"), 1e-12, over={"zeeman.B": [(0, 0, 0.01 * 4**i) for i in range(5)]},
        layout="chunks", chunk=64, progress=False)  # fmt: skip
    assert list(by_field.to_xarray()["zeeman.B_z"].values[:2]) == [0.01, 0.04]


@pytest.mark.slow
def test_starts_of_their_own():
    """One for each replica, and directions as an axis; neither with noise."""
    spin = mj.System(MESH, Ms=8e5, alpha=0.1)
    starts = np.random.default_rng(1).normal(size=(3, 3, 1, 1, 1))
    found = mj.ensemble(spin, starts, 1e-12, replicas=3, progress=False)
    unit = starts / np.linalg.norm(starts, axis=1, keepdims=True)
    np.testing.assert_allclose(found.m, unit, atol=1e-12)
    turned = mj.ensemble(spin, UP, 1e-12, over={"m0": [(0, 0, 2.0), (0, 1.0, 0)]}, progress=False)
    np.testing.assert_allclose(turned.average[:, 0], [(0, 0, 1), (0, 1, 0)], atol=1e-7)


@pytest.mark.slow
def test_sublattices_have_names_for_everything():
    """Parameters of one sublattice and of a coupling vary like any other."""
    one = mj.System(MESH, Ms=4e5, alpha=0.1, energy=mj.UniaxialAnisotropy(K=2e5, axis=(0, 0, 1)))
    pair = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=1e6))
    start = mj.textures.antiparallel(mj.textures.uniform(MESH, (1, 0, 1)))
    over = {"a.uniaxial_anisotropy.K": [1e5, 2e5], "coupling_a_b.J": [1e6, 2e6, 3e6]}
    found = mj.ensemble(pair, start, 1e-13, over=over, progress=False)
    assert found.m.shape == (2, 3, 1, 2, 3, 1, 1, 1)
    assert len({float(x) for x in found.m[..., 0, 2, 0, 0, 0].ravel()}) == 6


@pytest.mark.slow
def test_a_long_step_is_told_once():
    """With the right one."""
    with pytest.warns(UserWarning, match="Use dt ≤") as caught:
        mj.ensemble(PARTICLE, UP, 1e-11, replicas=2, dynamics=mj.Langevin(T=300.0), dt=5e-12, progress=False)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"over": {"apha": [0.1]}}, "did you mean 'alpha'"),
        ({"over": {"B": [(0, 0, 1.0)]}}, "did you mean 'zeeman.B'"),
        ({"over": {"alpha": []}}, "axis of length zero"),
        ({"over": {"alpha": [-0.1]}}, "negative damping"),
        ({"over": {"Ms": [8e5, 0.0]}}, "did you give it in T or MA/m"),
        ({"over": {"gamma": [2.2e5]}}, "did you give γ0"),
        ({"over": {"alpha": [np.nan]}}, "must be finite"),
        ({"over": {"alpha": [(0, 0, 1.0)]}}, r"numbers \(n,\)"),
        ({"over": {"zeeman.B": [0.1]}}, r"vectors \(n, 3\)"),
        ({"over": {"zeeman.B": [(0, 0, 1e4)]}}, "did you give mT"),
        ({"over": {"alpha": [0.1], "T": [1.0, 2.0]}, "design": "zip"}, "one length"),
        ({"over": {"T": [-1.0]}}, "in kelvin"),
        ({"over": {"m0": [(0, 0, 0.0)]}}, "zero vector"),
        ({"replicas": 0}, "whole number ≥ 1"),
        ({"replicas": 2.5}, "whole number ≥ 1"),
        ({"replicas": None}, "whole number ≥ 1"),
        ({"replicas": 2, "dynamics": mj.LLG()}, "nothing tells replicas apart"),
        ({"chunk": 0}, "whole number ≥ 1"),
        ({"layout": "stat"}, "'state', 'vmap'"),
        ({"dt": -1e-13}, "time > 0"),
        ({"resume": True}, "needs a folder"),
        ({"statistics": {"t": mj.batch.Mean("m_z")}}, "new names"),
        ({"statistics": {"x": mj.batch.Mean("m_z", after=1e-12)}}, "`after` of 'x' must be less than the last save at"),
        ({"statistics": {"x": mj.batch.Histogram("m_z", after=1.0)}}, "but got 1 s: nothing would be counted"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_cannot_be_meant_is_refused(options, message):
    """Before anything is computed, with the likely slip."""
    with pytest.raises(ValueError, match=message):
        mj.ensemble(PARTICLE, UP, 1e-12, **{"dynamics": mj.Langevin(T=300.0), "progress": False, **options})


def test_types_that_are_no_numbers_or_statistics():
    """Texts for numbers, functions for statistics, cells that feel each other side by side."""
    with pytest.raises(TypeError, match="must hold real numbers"):
        mj.ensemble(PARTICLE, UP, 1e-12, over={"alpha": ["a lot"]})
    with pytest.raises(TypeError, match="must hold values by parameter"):
        mj.ensemble(PARTICLE, UP, 1e-12, over=["alpha"])
    with pytest.raises(TypeError, match="`dt` must be a time > 0 in s, but got '1 fs'"):
        mj.ensemble(PARTICLE, UP, 1e-12, dt="1 fs")
    with pytest.raises(TypeError, match="must hold statistics"):
        mj.ensemble(PARTICLE, UP, 1e-12, statistics={"x": lambda t, m, system: m})
    with pytest.raises(ValueError, match="nothing may couple them"):
        mj.ensemble(PARTICLE + mj.Exchange(A=1e-11), UP, 1e-12, layout="state")
    with pytest.raises(ValueError, match="a start for each of 2 replicas"):
        mj.ensemble(PARTICLE, np.ones((3, 3, 1, 1, 1)), 1e-12, replicas=2)


@pytest.mark.slow
def test_what_an_ensemble_shows(whole, tmp_path):
    """Its text, a picture with an axis for time and a line for each temperature, a file with units."""
    assert isinstance(whole, mj.Ensemble)
    assert "70 members, 35 replicas each of T (2)" in str(whole)
    figure = whole.plot("course_mean")
    assert [line.get_label() for line in figure.axes[0].lines] == ["T = 30", "T = 300"]
    assert plot_variable(whole.to_xarray()).axes[0].get_xlabel()
    with pytest.raises(ValueError, match="must be one of"):
        whole.plot("nothing")
    data = whole.to_xarray()
    assert data["T"].attrs["units"] == "K"
    assert all({"units", "long_name"} <= set(v.attrs) for v in data.variables.values())
    assert json.loads(data.attrs["metadata"])["layout"] == "state"
    whole.save(tmp_path / "found.zarr")
    with pytest.raises(ValueError, match=r"\.nc or \.zarr"):
        whole.save(tmp_path / "found.txt")
    points = mj.ensemble(
        PARTICLE, UP, 1e-12, over={"alpha": [0.1, 0.2], "Ms": [8e5, 7e5]}, design="zip", progress=False
    )
    assert points.to_xarray().alpha.dims == ("point",)


@pytest.mark.slow
def test_currents_are_parameters_too():
    """A torque of a current is batched by `vmap`, for it is no part of the field by which coupling is tried out."""
    mesh = mj.Mesh((1, 1, 1), (50e-9, 50e-9, 2e-9))
    field = mj.System(mesh, Ms=8e5, alpha=0.05, energy=mj.Zeeman(B=(0, 0, 0.1)))
    m0 = mj.textures.uniform(mesh, (1, 0, 0.1))

    def pillar(j):
        return field + mj.Slonczewski(j=j, p="z", P=0.5, thickness=2e-9)

    found = mj.ensemble(pillar(1e11), m0, 20e-12, over={"slonczewski.j": [-3e11, 3e11]}, progress=False).to_xarray()
    expected = [mj.evolve(pillar(j), m0, 20e-12).average[-1] for j in (-3e11, 3e11)]
    assert np.allclose(found["m_end"].values[:, 0], expected, rtol=0, atol=1e-10)
