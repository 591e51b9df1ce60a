"""Spins in a heat bath: Boltzmann's averages, diffusion, escape from a well, and what the length of steps costs.

Replicas are the cells of one mesh without exchange and demagnetisation: their noise is independent, and so are they.
Whatever is averaged is first averaged over time in each cell; the scatter of these numbers over the cells, divided by
the root of their number, is then the standard error, however long a spin remembers itself. Seeds are fixed: where a
test allows four standard errors, one seed in 16 000 would fail it, and the one that is used does not.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.analytic import brown
from magjax.kinetics import FokkerPlanck, UniaxialEnergy, relaxation_rate

CELL = (4e-9, 3e-9, 5e-9)
VOLUME = float(np.prod(CELL))
AXIS = np.array([2.0, -1.0, 2.0]) / 3
MS, T = 8e5, 300.0
KT = constants.KB * T
#: kT/μ, T: the field in which a spin is as likely to point anywhere as not.
THERMAL = KT / (MS * VOLUME)


@eqx.filter_jit
def along_axis(m0, *, Ms, T, alpha, K, B, dt, times, seed=0, solver=None):
    """m·u in every cell at the given times, `(times, cells)`, of particles with the easy axis u in fields along it."""
    mesh = mj.Mesh((m0.shape[3], 1, 1), CELL)
    axis = jnp.asarray(AXIS, m0.dtype).reshape(3, 1, 1, 1)
    energy = mj.UniaxialAnisotropy(K=K, axis=tuple(AXIS)) + mj.Zeeman(B=axis * B[None])
    system = mj.System(mesh, Ms=Ms, alpha=alpha, energy=energy)
    seen = {"along": lambda t, m, system: jnp.sum(axis * m, axis=0).ravel()}
    run = mj.evolve(
        system, m0, times[-1], save_at=times, observe=seen, solver=solver, dt=dt, adjoint="forward",
        dynamics=mj.Langevin(T=T, seed=seed),
    )  # fmt: skip
    return run.observed["along"]


def spread(values, count):
    """A number for each of several cases as an array over `count` cells each."""
    return jnp.repeat(jnp.asarray(values, jnp.float32), count).reshape(1, 1, -1)


def diffusion_time(alpha, scale=1.0):
    """τ_N, s, in a thermal field `scale` times kT/μ."""
    return (1 + np.asarray(alpha) ** 2) / (2 * np.asarray(alpha) * constants.GAMMA * THERMAL * np.asarray(scale))


def in_equilibrium(sigma, count, rng, upper=False):
    """Spins that Boltzmann's law puts at σ cos²θ about the axis, in float32; in the upper well alone if asked to."""
    s = rng.uniform(0 if upper else -1, 1, 60 * count)
    s = s[rng.uniform(size=s.size) < np.exp(sigma * (s**2 - 1))][:count]
    assert s.size == count
    phi = rng.uniform(0, 2 * np.pi, count)
    e1 = np.cross(AXIS, (0, 0, 1.0)) / np.linalg.norm(np.cross(AXIS, (0, 0, 1.0)))
    e2, root = np.cross(AXIS, e1), np.sqrt(1 - s**2)
    m = s * AXIS[:, None] + root * (np.cos(phi) * e1[:, None] + np.sin(phi) * e2[:, None])
    return jnp.asarray(m[:, None, None, :], jnp.float32)


#: σ = KV/kT, ξ = μB/kT, and α, Ms and T in units of MS and 300 K: of each group of cells.
CASES = np.array(
    [
        (0.0, 0.0, 0.5, 1.0, 1.0),
        (0.0, 1.0, 0.5, 0.5, 1.0),
        (0.0, 4.0, 0.3, 1.0, 2.0),
        (1.0, 0.0, 0.3, 2.0, 0.5),
        (2.0, 0.0, 0.5, 1.0, 1.0),
        (5.0, 0.0, 0.5, 1.0, 0.5),
        (-4.0, 0.0, 0.3, 2.0, 1.0),
        (3.0, 2.0, 0.5, 1.0, 1.0),
    ]
)


