import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import SpinTerm
from magjax.results import Outcome
from magjax.solve.evolve import choose_scheme, substeps_for
from magjax.solve.loop import advance, start
from magjax.solve.solvers import RK43, Multirate, OnSphere

END = jnp.asarray(8e-12)
MULTIRATE = [Multirate(substeps=n, corrector=c) for n in (1, 2, 3) for c in (False, True)]
SOLVERS = {
    "RK43": (RK43(), 4, (32, 64)),
    "Bosh3": (OnSphere(diffrax.Bosh3()), 3, (64, 128)),
    "Heun": (OnSphere(diffrax.Heun()), 2, (128, 256)),
    "Tsit5": (OnSphere(diffrax.Tsit5()), 5, (32, 64)),
    "Dopri5": (OnSphere(diffrax.Dopri5()), 5, (32, 64)),
    **{f"Multirate-{s.substeps}{'-corrector' * s.corrector}": (s, 4, (64, 128)) for s in MULTIRATE},
}


@pytest.fixture(scope="module")
def problem(bench):
    """The sample, its start and its exact end (RK43 with 2048 steps: an error of 1e-13)."""
    system = bench.small_system()
    m0 = bench.some_spins(system)
    return system, m0, bench.fixed_steps(RK43(), system, m0, END / 2048, END).m


@pytest.mark.slow
@pytest.mark.parametrize("name", SOLVERS)
def test_order_of_convergence(name, problem, bench):
    """Halving the step divides the error by 2^order, within the part of the next order that is left at these steps."""
    solver, order, steps = SOLVERS[name]
    system, m0, exact = problem
    errors = []
    for n in steps:
        motion = bench.fixed_steps(solver, system, m0, END / n, END)
        assert int(motion.steps) == n
        errors.append(float(jnp.abs(motion.m - exact).max()))
    found = np.log2(errors[0] / errors[1])
    assert errors[1] < 1e-3
    assert abs(found - order) < 0.4, (errors, found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RK43", "Multirate-1", "Multirate-3", "Multirate-2-corrector", "Tsit5"])
def test_every_step_ends_on_the_sphere(name, problem, bench, precision):
    """|m| = 1 to rounding after one step and after a hundred: no drift."""
    solver, _, _ = SOLVERS[name]
    system, m0, _ = problem
    for n in (1, 100):
        dt = jnp.asarray(1e-13, precision.dtype)
        motion = bench.fixed_steps(solver, system, m0.astype(precision.dtype), dt, n * dt)
        lengths = np.linalg.norm(np.asarray(motion.m, float), axis=0)
        assert np.abs(lengths - 1).max() <= precision.exact


def controlled(solver, tolerance, system, m0):
    """A scheme under step-size control whose tolerance is an argument of the program."""
    scheme = choose_scheme(
        system, m0.dtype, solver=solver, tolerance=1.0, dt=None, dynamics=mj.LLG(), end=END.astype(m0.dtype), t0=0.0
)  # fmt: skip
    return eqx.tree_at(lambda s: s.controller.atol, scheme, jnp.asarray(tolerance, m0.dtype))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RK43", "Multirate-1", "Multirate-2", "Multirate-1-corrector", "Tsit5", "Bosh3"])
def test_error_follows_the_tolerance(name, problem, bench):
    """The error at the end is within 30 tolerances; a tolerance a hundred times smaller gains a factor 15 at least.

    Each of some tens of steps errs by at most the tolerance, and errors add up.
    """
    solver, _, _ = SOLVERS[name]
    system, m0, exact = problem
    final = eqx.filter_jit(lambda scheme: bench.run(scheme, system, m0, END[None]))
    errors = {}
    for tolerance in (1e-4, 1e-6):
        motion = final(controlled(solver, tolerance, system, m0))
        assert Outcome(int(motion.outcome)) is Outcome.SUCCESS
        errors[tolerance] = float(jnp.abs(motion.m - exact).max())
        assert errors[tolerance] <= 30 * tolerance, errors
    assert errors[1e-6] <= errors[1e-4] / 15 or errors[1e-4] < 1e-6, errors


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SOLVERS if name != "Heun"])
def test_error_estimate_of_a_step_is_honest(name, problem, bench):
    """The estimate is never far below the true error of the step, at steps from fine to the limit of stability.

    Estimates of lower order than the solution (every one here) exceed the error for fine steps; towards the limit of
    stability the two orders meet, and a factor of three is left for them to cross.
    """
    solver, _, _ = SOLVERS[name]
    system, m0, _ = problem
    prepared = system.prepare(m0.dtype)
    term = SpinTerm(mj.LLG())

    @jax.jit
    def one(dt):
        zero = jnp.zeros(())
        state = solver.init(term, zero, dt, m0, prepared)
        m, error, *_ = solver.step(term, zero, dt, m0, prepared, state, False)
        return m, jnp.sqrt(jnp.max(jnp.sum(error**2, axis=0)))

    for dt in jnp.asarray([0.02e-12, 0.1e-12, 0.3e-12]):
        m, estimate = one(dt)
        exact = bench.fixed_steps(RK43(), system, m0, dt / 64, dt).m
        true = float(np.linalg.norm(np.asarray(m - exact), axis=0).max())
        assert true <= 3 * float(estimate) + 1e-14, (dt, true, estimate)


