"""`eigenmodes`: both methods, any material, what it refuses, and what its result can do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import LLG
from magjax.numerics.sphere import normalize
from magjax.solve.linear.block_eigen import Indefinite, largest
from magjax.solve.linear.linearised import Linearised, at_rest, curvature, on_host, smoothed, turns
from magjax.solve.linear.modes import Modes

GAMMA = mj.constants.GAMMA
POINT = mj.Mesh((1, 1, 1), (5e-9, 4e-9, 3e-9))


def patchy(dtype=jnp.float64, **changed) -> mj.System:
    """A flake with a hole whose Ms, anisotropy and damping vary, chiral, in a field: nothing is uniform."""
    mesh = mj.Mesh((6, 5, 1), (4e-9, 5e-9, 3e-9))
    x, y, _ = (jnp.asarray(a, dtype) for a in mesh.centers())
    numbers = {
        "Ms": 6e5 * (1 + 0.3 * jnp.sin(x / 7e-9)),
        "alpha": 0.002 * (1 + 0.5 * jnp.cos(y / 6e-9)),
        "K": 2e5 * (1 + 0.4 * jnp.cos(x / 5e-9)),
        "B": jnp.asarray((0.05, 0.02, 0.1), dtype),
    } | changed
    energy = mj.Exchange(A=1.2e-11) + mj.DMI(D=1e-3, kind="bulk") + mj.Zeeman(B=numbers["B"])
    energy = energy + mj.UniaxialAnisotropy(K=numbers["K"], axis=(0.2, 0, 1))
    hole = mj.shapes.cylinder(radius=3e-9, center=(10e-9, 12.5e-9, 0))
    return mj.System(mesh, Ms=numbers["Ms"], alpha=numbers["alpha"], energy=energy, shape=~hole)


@pytest.fixture(scope="module")
def flake() -> tuple[mj.System, mj.Equilibrium]:
    system = patchy()
    return system, mj.minimize(system, mj.textures.uniform(system.mesh, (0.1, 0, 1)), tolerance=1e-11)


@pytest.fixture(scope="module")
def modes(flake) -> Modes:
    return mj.eigenmodes(*flake, count=6, method="dense")


@pytest.mark.slow
def test_modes_are_those_of_the_equation_of_motion(flake, modes) -> None:
    """Against the eigenvalues of the damped equation's Jacobian, written down by autodiff in all 3N components.

    It knows nothing of tangent planes, weights or pencils. To first order in α the frequency does not change and the
    rate is that of the formula: with α = 0.003 both hold to α² = 1e-5, relative.
    """
    system, state = flake
    gamma, alpha = system.prepare().coefficients(0.0)
    shape = state.m.shape

    def rhs(flat):
        m = flat.reshape(shape)
        return LLG().torque(m, system.field(m), gamma, alpha).ravel()

    exact = np.linalg.eigvals(np.asarray(jax.jacfwd(rhs)(state.m.ravel())))
    exact = np.sort_complex(exact[exact.imag > 1e8] / 1j)[:6]
    assert np.allclose(2 * np.pi * modes.frequency, exact.real, rtol=2e-5, atol=0)
    assert np.allclose(modes.decay_rate, exact.imag, rtol=2e-5, atol=0)


@pytest.mark.slow
def test_profiles_solve_the_linear_equation(flake, modes) -> None:
    """iω u = −γ (m×∂B u + u×B), the undamped equation to first order, of every spin of every mode.

    The torque left in the equilibrium, 1e-11 T, is the smallest of the terms that are dropped.
    """
    system, state = flake
    B = system.field(state.m)
    push = jax.linearize(system.field, state.m)[1]
    for f, u in zip(modes.frequency, modes.profile, strict=True):
        change = push(u.real) + 1j * push(u.imag)
        turned = -GAMMA * (jnp.cross(state.m, change, axis=0) + jnp.cross(u, B, axis=0))
        assert np.allclose(2j * np.pi * f * u, turned, rtol=0, atol=1e-8 * 2 * np.pi * float(f))
        assert np.max(np.abs(jnp.sum(u * state.m, axis=0))) < 1e-12
        assert float(jnp.max(jnp.sum(u.real**2, axis=0))) == pytest.approx(1.0, rel=1e-9, abs=0)
        assert np.all(np.asarray(u)[:, ~np.asarray(system.occupied.value)] == 0)


@pytest.mark.slow
def test_both_methods_agree(flake, modes) -> None:
    """Residuals of 1e-5 leave 1e-10 in frequencies, and 1e-5 over the modes' distance in their shapes."""
    found = mj.eigenmodes(*flake, count=6, method="iterative")
    assert found.result is mj.Outcome.SUCCESS
    assert np.allclose(found.frequency, modes.frequency, rtol=1e-8, atol=0)
    overlap = np.abs(np.sum(np.conj(found.profile[0]) * modes.profile[0]))
    size = np.sqrt(np.sum(np.abs(found.profile[0]) ** 2) * np.sum(np.abs(modes.profile[0]) ** 2))
    assert overlap == pytest.approx(size, rel=1e-6, abs=0)