@pytest.mark.slow
def test_boltzmann_averages_in_each_cell():
    """⟨m·u⟩ and ⟨(m·u)²⟩ for eight pairs of σ and ξ at once, with Ms, α and T of its own in each group of cells.

    Theory: P ∝ exp(σs² + ξs), whatever α; Langevin's function where σ = 0. Layout: 2500 cells a case, from anywhere on
    the sphere, ten saves over at least 5 τ_N after at least 3 τ_N; the direction of wells does not matter to s², and
    ξ = 2 empties the upper one. Steps turn no spin by more than 0.12 rad in their standard deviation: from the table
    of `mj.solvers.RotationHeun` the bias is 0.002 at most, which is allowed on top of four standard errors, 0.002 to
    0.02.
    """
    count = 2500
    sigma, xi, alpha, Ms, temperature = CASES.T
    scale = temperature / Ms
    longest = float(diffusion_time(alpha, scale).max())
    dt = 0.014 * float(diffusion_time(alpha, scale).min())
    m0 = mj.textures.random(mj.Mesh((count * len(CASES), 1, 1), CELL), 1, dtype=jnp.float32)
    s = along_axis(
        m0, Ms=spread(Ms * MS, count), T=spread(temperature * T, count), alpha=spread(alpha, count),
        K=spread(sigma * KT * temperature / VOLUME, count), B=spread(xi * THERMAL * scale, count), dt=jnp.float32(dt),
        times=jnp.asarray(longest * np.linspace(3, 8, 10), jnp.float32),
    )  # fmt: skip
    s = np.asarray(s, float).reshape(10, len(CASES), count)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    for power in (1, 2):
        cells = (s**power).mean(0)
        error = cells.std(1) / np.sqrt(count)
        boltzmann = weights * np.exp(sigma[:, None] * nodes**2 + xi[:, None] * nodes)
        exact = (boltzmann * nodes**power).sum(1) / boltzmann.sum(1)
        np.testing.assert_array_less(abs(cells.mean(1) - exact), 4 * error + 0.002)
    assert exact[4] == pytest.approx(float(brown.mean_cosine_squared(2.0)), rel=1e-12, abs=0)


def test_free_diffusion():
    """Without any field ⟨cos θ⟩ = exp(−t/τ_N) and ⟨P₂⟩ = exp(−3t/τ_N), τ_N = μ(1+α²)/(2αγkT), at four dampings.

    Layout: 5000 cells a case, all along u at the start, up to 1.5 τ_N of the fastest in steps of 0.014 τ_N of the
    fastest. The cells are independent: four standard errors are 0.02 to 0.03.
    """
    count, alpha = 5000, np.array([0.1, 0.3, 0.5, 2.0])
    tau = diffusion_time(alpha)
    m0 = jnp.broadcast_to(jnp.asarray(AXIS, jnp.float32).reshape(3, 1, 1, 1), (3, 1, 1, 4 * count))
    times = np.linspace(0.15, 1.5, 10) * tau.min()
    zero = jnp.zeros((1, 1, 4 * count), jnp.float32)
    s = along_axis(
        m0, Ms=spread([MS] * 4, count), T=spread([T] * 4, count), alpha=spread(alpha, count), K=zero, B=zero,
        dt=jnp.float32(0.014 * tau.min()), times=jnp.asarray(times, jnp.float32),
    )  # fmt: skip
    s = np.asarray(s, float).reshape(10, 4, count)
    for degree, seen in ((1, s), (2, (3 * s**2 - 1) / 2)):
        exact = np.asarray(brown.free_decay(times[:, None], tau[None], degree))
        error = seen.std(2) / np.sqrt(count)
        np.testing.assert_array_less(abs(seen.mean(2) - exact), 4 * error + 0.002)