def chain(n=16):
    """Free spins coupled by exchange alone, two of them out of line."""
    mesh = mj.Mesh((n, 1, 1), (2e-9, 3e-9, 5e-9), periodic="x")
    system = mj.System(mesh, Ms=8e5, alpha=0.0, energy=mj.Exchange(A=1.3e-11))
    m = np.zeros((3, 1, 1, n))
    m[2] = 1
    m[0] = 0.02 * (-1.0) ** np.arange(n)  # the fastest mode
    return system, jnp.asarray(m / np.linalg.norm(m, axis=0))


@pytest.mark.slow
@pytest.mark.parametrize("solver", [RK43(), Multirate(substeps=3)], ids=["RK43", "Multirate-3"])
def test_steps_at_the_stability_limit_do_not_blow_up(solver, bench):
    """At γ|B|dt = stability the fastest mode does not grow in a thousand steps; 15 % beyond, it does, and is caught."""
    system, m0 = chain()
    limit = solver.stability / system.prepare(m0.dtype).fastest_rate()
    before = float(system.total_energy(m0))
    after = float(system.total_energy(bench.fixed_steps(solver, system, m0, limit, 1000 * limit).m))
    assert after <= before
    beyond = bench.fixed_steps(solver, system, m0, 1.15 * limit, 1000 * limit)
    assert Outcome(int(beyond.outcome)) is Outcome.UNSTABLE


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1.3, 5.0, 50.0])
def test_fixed_steps_that_are_too_long_are_never_silent(factor):
    """Spins on the sphere do not blow up, they scramble: the run must not pass for a result."""
    system, m0 = chain()
    dt = float(factor * RK43().stability / system.prepare(m0.dtype).fastest_rate())
    run = mj.evolve(system, m0, 500 * dt, dt=dt, adjoint="forward")
    assert run.result is Outcome.UNSTABLE


@pytest.mark.slow
def test_steps_are_rejected_where_the_limit_is_unknown(bench):
    """Another's solver has no known limit: error control alone has to keep exchange from blowing up.

    Unstable steps would raise the energy of the fastest mode to that of random spins, a thousandfold.
    """
    system, m0 = chain()
    run = mj.evolve(system, m0, 20e-12, solver=diffrax.Dopri5(), tolerance=1e-4)
    assert run.result is Outcome.SUCCESS
    assert float(system.total_energy(run.m)) <= 1.5 * float(system.total_energy(m0))


