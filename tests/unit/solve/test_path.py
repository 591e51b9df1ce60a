"""`find_path`: what it refuses, what its result can do, and the pieces it is made of."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.io import netcdf
from magjax.solve import escape_rate
from magjax.solve.paths.geodesic import distance, interpolated, turned_from, upwind

POINT = mj.Mesh((1, 1, 1), 10e-9)
MS, K, HARD = 8e5, 1e5, 5e4
UP, DOWN = (mj.textures.uniform(POINT, (0, 0, s)) for s in (1.0, -1.0))


def grain(K=K, hard=HARD, B=(0.0, 0.0, 0.0), dtype=jnp.float64) -> mj.System:
    """An easy axis along z, a hard one along x, in a field."""
    easy = mj.UniaxialAnisotropy(K=jnp.asarray(K, dtype), axis=(0, 0, 1)) + mj.Zeeman(B=jnp.asarray(B, dtype))
    return mj.System(POINT, Ms=jnp.asarray(MS, dtype), energy=easy + mj.UniaxialAnisotropy(K=-hard, axis=(1, 0, 0)))


@pytest.fixture(scope="module")
def path() -> mj.EnergyPath:
    return mj.find_path(grain(), UP, DOWN, images=9)


@pytest.mark.slow
def test_barrier_of_one_spin_is_kv(path) -> None:
    """The saddle is easy along y; Newton's method leaves nothing of the first path's errors."""
    assert path.result is mj.Outcome.SUCCESS
    assert path.barrier == pytest.approx(K * POINT.cell_volume, rel=1e-12, abs=0)
    assert path.barrier_back == pytest.approx(path.barrier, rel=1e-12, abs=0)
    assert path.order == 1
    assert np.allclose(np.abs(path.saddle[:, 0, 0, 0]), [0, 1, 0], rtol=0, atol=1e-7)
    assert np.allclose(path.curvatures, [-2 * K / MS, 2 * HARD / MS], rtol=1e-9, atol=0)
    # All images lie on the meridian through y, at equal distances.
    assert np.allclose(path.states[:, 0], 0, rtol=0, atol=1e-2)
    assert np.allclose(np.diff(path.position), np.pi / 8, rtol=0.05, atol=0)


@pytest.mark.slow
def test_string_finds_the_saddle_of_the_band() -> None:
    """In a field along the axis the saddle is between states, K V (1 + h)² up from the start, h = B Ms/2K = 0.08.

    Newton's method leaves rounding. States of a string are laid out at equal distances after the last step, too.
    """
    system = grain(B=(0, 0, 0.02))
    string, band = (mj.find_path(system, UP, DOWN, images=9, method=method) for method in ("string", "band"))
    assert string.result is mj.Outcome.SUCCESS
    assert string.barrier == pytest.approx(K * POINT.cell_volume * 1.08**2, rel=1e-12, abs=0)
    assert string.barrier == pytest.approx(band.barrier, rel=1e-12, abs=0)
    assert string.order == 1
    # Which side of the hard axis both pass is the same: they begin alike.
    assert np.allclose(string.saddle, band.saddle, rtol=0, atol=1e-7)
    assert np.allclose(np.diff(string.position), np.pi / 8, rtol=1e-6, atol=0)


@pytest.mark.slow
def test_prefactor_of_a_biaxial_spin(path) -> None:
    """(γ/2π)(2/Ms) √(K(K + K′)) at each of two saddles, without damping; Brown's with it."""
    T, alpha = 300.0, 0.3
    boltzmann = np.exp(-K * POINT.cell_volume / (mj.constants.KB * T))
    scale = mj.constants.GAMMA / (2 * np.pi) * 2 / MS
    exact = scale * np.sqrt(K * (K + HARD)) * boltzmann
    assert float(path.rate(grain(), T)) == pytest.approx(exact, rel=1e-6, abs=0)
    # λ₊ = γ/(1+α²) [α(K − K′) + √(α²(K + K′)² + 4KK′)]/Ms with the saddle's curvatures −2K and 2K′; K(K+K′)/(K K′).
    growth = alpha * (K - HARD) + np.sqrt(alpha**2 * (K + HARD) ** 2 + 4 * K * HARD)
    langer = scale / 2 * growth / (1 + alpha**2) * np.sqrt((K + HARD) / HARD) * boltzmann
    assert float(path.rate(grain(), T, alpha=alpha)) == pytest.approx(langer, rel=1e-6, abs=0)


