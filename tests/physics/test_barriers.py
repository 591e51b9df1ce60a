"""Barriers found by paths against theory (row A25): oblique fields, wires and their lifetimes, a collapse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import lifetime
from magjax.kinetics import stoner_wohlfarth

POINT = mj.Mesh((1, 1, 1), 10e-9)
A, K = 10e-12, 1e6
WALL = np.sqrt(A / K)


@pytest.mark.slow
@pytest.mark.parametrize(("h", "degrees"), [(0.2, 45.0), (0.45, 20.0), (0.3, 80.0)])
def test_particle_in_an_oblique_field(h: float, degrees: float) -> None:
    """Stoner and Wohlfarth's barrier, found without knowing the plane of axis and field."""
    psi, Ms, K1 = np.radians(degrees), 8e5, 1e5
    B = -h * 2 * K1 / Ms
    easy = mj.UniaxialAnisotropy(K=K1, axis=(0, 0, 1)) + mj.Zeeman(B=jnp.array([B * np.sin(psi), 0, B * np.cos(psi)]))
    grain = mj.System(POINT, Ms=Ms, energy=easy)
    start, end = (mj.minimize(grain, mj.textures.uniform(POINT, (0.1, 0.2, s)), tolerance=1e-10) for s in (1, -1))
    path = mj.find_path(grain, start, end, images=9)
    exact = float(stoner_wohlfarth.energy_barrier(h, psi)) * K1 * POINT.cell_volume
    assert path.barrier == pytest.approx(exact, rel=1e-9, abs=0)
    assert path.order == 1


def wire(length: float, cells: int, D: float, *, ring: bool) -> mj.System:
    """A wire of one cell's cross section along x, easy along it."""
    mesh = mj.Mesh((cells, 1, 1), (length / cells, D, D), periodic="x" if ring else "")
    return mj.System(mesh, Ms=1e6, energy=mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(1, 0, 0)))


def domain(system: mj.System, left: float, right: float) -> jnp.ndarray:
    """Reversed between two places."""
    x = system.mesh.centers()[0]
    theta = 2 * np.arctan(np.exp((x - left) / WALL)) - 2 * np.arctan(np.exp((x - right) / WALL))
    return jnp.asarray(np.stack([np.cos(theta), np.sin(theta), 0 * theta]))


def found_barrier(length: float, D: float, *, ring: bool, cells: int = 96) -> float:
    """Coherent where the wire is short, else by a domain."""
    system = wire(length, cells, D, ring=ring)
    ends = (mj.textures.uniform(system.mesh, (s, 0, 0)) for s in (1.0, -1.0))
    via = domain(system, length / 4, 3 * length / 4) if ring else domain(system, length / 2, 10 * length)
    short = length < (2 if ring else 1) * np.pi * WALL
    path = mj.find_path(system, *ends, via=[] if short else [via], images=11)
    assert path.result is mj.Outcome.SUCCESS
    assert path.order == 1
    return path.barrier


@pytest.mark.slow
@pytest.mark.parametrize(("turns", "ring"), [(4, True), (8, True), (12, True), (18, True), (2, False), (5, False)])
def test_wires_of_any_length(turns: float, ring: bool) -> None:
    """The barrier of rings D²√(AK) [8E(k) − 4(1−k²)K(k)], 4K(k) = L/Δ, and half of it for free wires of half of L.

    Coherent below 2πΔ on a ring (πΔ with free ends), a pair of walls (one) above. Stencils in cells of L/96 lower walls
    by (d/Δ)²/24 of them: 1.5e-3 in the longest.
    """
    length = turns * WALL
    exact = lifetime.ring_barrier(A, K, 1e-9, length if ring else 2 * length) / (1 if ring else 2)
    assert found_barrier(length, 1e-9, ring=ring) == pytest.approx(exact, rel=2e-3, abs=0)


@pytest.mark.slow
def test_lifetimes_of_wires_from_found_barriers() -> None:
    """Row A25's table: 0.45 µs, 41 s, 24 My for D = 1, 2, 3 nm at 300 K, from the barriers of paths.

    A ring of 20Δ in cells of Δ/10 is 5e-4 below two free walls. The exponents are 6, 24 and 55, so that lifetimes come
    out to 0.3, 1.2 and 3 %, and the table has two digits of them.
    """
    base = found_barrier(20 * WALL, 1e-9, ring=True, cells=200)
    assert base == pytest.approx(float(lifetime.wire_barrier(A, K, 1e-9)), rel=7e-4, abs=0)
    # The energy of a wire one cell thick is proportional to its cross section, and so are all energies on the path.
    times = [float(lifetime.arrhenius_time(base * D**2, 300.0)) for D in (1, 2, 3)]
    year = 3.15576e7
    assert times[0] == pytest.approx(0.45e-6, rel=0.02, abs=0)
    assert times[1] == pytest.approx(41, rel=0.05, abs=0)
    assert times[2] / year == pytest.approx(24e6, rel=0.05, abs=0)