@pytest.mark.slow
def test_iteration_that_stops_early_says_so(flake) -> None:
    assert mj.eigenmodes(*flake, count=6, method="iterative", max_steps=2).result is mj.Outcome.NOT_CONVERGED


@pytest.mark.slow
def test_single_precision(flake, modes) -> None:
    """The type of the spins is kept; frequencies carry its rounding of the exchange field, some 1e-6 of 30 T."""
    system = patchy(jnp.float32)
    state = mj.minimize(system, mj.textures.uniform(system.mesh, (0.1, 0, 1), dtype=jnp.float32))
    found = mj.eigenmodes(system, state, count=3)
    assert found.profile.dtype == jnp.complex64
    assert found.frequency.dtype == jnp.float32
    assert np.allclose(found.frequency, modes.frequency[:3], rtol=1e-3, atol=0)


@pytest.mark.slow
def test_gradient_of_frequencies_is_that_of_new_modes(flake, modes) -> None:
    """Hellmann and Feynman, with the equilibrium that follows, against central differences of whole solutions.

    Along one direction in which Ms, K and B change together. Differences err by h² = 1e-8 of curvatures of order one,
    and by rounding of 1e-12/h.
    """
    system, state = flake
    numbers = {"K": system["uniaxial_anisotropy"].K, "Ms": system.Ms, "B": system["zeeman"].B}
    ways = jnp.array([0.5, -1.0, 0.8])

    def scaled(by):
        return patchy(**{name: (1 + s) * x for s, (name, x) in zip(by, numbers.items(), strict=True)})

    def anew(s):
        changed = scaled(s * ways)
        return mj.eigenmodes(changed, mj.minimize(changed, state, tolerance=1e-11), count=6).frequency[0]

    h = 1e-4
    value, slope = jax.value_and_grad(lambda by: modes.frequencies_near(scaled(by))[0])(jnp.zeros(3))
    assert float(value) == pytest.approx(float(modes.frequency[0]), rel=1e-9, abs=0)
    assert float(slope @ ways) == pytest.approx(float(anew(h) - anew(-h)) / (2 * h), rel=1e-5, abs=0)


@pytest.mark.slow
def test_antiferromagnetic_resonance() -> None:
    """ω = γ √(B_A (2 B_E + B_A)) twice, B_A = 2K/Ms, B_E = J/Ms: Kittel's, exact for two sublattices."""
    K, J, Ms = 1e4, 4e6, 4e5
    one = mj.System(POINT, Ms=Ms, alpha=1e-3, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
    pair = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=J))
    found = mj.eigenmodes(pair, mj.textures.antiparallel(mj.textures.uniform(POINT, "z")))
    B_A, B_E = 2 * K / Ms, J / Ms
    exact = GAMMA * np.sqrt(B_A * (2 * B_E + B_A)) / (2 * np.pi)
    assert np.allclose(found.frequency, [exact, exact], rtol=1e-6, atol=0)
    # Half the spins' energy is exchange: the amplitude decays at αγ(B_E + B_A).
    assert np.allclose(found.decay_rate, 1e-3 * GAMMA * (B_E + B_A), rtol=1e-6, atol=0)
    with pytest.raises(ValueError, match="Argument `sublattice` must say whose spins to show, 0 … 1"):
        found.plot()
    assert found.plot(sublattice=1).axes
    assert found.plot_profiles(sublattice=0).axes
    data = found.to_xarray()
    assert data.profile.dims == ("mode", "sublattice", "vdims", "z", "y", "x")
    assert np.array_equal(data.m.isel(sublattice=1).to_numpy(), np.asarray(found.m[1]))