@pytest.mark.slow
def test_rotation_is_a_zero_mode() -> None:
    """A uniaxial spin leaves over a ring of saddles, along which one angle ranges over 2π.

    With ε = 2KV in both states

    ν = λ₊/2π · 2π √(2πkT/ε)/(2πkT/ε) · exp(−KV/kT), λ₊ = α/(1+α²) γ 2K/Ms.
    """
    system, T = grain(hard=0.0), 300.0
    found = mj.find_path(system, UP, DOWN, images=7)
    V, kT = POINT.cell_volume, mj.constants.KB * T
    alpha = 0.5
    growth = alpha / (1 + alpha**2) * mj.constants.GAMMA * 2 * K / MS
    room = 2 * np.pi * np.sqrt(2 * np.pi * kT / (2 * K * V)) / (2 * np.pi * kT / (2 * K * V))
    exact = growth / (2 * np.pi) * room * np.exp(-K * V / kT)
    rate = found.rate(system, T, alpha=alpha, zero_modes=((), ("rotation z",)))
    assert float(rate) == pytest.approx(exact, rel=1e-6, abs=0)
    with pytest.raises(ValueError, match="not flat along it"):
        found.rate(system, T, alpha=alpha, zero_modes=((), ("rotation x",)))
    with pytest.raises(ValueError, match="not periodic along x"):
        escape_rate(system, UP, found.saddle, T, zero_modes=((), ("translation x",)))
    with pytest.raises(ValueError, match="such as 'translation x'"):
        escape_rate(system, UP, found.saddle, T, zero_modes=(("slide",), ()))


def test_barrier_follows_the_system(path) -> None:
    """dE/dK = V: energies at rest do not care how the states move."""
    slope = jax.grad(lambda K: path.barrier_near(grain(K)))(K)
    assert float(slope) == pytest.approx(POINT.cell_volume, rel=1e-9, abs=0)


def test_result_prints_plots_converts_and_saves(path, tmp_path) -> None:
    assert repr(path).splitlines()[2].strip().startswith("saddle   order 1")
    assert path.plot().axes[0].get_ylabel() == "$E$ (zJ)"
    data = path.to_xarray()
    assert data.states.dims == ("image", "vdims", "z", "y", "x")
    path.save(tmp_path / "path.nc")
    assert np.array_equal(netcdf.read(tmp_path / "path.nc").energy, path.energy)
    with pytest.raises(ValueError, match=r"\.nc or \.zarr"):
        path.save(tmp_path / "path.csv")


@pytest.mark.slow
def test_paths_of_sublattices_convert(tmp_path) -> None:
    """An antiferromagnet turns over at 2KV, its sublattices antiparallel all the way, also where none was shown."""
    pair = mj.Sublattices({"a": grain(), "b": grain()}, coupling=mj.Coupling(J=8e6))
    up, down = (mj.textures.antiparallel(m) for m in (UP, DOWN))
    path = mj.find_path(pair, up, down, images=7)
    # Energies are some 1e-17 J of exchange.
    assert path.barrier == pytest.approx(2 * K * POINT.cell_volume, rel=1e-11, abs=0)
    assert path.order == 1
    path.save(tmp_path / "path.nc")
    data = netcdf.read(tmp_path / "path.nc")
    assert data.states.dims == ("image", "sublattice", "vdims", "z", "y", "x")
    assert np.array_equal(data.states.to_numpy(), np.asarray(path.states))
    assert np.array_equal(data.saddle.to_numpy(), np.asarray(path.saddle))


def test_ends_are_checked() -> None:
    system = grain()
    with pytest.raises(ValueError, match="another state than `start`"):
        mj.find_path(system, UP, UP)
    with pytest.raises(ValueError, match="another state than `start`"):
        mj.find_path(system, UP, mj.textures.uniform(POINT, (1e-5, 0, 1)))
    with pytest.raises(ValueError, match=r"Argument `end` must be an equilibrium, but a torque of 0\.\d+ T"):
        mj.find_path(system, UP, mj.textures.uniform(POINT, (1, 0, 1)))
    with pytest.raises(ValueError, match="Argument `images`"):
        mj.find_path(system, UP, DOWN, images=2)
    with pytest.raises(ValueError, match="force > 0"):
        mj.find_path(system, UP, DOWN, images=9, tolerance=0.0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"images": 7.5}, TypeError, "`images` must be a whole number"),
        ({"images": 7, "method": "neb"}, ValueError, "`method` must be 'band' or 'string', but got 'neb'"),
        ({"images": 7, "method": "string", "climbing": True}, ValueError, "`climbing` must not be true with method="),
        ({"images": 7, "max_steps": 0}, ValueError, "`max_steps` must be ≥ 1"),
        ({"images": 7, "tolerance": float("nan")}, ValueError, "force > 0"),
        ({"images": 7, "via": [np.zeros((3, 2, 2, 2))]}, ValueError, "Argument `via` must have the shape"),
        ({"images": 7, "via": [np.full((3, 1, 1, 1), np.nan)]}, ValueError, "Argument `via` must be finite"),
    ],
)
def test_slips_are_named(options, error, message) -> None:
    with pytest.raises(error, match=message):
        mj.find_path(grain(), UP, DOWN, **options)