@pytest.mark.slow
def test_string_and_band_over_a_wire() -> None:
    """A string and a band that does not climb find the same barrier, and the string's saddle is that of the climber.

    Two walls half a ring of 16Δ apart hardly feel each other: the energy is flat there to 1e-3, so that the highest of
    15 states is that near to the saddle. Saddles are exact. A string's states are laid out on its last shape but one,
    which leaves 1e-4 of their distances.
    """
    length = 16 * WALL
    system = wire(length, 64, 1e-9, ring=True)
    ends = [mj.textures.uniform(system.mesh, (s, 0, 0)) for s in (1.0, -1.0)]
    via = domain(system, length / 4, 3 * length / 4)
    options = [{"method": "string"}, {"climbing": False}, {}]
    string, resting, climber = (mj.find_path(system, *ends, via=[via], images=15, **given) for given in options)
    assert string.result is mj.Outcome.SUCCESS
    assert string.order == 1
    exact = lifetime.ring_barrier(A, K, 1e-9, length)
    assert string.barrier == pytest.approx(exact, rel=3e-3, abs=0)  # cells of Δ/4: (1/4)²/24
    assert string.barrier == pytest.approx(resting.barrier, rel=1e-3, abs=0)
    assert string.barrier == pytest.approx(climber.barrier, rel=1e-9, abs=0)
    gaps = np.diff(string.position)
    assert np.allclose(gaps, gaps.mean(), rtol=1e-4, atol=0)


@pytest.mark.slow
def test_skyrmion_collapse() -> None:
    """The barrier of a skyrmion's collapse on a periodic lattice of 16×16 spins: 38.1670 meV, as Spirit finds it.

    E = −Σ J mᵢ·mⱼ − Σ D d·(mᵢ×mⱼ) − Σ μB·mᵢ, each pair of neighbours once: J = 10 meV, D = 6 meV, μ = 2 μB, B = 25 T.
    On cells a³ with Ms = μ/a³ the stencils are that lattice with A = J/2a and D/a², whatever a is. The saddle is exact,
    so all digits of the published number are asked for.
    """
    meV, a, n = 1e-3 * mj.constants.E_CHARGE, 3e-10, 16
    mesh = mj.Mesh((n, n, 1), a, periodic="xy")
    energy = mj.Exchange(A=10 * meV / (2 * a)) + mj.DMI(D=6 * meV / a**2, kind="bulk") + mj.Zeeman(B=(0, 0, 25.0))
    lattice = mj.System(mesh, Ms=2 * mj.constants.MU_B / a**3, energy=energy)
    x, y, _ = mesh.centers()
    r, phi = np.hypot(x - n * a / 2, y - n * a / 2), np.arctan2(y - n * a / 2, x - n * a / 2)
    theta = np.pi * np.exp(-r / (2.5 * a))
    start = np.stack([-np.sin(theta) * np.sin(phi), np.sin(theta) * np.cos(phi), np.cos(theta)])
    skyrmion = mj.minimize(lattice, jnp.asarray(start), tolerance=1e-7)
    assert float(jnp.min(skyrmion.m[2])) < -0.8
    path = mj.find_path(lattice, skyrmion, mj.textures.uniform(mesh, "z"), images=11)
    assert path.result is mj.Outcome.SUCCESS
    assert path.order == 1
    assert path.barrier / meV == pytest.approx(38.1670, rel=0, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("h", "degrees", "alpha"), [(0.2, 45.0, 0.1), (0.45, 20.0, 0.02), (0.3, 80.0, 1.0)])