@pytest.mark.slow
def test_neighbours_in_a_chain():
    """⟨s·s′⟩ = coth κ − 1/κ of neighbours in an open chain, and its powers further off, κ = 2AV/(d²kT).

    Theory: the angles between neighbours of a classical Heisenberg chain are independent; M. E. Fisher, Am. J. Phys.
    32, 343 (1964). Equilibrium knows of neither Ms nor α, and both differ at random from cell to cell. Layout: two
    halves of 4000 cells along y with κ = 1 and 2.5, cells of three different lengths; random at the start, equilibrium
    over correlation lengths of two cells comes within 2 τ_N. Blocks of 100 cells are independent; four standard errors
    of their scatter are 0.01. The bias of steps of 0.1 rad is below 0.002.
    """
    count, kappa = 8000, np.array([1.0, 2.5])
    rng = np.random.default_rng(4)
    mesh = mj.Mesh((1, count, 1), CELL)
    A = np.repeat(kappa, count // 2).reshape(1, count, 1) * KT * CELL[1] ** 2 / (2 * VOLUME)
    Ms, alpha = (rng.uniform(*ends, (1, count, 1)) for ends in ((4e5, 8e5), (0.3, 0.6)))
    chain = mj.System(
        mesh, Ms=jnp.asarray(Ms, jnp.float32), alpha=jnp.asarray(alpha, jnp.float32), energy=mj.Exchange(A=A)
    )
    tau = float(diffusion_time(0.3))
    times = jnp.asarray(np.linspace(4, 10, 13) * tau, jnp.float32)
    m0 = mj.textures.random(mesh, 2, dtype=jnp.float32)
    m = mj.evolve(
        chain, m0, times[-1], save_at=times, states=True, dt=0.006 * tau, dynamics=mj.Langevin(T=T), adjoint="forward"
    ).states  # fmt: skip
    m = np.asarray(m, float)[:, :, 0, :, 0]
    for half, k in enumerate(kappa):
        spins = m[:, :, half * count // 2 : (half + 1) * count // 2]
        neighbours = 1 / np.tanh(k) - 1 / k
        for distance in (1, 2):
            products = (spins[:, :, distance:] * spins[:, :, :-distance]).sum(1).mean(0)
            blocks = products[: count // 2 - 100].reshape(-1, 100).mean(1)
            error = blocks.std() / np.sqrt(blocks.size)
            assert abs(products.mean() - neighbours**distance) < 4 * error + 0.002


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "alpha"), [(3.0, 0.2), (3.0, 1.0), (5.0, 0.5)])
def test_escape_from_a_well(sigma, alpha):
    """The rate at which ⟨m·u⟩ of a filled well decays is the smallest eigenvalue of the Fokker–Planck equation.

    Theory: λ₁τ_N = 0.26 and 0.065 at σ = 3 and 5, whatever α; Brown's asymptote is 25 % above. Layout: 100 000 cells
    in equilibrium within the upper well; what relaxes within the wells is gone after a quarter of 1/λ₁. Between λ₁t =
    0.25 and 1.25, ten saves: the slope of ln⟨m·u⟩ is known to 1/(0.5 √100000) = 0.6 % from its worst points. Steps of
    0.1 rad: the bias of the barrier, σ δ⟨s²⟩, is below 1 %. 3 % is what is asked for.
    """
    count = 100_000
    particle = FokkerPlanck(UniaxialEnergy(sigma * KT), MS * VOLUME, T, alpha)
    rate = float(relaxation_rate(particle))
    times = np.linspace(0.25, 1.25, 10) / rate
    fastest = constants.GAMMA * 2 * sigma * THERMAL / np.sqrt(1 + alpha**2)
    dt = min(0.15 / fastest, 0.01 * float(diffusion_time(alpha)))
    K, zero = jnp.full((1, 1, count), sigma * KT / VOLUME, jnp.float32), jnp.zeros((1, 1, count), jnp.float32)
    s = along_axis(
        in_equilibrium(sigma, count, np.random.default_rng(7), upper=True), Ms=MS, T=T, alpha=alpha, K=K, B=zero, dt=dt,
        times=jnp.asarray(times, jnp.float32), seed=3,
    )  # fmt: skip
    found = -np.polyfit(times, np.log(np.asarray(s, float).mean(1)), 1)[0]
    assert found == pytest.approx(rate, rel=0.03, abs=0)
    assert abs(float(brown.high_barrier_rate(sigma)) / float(diffusion_time(alpha)) / rate - 1) > 0.2


@pytest.mark.slow
def test_bias_against_step():
    """Errors of ⟨(m·u)²⟩ at σ = 5, α = 0.1, where a step turns spins by γB_K dt = 0.4 and 0.8 rad: the solvers' table.

    Layout: 100 000 cells in equilibrium at the start; four relaxation times 1/αγB_K to come to the equilibrium of the
    step, then 17 saves in 16 more. The standard error is 3e-4. Heun's method with renormalisation is off by −0.042
    at 0.8 rad; rotations stay ten times closer, and the semi-implicit step eight times.
    """
    sigma, alpha, count = 5.0, 0.1, 100_000
    rate = constants.GAMMA * 2 * sigma * THERMAL
    K, zero = jnp.full((1, 1, count), sigma * KT / VOLUME, jnp.float32), jnp.zeros((1, 1, count), jnp.float32)
    m0 = in_equilibrium(sigma, count, np.random.default_rng(8))
    times = jnp.asarray(np.linspace(20, 100, 17) / rate, jnp.float32)
    exact = float(brown.mean_cosine_squared(sigma))

    def error(solver, angle):
        s = along_axis(
            m0, Ms=MS, T=T, alpha=alpha, K=K, B=zero, dt=jnp.float32(angle / rate), times=times, solver=solver
        )  # fmt: skip
        return float((np.asarray(s, float) ** 2).mean()) - exact

    rotation, normalized, implicit = (
        [error(solver, angle) for angle in (0.4, 0.8)]
        for solver in (mj.solvers.RotationHeun(), mj.solvers.NormalizedHeun(), mj.solvers.SemiImplicit())
    )
    assert normalized[1] < -0.035
    assert abs(rotation[1]) < 0.1 * abs(normalized[1])
    assert abs(implicit[1]) < 0.125 * abs(normalized[1])
    assert abs(rotation[0]) < 0.5 * abs(normalized[0])
    assert max(abs(rotation[0]), abs(implicit[0])) < 0.002