@pytest.mark.slow
def test_rejected_steps_leave_no_trace(bench):
    """The steps that were accepted, taken by `diffrax.diffeqsolve`, which rejects none, end in the same place.

    Here a rejected step's field lies in the spare slot of the history; there nothing was ever written to it. Equal to
    the rounding of the same operations in another order.
    """
    system = bench.small_system()
    m0 = bench.some_spins(system)
    prepared = system.prepare(m0.dtype)
    solver = Multirate()
    scheme = controlled(solver, 1e-6, system, m0)
    scheme = eqx.tree_at(lambda s: (s.dt, s.dt_max), scheme, (jnp.asarray(4e-13), jnp.asarray(1e-12)))

    @eqx.filter_jit
    def one(motion):
        return advance(
            scheme, prepared, motion, END[None], saved={}, observe=lambda t, m: {}, stop=None, max_steps=1, kind="lax"
        )[0]

    motion, times = start(scheme, prepared, m0), [0.0]
    while int(motion.next_save) == 0:
        motion = one(motion)
        if float(motion.clock.high) > times[-1]:
            times.append(float(motion.clock.high))
    assert int(motion.rejected) >= 2
    assert int(motion.steps) == len(times) - 1 + int(motion.rejected)
    theirs = diffrax.diffeqsolve(
        SpinTerm(mj.LLG()),
        FirstStep(scheme.dt),
        0.0,
        times[-1],
        None,
        m0,
        prepared,
        stepsize_controller=diffrax.StepTo(ts=jnp.asarray(times)),
    )
    np.testing.assert_allclose(theirs.ys[0], motion.m, atol=1e-13)


class FirstStep(diffrax.AbstractWrappedSolver):
    """Multirate whose history begins with the step that was proposed first, not with the first that was accepted."""

    dt: jax.Array
    solver: Multirate = Multirate()
    term_structure = diffrax.AbstractTerm
    interpolation_cls = diffrax.LocalLinearInterpolation

    def order(self, terms):
        return 4

    def init(self, terms, t0, t1, y0, args):
        return self.solver.init(terms, t0, t0 + self.dt, y0, args)

    def step(self, *args):
        return self.solver.step(*args)

    def func(self, *args):
        return self.solver.func(*args)


class Cliff(mj.EnergyTerm):
    """A nonlocal energy that is not defined where ⟨m_z⟩ < 0."""

    is_nonlocal = True
    strength: jax.Array

    def energy_density(self, m, sample):
        return sample.value(self.strength) * jnp.sqrt(m[2]) * jnp.mean(jnp.sqrt(m[2]))


@pytest.mark.slow
@pytest.mark.parametrize("solver", [RK43(), Multirate(), OnSphere(diffrax.Tsit5())], ids=["RK43", "Multirate", "Tsit5"])
@pytest.mark.parametrize("dt", [None, 1e-13], ids=["controlled", "fixed"])
def test_what_is_not_finite_is_never_silent(solver, dt):
    """Spins driven over the cliff: the failure has a name, and the spins of the last good step are returned."""
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    system = mj.System(mesh, Ms=8e5, alpha=0.5, energy=Cliff(mj.parameter(1e3)) + mj.Zeeman(B=(0, 0, -1.0)))
    run = mj.evolve(system, mj.textures.uniform(mesh, (0.6, 0, 0.8)), 1e-9, solver=solver, dt=dt, save_every=0.5e-9)
    assert run.result in (Outcome.NOT_FINITE, Outcome.STEP_TOO_SMALL)
    assert np.all(np.isfinite(run.m))
    assert np.isnan(run.average[-1, 0])
    assert float(run.m[2].min()) < 0.1