@pytest.mark.slow
def test_zero_mode_is_found() -> None:
    """An easy plane without a direction in it: one mode of no frequency, below the others by orders."""
    mesh = mj.Mesh((8, 1, 1), 4e-9)
    plane = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=1.3e-11) + mj.UniaxialAnisotropy(K=-4e5, axis=(0, 0, 1)))
    for method in ("dense", "iterative"):
        found = mj.eigenmodes(plane, mj.textures.uniform(mesh, "x"), count=2, method=method)
        assert float(found.frequency[0]) < 1e-3 * float(found.frequency[1])


@pytest.mark.slow
def test_absorption_is_the_response_of_one_spin() -> None:
    """P = ½ Re(iΩ Ms V B*·u) with u from the linearised equation of a macrospin, solved as two equations.

    A resonance five times as wide as that of permalloy; the formula is first order in α, whose square is 1e-3: the
    comparison allows 1 % of the maximum.
    """
    b1, b2, alpha, Ms = 0.3, 1.1, 0.03, 8e5
    easy = mj.Zeeman(B=(0, 0, b1)) + mj.UniaxialAnisotropy(K=-(b2 - b1) * Ms / 2, axis=(0, 1, 0))
    spin = mj.System(POINT, Ms=Ms, alpha=alpha, energy=easy)
    found = mj.eigenmodes(spin, mj.textures.uniform(POINT, "z"))
    kittel = GAMMA * np.sqrt(b1 * b2) / (2 * np.pi)
    assert float(found.frequency[0]) == pytest.approx(kittel, rel=1e-9, abs=0)
    assert float(found.ellipticity[0]) == pytest.approx(np.sqrt(b1 / b2), rel=1e-6, abs=0)
    assert float(found.decay_rate[0]) == pytest.approx(alpha * GAMMA * (b1 + b2) / 2, rel=1e-6, abs=0)
    f = np.linspace(0.5, 1.5, 1001) * kittel
    B = np.array([2e-3, 1e-3, 0])
    expected = []
    for Omega in 2 * np.pi * f[::20]:
        # γ m×(h − B) + α m×u̇ = u̇ at m = z, with h = (b1 u_x, b2 u_y): z×v = (−v_y, v_x).
        stiff = np.array([[b1, 0], [0, b2]]) + 1j * Omega * alpha / GAMMA * np.eye(2)
        turn = np.array([[0, -1], [1, 0]])
        u = np.linalg.solve(1j * Omega / GAMMA * np.eye(2) - turn @ stiff, -turn @ B[:2])
        expected.append(0.5 * np.real(1j * Omega * np.dot(B[:2], u)) * Ms * POINT.cell_volume)
    power = found.absorption(f, B)
    assert np.allclose(power[::20], expected, rtol=0, atol=0.01 * np.max(expected))
    half = f[np.asarray(power) > 0.5 * np.max(power)]
    assert np.ptp(half) == pytest.approx(float(found.linewidth[0]), rel=0.03, abs=0)
    assert float(found.drive((0, 0, 1e-3))[0]) < 1e-6
    slope = jax.grad(lambda b: found.frequencies_near(spin + mj.Zeeman(B=b))[0])(jnp.zeros(3))[2]
    assert float(slope) == pytest.approx(GAMMA * (b1 + b2) / (4 * np.pi * np.sqrt(b1 * b2)), rel=1e-6, abs=0)
    with pytest.raises(ValueError, match="Argument `B`"):
        found.absorption(f, np.ones((2, 1, 1, 1)))


@pytest.mark.slow
def test_result_prints_plots_and_converts(modes) -> None:
    assert repr(modes).splitlines()[1].split()[2] == "GHz"
    assert jax.eval_shape(lambda: modes).__repr__() == "Modes(traced)"
    assert modes.plot(1).axes[0].get_title(loc="left")
    assert modes.plot_spectrum((1e-3, 0, 0)).axes
    assert len(modes.plot_profiles(2).axes) == 4
    with pytest.raises(ValueError, match="Argument `index` must name one of 6 modes"):
        modes.plot(6)
    with pytest.raises(ValueError, match="Argument `B` must have the shape"):
        modes.drive(1e-3)
    data = modes.to_xarray()
    assert data.profile.dims == ("mode", "vdims", "z", "y", "x")
    assert data.frequency.attrs["units"] == "Hz"