@pytest.mark.slow
def test_search_is_not_traced(path) -> None:
    """The error says what is to be differentiated instead."""
    with pytest.raises(TypeError, match="barrier_near"):
        jax.grad(lambda K: mj.find_path(grain(K), UP, DOWN, images=7).saddle_energy)(K)
    with pytest.raises(TypeError, match="barrier_near"):
        jax.grad(lambda K: path.rate(grain(K), 300.0))(K)


@pytest.mark.parametrize(("start", "end", "name"), [((0, 1, 0), (0, 0, 1), "start"), ((0, 0, 1), (1, 0, 0), "end")])
def test_ends_are_minima(start, end, name) -> None:
    """A saddle and a maximum are at rest, too."""
    with pytest.raises(ValueError, match=f"Argument `{name}` must be a minimum"):
        mj.find_path(grain(), *(mj.textures.uniform(POINT, axis) for axis in (start, end)), images=7)


@pytest.mark.slow
def test_many_images_do_not_fold() -> None:
    """Sixty states on half a turn: springs that grow with their number, and steps longer than gaps, folded the band."""
    found = mj.find_path(grain(), UP, DOWN, images=60)
    assert found.result is mj.Outcome.SUCCESS
    assert float(found.position[-1]) == pytest.approx(np.pi, rel=1e-3, abs=0)
    assert found.valleys == ()
    assert found.barrier == pytest.approx(K * POINT.cell_volume, rel=1e-12, abs=0)


@pytest.mark.slow
def test_valleys_on_the_way() -> None:
    """Cubic anisotropy has minima along all axes: from +z to −z the path passes x, over two hills of K/4 each."""
    cube = mj.System(POINT, Ms=MS, energy=mj.CubicAnisotropy(Kc1=K) + mj.Zeeman(B=(0.01, 0, 0.0)))
    ends = [mj.minimize(cube, m, tolerance=1e-9) for m in (UP, DOWN)]
    found = mj.find_path(cube, *ends, via=[mj.textures.uniform(POINT, "x")], images=13)
    (valley,) = found.valleys
    assert float(found.states[valley, 0, 0, 0, 0]) > 0.98
    assert "past valleys at" in repr(found)
    # The field along x makes that valley the lowest.
    with pytest.raises(ValueError, match="passes a valley at image"):
        found.rate(cube, 300.0)


def test_rates_need_a_saddle_at_rest(path) -> None:
    """States under torque, paths without a refined saddle, and ways that change nothing but are not named."""
    with pytest.raises(ValueError, match="Argument `saddle` must be an equilibrium"):
        escape_rate(grain(), UP, mj.textures.uniform(POINT, (0, 1, 0.3)), 300.0)
    flat = mj.find_path(grain(), UP, DOWN, images=9, climbing=False)
    with pytest.raises(ValueError, match="no saddle that was refined"):
        flat.rate(grain(), 300.0)
    with pytest.raises(ValueError, match="every way that changes nothing, but the saddle has another"):
        escape_rate(grain(hard=0.0), UP, mj.textures.uniform(POINT, "y"), 300.0)


def test_search_that_stops_early_says_so() -> None:
    found = mj.find_path(grain(), UP, DOWN, images=9, max_steps=1)
    assert found.result is mj.Outcome.NOT_CONVERGED


@pytest.mark.slow
def test_shortest_ways() -> None:
    """Equal distances along great circles; antiparallel spins turn by π; empty cells stay empty."""
    rng = np.random.default_rng(3)
    a, b = (jnp.asarray(x / np.linalg.norm(x, axis=0)) for x in rng.normal(size=(2, 3, 1, 2, 3)))
    a, b = a.at[:, 0, 0, 0].set(0), b.at[:, 0, 0, 0].set(0)
    b = b.at[:, 0, 1, 1].set(-a[:, 0, 1, 1])
    states = interpolated([a, b], 6)
    assert np.allclose(np.linalg.norm(states, axis=1)[:, 0, 0, 1:], 1, rtol=0, atol=1e-14)
    assert np.all(np.asarray(states)[:, :, 0, 0, 0] == 0)
    steps = [float(distance(x, y)) for x, y in itertools.pairwise(states)]
    assert np.allclose(steps, float(distance(a, b)) / 5, rtol=1e-9, atol=0)
    assert float(jnp.linalg.norm(turned_from(a, b)[:, 0, 1, 1])) == pytest.approx(np.pi, rel=1e-12, abs=0)


@pytest.mark.slow
def test_tangents_point_uphill() -> None:
    """Between two neighbours, one higher and one lower, towards the higher; unit length in all spins together."""
    states = interpolated([UP, mj.textures.uniform(POINT, "y"), DOWN], 5)
    tau = upwind(states, jnp.array([0.0, 1.0, 2.0, 1.0, 0.0]))
    assert np.allclose(jnp.sum(tau**2, axis=(1, 2, 3, 4)), 1, rtol=0, atol=1e-14)
    ahead = states[2] - states[1]
    assert float(jnp.sum(tau[0] * ahead)) == pytest.approx(np.sin(np.pi / 4), rel=1e-9, abs=0)