def test_prefactor_in_an_oblique_field(h: float, degrees: float, alpha: float) -> None:
    """Brown's rate of a spin in an oblique field, and that of transition-state theory, from curvatures written down.

    At the angle θ from the axis, in the plane of axis and field, E/KV = sin²θ + 2h cos(θ − ψ). Its curvatures are
    2 cos 2θ − 2h cos(θ − ψ) in the plane, and 2 cos²θ − 2h cos(θ − ψ) across it, where m_x and m_z shrink alike. Rates
    are then λ₊/2π √(c₁c₂/|s₁s₂|) exp(−ΔE/kT) with λ₊ = γK/Ms/(1+α²) ½[−α(s₁+s₂) + √(α²(s₁−s₂)² − 4s₁s₂)], every
    curvature in KV. Extrema are known to a grid of 3e-6 rad, which makes prefactors uncertain by about as much: 1e-5.
    """
    psi, Ms, K1, T = np.radians(degrees), 8e5, 1e5, 300.0
    B = -h * 2 * K1 / Ms
    energy = mj.UniaxialAnisotropy(K=K1, axis=(0, 0, 1)) + mj.Zeeman(B=jnp.array([B * np.sin(psi), 0, B * np.cos(psi)]))
    grain = mj.System(POINT, Ms=Ms, energy=energy)
    ends = [mj.minimize(grain, mj.textures.uniform(POINT, (0.1, 0.2, s)), tolerance=1e-10) for s in (1, -1)]
    path = mj.find_path(grain, *ends, images=9)

    def E(theta: float) -> float:
        return np.sin(theta) ** 2 + 2 * h * np.cos(theta - psi)

    def curvatures(theta: float) -> tuple[float, float]:
        along = 2 * np.cos(2 * theta) - 2 * h * np.cos(theta - psi)
        # A small turn a out of the plane: m_z and m_x both shrink by cos a, so 1 − m_z² grows by a² cos²θ.
        across = 2 * np.cos(theta) ** 2 - 2 * h * np.cos(theta - psi)
        return along, across

    fine = np.linspace(-np.pi, np.pi, 2_000_001)
    slope = np.sin(2 * fine) - 2 * h * np.sin(fine - psi)
    turns = fine[:-1][slope[:-1] * slope[1:] < 0]
    wells = sorted((t for t in turns if curvatures(t)[0] > 0), key=lambda t: -np.cos(t))
    low, top = wells[0], min((t for t in turns if curvatures(t)[0] < 0), key=E)
    V, kT = POINT.cell_volume, mj.constants.KB * T
    (c1, c2), (s1, s2) = curvatures(low), curvatures(top)
    assert path.barrier == pytest.approx(K1 * V * (E(top) - E(low)), rel=1e-8, abs=0)
    boltzmann = np.exp(-K1 * V * (E(top) - E(low)) / kT)
    scale = mj.constants.GAMMA * K1 / Ms
    growth = scale / (1 + alpha**2) / 2 * (-alpha * (s1 + s2) + np.sqrt(alpha**2 * (s1 - s2) ** 2 - 4 * s1 * s2))
    langer = growth / (2 * np.pi) * np.sqrt(c1 * c2 / abs(s1 * s2)) * boltzmann
    free = scale / (2 * np.pi) * np.sqrt(c1 * c2) * boltzmann
    assert float(path.rate(grain, T)) == pytest.approx(free, rel=1e-5, abs=0)
    assert float(path.rate(grain, T, alpha=alpha)) == pytest.approx(langer, rel=1e-5, abs=0)


@pytest.mark.slow
def test_zero_modes_of_walls_in_a_ring() -> None:
    """A domain opens anywhere in a ring, and turned to any side: two zero modes at the saddle, none in the minimum.

    Each takes a factor √T off the prefactor, which two of them make ∝ 1/T exactly; 1e-9 for rounding. The slope over
    cells of Δ/6, by which translation is known, is the mode but for 1e-3 of it. Unnamed or misnamed, they are refused.
    """
    length = 10 * WALL
    system = wire(length, 60, 1e-9, ring=True)
    ends = [mj.textures.uniform(system.mesh, (s, 0, 0)) for s in (1.0, -1.0)]
    path = mj.find_path(system, *ends, via=[domain(system, length / 4, 3 * length / 4)], images=9)
    assert path.order == 1

    def prefactor(T: float) -> float:
        rate = path.rate(system, T, zero_modes=((), ("translation x", "rotation x")))
        return float(rate) * np.exp(path.barrier / (mj.constants.KB * T))

    assert prefactor(100.0) / prefactor(300.0) == pytest.approx(3.0, rel=1e-9, abs=0)
    with pytest.raises(ValueError, match="must name every way that changes nothing, but the saddle has another"):
        path.rate(system, 300.0)
    with pytest.raises(ValueError, match="'rotation y', and the energy is not flat"):
        path.rate(system, 300.0, zero_modes=((), ("translation x", "rotation y")))


@pytest.mark.slow
def test_gradient_of_a_barrier_against_searching_again() -> None:
    """d(Ea)/dK, d/dA and d/dB of the domain in a ring: at fixed states, and from barriers found anew on either side.

    Central differences of 1 % err by 1e-4 of themselves, and the saddles are exact to 1e-8 of the force.
    """
    length = 12 * WALL
    reference = wire(length, 72, 1e-9, ring=True)
    mesh = reference.mesh
    via = domain(reference, length / 4, 3 * length / 4)

    def system(p: jnp.ndarray) -> mj.System:
        energy = mj.Exchange(A=p[0] * A) + mj.UniaxialAnisotropy(K=p[1] * K, axis=(1, 0, 0))
        return mj.System(mesh, Ms=1e6, energy=energy + mj.Zeeman(B=p[2] * jnp.array([1.0, 0, 0])))

    def found(p: jnp.ndarray) -> mj.EnergyPath:
        ends = [mj.textures.uniform(mesh, (s, 0, 0)) for s in (1.0, -1.0)]
        return mj.find_path(system(p), *ends, via=[via], images=9)

    here = jnp.array([1.0, 1.0, -0.1])
    path = found(here)
    slope = jax.grad(lambda p: path.barrier_near(system(p)))(here)
    for i in range(3):
        step = jnp.zeros(3).at[i].set(0.01)
        apart = (found(here + step).barrier - found(here - step).barrier) / 0.02
        assert float(slope[i]) == pytest.approx(apart, rel=1e-3, abs=0)