@pytest.mark.slow
def test_states_that_are_no_equilibrium_are_refused(flake) -> None:
    """With the torque that is left, whether the state comes as an array or as a result."""
    system, _ = flake
    start = mj.textures.uniform(system.mesh, (1, 0, 0))
    with pytest.raises(ValueError, match=r"Argument `equilibrium` must be an equilibrium, but a torque of 0\.\d+ T"):
        mj.eigenmodes(system, start)
    with pytest.raises(ValueError, match=r"mj\.minimize"):
        mj.eigenmodes(system, mj.minimize(system, start, max_steps=1))
    with pytest.raises(ValueError, match="Argument `torque` must be a number > 0"):
        at_rest(system, start, 0.0, -1.0, "equilibrium")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dense", "iterative"])
def test_saddles_are_refused(method: str) -> None:
    mesh = mj.Mesh((4, 1, 1), 4e-9)
    hard = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=1.3e-11) + mj.UniaxialAnisotropy(K=4e5, axis=(0, 0, 1)))
    with pytest.raises(ValueError, match="saddle"):
        mj.eigenmodes(hard, mj.textures.uniform(mesh, "x"), count=2, method=method)


def test_arguments_are_checked() -> None:
    """Each by its name, before anything is computed."""
    spin = mj.System(POINT, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.1)))
    up = mj.textures.uniform(POINT, "z")
    for name, value in {
        "count": 0,
        "method": "magic",
        "tolerance": 0.0,
        "max_steps": 0,
        "t": np.nan,
        "torque": "1 mT",
    }.items():
        with pytest.raises(ValueError, match=f"Argument `{name}` must"):
            mj.eigenmodes(spin, up, **{name: value})
    for count in (2.5, "3", True):
        with pytest.raises(TypeError, match="Argument `count` must be a whole number"):
            mj.eigenmodes(spin, up, count=count)


def test_currents_and_traced_systems_are_refused() -> None:
    """No energy stands behind a current's torque; and the host cannot look into a traced system."""
    spin = mj.System(POINT, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.1)))
    up = mj.textures.uniform(POINT, "z")
    with pytest.raises(ValueError, match="no torques of currents"):
        mj.eigenmodes(spin + mj.ZhangLi(u=(100.0, 0, 0)), up)
    with pytest.raises(TypeError, match="frequencies_near"):
        jax.jit(lambda system: mj.eigenmodes(system, up).frequency)(spin)
    with pytest.raises(TypeError, match="frequencies_near"):
        jax.vmap(lambda b: mj.eigenmodes(spin + mj.Zeeman(B=b), up).frequency)(jnp.zeros((2, 3)))


@pytest.mark.slow
def test_curvature_is_the_second_derivative_of_the_energy(flake) -> None:
    """Along random turns E(m(s)) has the second derivative Ms V xᵀHx at a rest point.

    Central differences of step 2e-3 err by its square, times a fourth derivative of some times the second.
    """
    system, state = flake
    near = Linearised.about(system, state.m)
    x = np.random.default_rng(1).normal(size=(near.angles, 2))
    u = turns(near, jnp.asarray(x.T))
    h = 2e-3
    for v, xi, hx in zip(u, x.T, on_host(curvature, near, x).T, strict=True):
        low, middle, high = (float(system.total_energy(normalize(state.m + s * v))) for s in (-h, 0, h))
        assert (low - 2 * middle + high) / h**2 == pytest.approx(near.unit * float(xi @ hx), rel=1e-3, abs=0)
        assert float(xi @ on_host(smoothed, near, xi[:, None])[:, 0]) > 0
    assert np.allclose(near.angles_of(u).T, x, rtol=0, atol=1e-13)


def test_block_solver_tells_equal_values_apart() -> None:
    d = np.array([1.0, 1.0, 1.0, 2.0, 3.0, *np.arange(5.0, 60.0)])[:, None]
    start = np.random.default_rng(2).normal(size=(60, 5))
    found = largest(
        lambda v: v,
        lambda v: d * v,
        lambda v: v / d,
        start,
        wanted=4,
        converged=lambda values, residuals: residuals < 1e-8,
        max_steps=100,
    )
    assert found.converged
    assert np.allclose(1 / found.values[:4], [1, 1, 1, 2], rtol=1e-9, atol=0)
    with pytest.raises(Indefinite):
        largest(
            lambda v: v,
            lambda v: (d - 30) * v,
            lambda v: v / d,
            start,
            wanted=1,
            converged=lambda values, residuals: residuals < 1e-8,
            max_steps=9,
        )