@pytest.mark.slow
def test_multirate_recovers_from_an_infinite_field():
    """A step that ended in NaN leaves nothing in the history that its shorter repetition would read as 0·NaN."""
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    system = mj.System(mesh, Ms=8e5, alpha=0.1, energy=Cliff(mj.parameter(1e3)) + mj.Zeeman(B=(0, 0.3, 0)))
    m0 = mj.textures.uniform(mesh, (1, 0, 0.1))
    prepared, term, solver, zero = system.prepare(m0.dtype), SpinTerm(mj.LLG()), Multirate(), jnp.zeros(())
    short, long = jnp.asarray(1e-13), jnp.asarray(2e-11)  # the field turns the spin over the cliff in 2 ps
    state = solver.init(term, zero, short, m0, prepared)
    _, error, _, (history, _), _ = solver.step(term, zero, long, m0, prepared, state, False)
    assert not np.all(np.isfinite(error))
    kept = eqx.tree_at(lambda h: h.values, state[0], history.values)
    repeated = solver.step(term, zero, short, m0, prepared, (kept, state[1]), False)
    expected = solver.step(term, zero, short, m0, prepared, state, False)
    np.testing.assert_array_equal(repeated[0], expected[0])
    assert np.all(np.isfinite(repeated[0]))


class Shaker(mj.EnergyTerm):
    """A field along y that swings fast, counted among the nonlocal ones."""

    is_nonlocal = True
    B: object

    def energy_density(self, m, sample):
        return -sample.Ms * sample.value(self.B) * m[1]


@pytest.mark.slow
@pytest.mark.parametrize("solver", MULTIRATE, ids=str)
def test_error_estimate_sees_the_extrapolation(solver):
    """Weak, fast and nonlocal alone: the substeps are exact and the cubic in time is all that is wrong.

    A rotation about y by the integral of the field. The estimate is the error to leading order in ω dt = 0.63, whose
    square is what the factors leave room for.
    """
    frequency, strength, h = 1e11, 0.01, 1e-12
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    drive = strength * mj.drive.cos(frequency=frequency)
    system = mj.System(mesh, Ms=8e5, energy=Shaker(mj.parameter(drive)))
    m0 = mj.textures.uniform(mesh, (0, 0, 1))
    prepared, term, dt = system.prepare(m0.dtype), SpinTerm(mj.LLG()), jnp.asarray(h)
    state = solver.init(term, jnp.zeros(()), dt, m0, prepared)
    m, error, *_ = solver.step(term, jnp.zeros(()), dt, m0, prepared, state, False)
    omega = 2 * np.pi * frequency
    angle = mj.constants.GAMMA * strength / omega * np.sin(omega * h)
    wrong = float(np.linalg.norm(np.ravel(m) - [np.sin(angle), 0, np.cos(angle)]))
    wrong = min(wrong, float(np.linalg.norm(np.ravel(m) - [-np.sin(angle), 0, np.cos(angle)])))
    estimate = float(np.linalg.norm(np.ravel(error)))
    assert wrong > 1e-6  # the test measures what it is meant to
    assert wrong / 3 < estimate < 3 * wrong, (wrong, estimate)


def test_substeps_follow_the_cell_size():
    """One on a coarse mesh, two on a fine one, and one where exchange has no neighbours."""
    found = [substeps_for(mj.System(mj.Mesh((9, 9, 1), d), Ms=8e5)) for d in (5e-9, 2.5e-9, 1.25e-9, 0.4e-9)]
    assert found == [1, 1, 2, 2]
    assert substeps_for(mj.System(mj.Mesh((1, 1, 1), 1e-9), Ms=8e5)) == 1


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="`substeps` must be ≥ 1"):
        Multirate(substeps=0)


@pytest.mark.slow
def test_solvers_serve_diffrax_as_they_are(problem):
    """`diffeqsolve` with our term and solver, no loop of ours."""
    system, m0, exact = problem
    solution = diffrax.diffeqsolve(
        SpinTerm(mj.LLG()), RK43(), 0.0, float(END), float(END) / 200, m0, system.prepare(m0.dtype)
    )
    np.testing.assert_allclose(solution.ys[0], exact, atol=1e-7)
