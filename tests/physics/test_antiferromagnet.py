"""Sublattices against closed forms: resonances, spin flop, canting, spin waves, walls, compensation, and a ferromagnet.

Theory: two sublattices with exchange J m_a·m_b and easy axes along z. The modes about ↑↓ are those of a 2 × 2 matrix;
equilibria in a field are where two angles balance; a wall is a kink of the Néel vector that contracts as it moves.

Layout: one cell where nothing varies in space, a periodic chain for waves, a long free one for a wall.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax.analytic import antiferromagnet, dispersion, ferrimagnet

DOT = mj.Mesh((1, 1, 1), 5e-9)
UP = mj.textures.antiparallel(mj.textures.uniform(DOT, "z", dtype=jnp.float64))
Ms = 4e5
#: Fields of 20 T and 1 T: far enough apart for two time scales, near enough for every correction to count.
B_E, B_A = 20.0, 1.0


def pair(mesh=DOT, *, J=B_E * Ms, Ms=(Ms, Ms), K=(B_A * Ms / 2,) * 2, gamma=(mj.constants.GAMMA,) * 2, alpha=0.0,
         A=(None, None), A_ab=None, B=None):  # fmt: skip
    """Two sublattices with easy axes along z."""
    systems = {}
    for i, name in enumerate("ab"):
        energy = mj.UniaxialAnisotropy(K=K[i], axis=(0, 0, 1))
        energy = energy if A[i] is None else energy + mj.Exchange(A=A[i])
        systems[name] = mj.System(mesh, Ms=Ms[i], alpha=alpha, gamma=gamma[i], energy=energy)
    system = mj.Sublattices(systems, coupling=mj.Coupling(J=J, A=A_ab))
    return system if B is None else system + mj.Zeeman(B=B)


def spin_rates(system, m, v):
    """How dm/dt changes when the spins change by `v`, 1/s."""
    prepared = system.prepare(m.dtype)

    def rate(m):
        return mj.LLG().torque(m, prepared.field(0.0, m), *prepared.coefficients(0.0))

    return jax.jvp(rate, (m,), (v,))[1]


@jax.jit
def two_modes(J, magnetisations, K, gamma, B):
    """The rates of m_x + i m_y of both sublattices about ↑↓, rad/s: a matrix with the frequencies as eigenvalues."""
    system = pair(J=J, Ms=magnetisations, K=K, gamma=gamma, B=jnp.stack([0 * B, 0 * B, B]))
    columns = []
    for s in range(2):
        x = jnp.zeros_like(UP).at[s, 0].set(1.0)
        turned = spin_rates(system, UP, x)[:, :, 0, 0, 0]
        # d(m_x + i m_y)/dt = i ω (m_x + i m_y)
        columns.append((turned[:, 0] + 1j * turned[:, 1]) / 1j)
    return jnp.stack(columns, axis=1)


FIELD, MAGNETISATION, GAMMA = st.floats(-3.0, 3.0), st.floats(1e5, 1e6), st.floats(1.5e11, 2.2e11)


@settings(max_examples=10)
@given(st.floats(5e6, 5e7), st.tuples(MAGNETISATION, MAGNETISATION), st.tuples(st.floats(0, 2e5), st.floats(0, 2e5)),
       st.tuples(GAMMA, GAMMA), FIELD)  # fmt: skip
def test_modes_of_any_ferrimagnet(J, magnetisations, K, gamma, B):
    """The linearised equation of motion has the closed form's eigenvalues, stable or not.

    Both are made of the same numbers: what differs is rounding, which a double root takes the square root of, so that
    the eigenvalues are compared by their sum and product.
    """
    arguments = (jnp.asarray(J), *(jnp.asarray(v) for v in (magnetisations, K, gamma)), jnp.asarray(B))
    found = np.asarray(two_modes(*arguments))
    expected = np.asarray(ferrimagnet.modes(J=J, Ms=magnetisations, K=K, gamma=gamma, B=B))
    scale = np.abs(found).max()
    assert np.trace(found) == pytest.approx(expected.sum(), rel=1e-12, abs=1e-12 * scale)
    assert np.linalg.det(found) == pytest.approx(expected.prod(), rel=1e-12, abs=1e-12 * scale**2)


def test_closed_forms_agree_with_each_other():
    """The antiferromagnet is the ferrimagnet of equal sublattices; slow and exchange mode are its limits."""
    both = ferrimagnet.modes(J=B_E * Ms, Ms=(Ms, Ms), K=(B_A * Ms / 2,) * 2, B=0.7)
    np.testing.assert_allclose(np.abs(both), antiferromagnet.resonance(B_E, B_A, 0.7), rtol=1e-12)
    product = antiferromagnet.resonance_seed(B_E, B_A, gamma=1.0)[0] * (B_A + 2 * B_E)
    assert float(antiferromagnet.resonance(B_E, B_A, gamma=1.0)[0] ** 2) == pytest.approx(
        float(product), rel=1e-12, abs=0
    )
    k2 = 3e16
    waves = ferrimagnet.modes(
        J=B_E * Ms, Ms=(Ms, Ms), K=(B_A * Ms / 2,) * 2, A=(5e-12, 5e-12), A_ab=-3e-12, k_square=k2
    )
    expected = antiferromagnet.dispersion(k2, B_E=B_E, B_A=B_A, Ms=Ms, A=5e-12, A_ab=-3e-12)
    np.testing.assert_allclose(np.abs(waves), float(expected), rtol=1e-12)
    magnetisations, gamma = (4e5, 3e5), (1.8e11, 1.6e11)
    fast, slow = (
        ferrimagnet.exchange_mode(1e8, magnetisations, gamma),
        ferrimagnet.effective_gamma(magnetisations, gamma),
    )
    found = ferrimagnet.modes(J=1e8, Ms=magnetisations, gamma=gamma, B=1e-3).real
    # The field is small against the exchange field of 300 T: corrections are of the order of their ratio.
    np.testing.assert_allclose(found, sorted([float(slow) * 1e-3, float(fast)], reverse=True), rtol=1e-4)


def test_exchange_mode_vanishes_at_the_compensation_of_angular_momenta():
    """Between the two compensation points the slow mode turns backwards; at the second both modes meet."""
    gamma, other = (1.9e11, 1.76e11), 4e5
    at = other * gamma[0] / gamma[1]
    assert float(ferrimagnet.net_angular_momentum((at, other), gamma)) == pytest.approx(0, abs=1e-12 * at / gamma[0])
    assert float(ferrimagnet.exchange_mode(1e8, (at, other), gamma)) == pytest.approx(0, abs=1e-6)
    between = (other + at) / 2, other
    assert float(ferrimagnet.effective_gamma(between, gamma)) < 0

    def modes(first):
        arguments = (jnp.asarray(1e8), *(jnp.asarray(v) for v in ((first, other), (2e4, 2e4), gamma)), jnp.asarray(0.0))
        return np.sort(np.linalg.eigvals(np.asarray(two_modes(*arguments))).real)

    low, high = modes(at)
    assert low == pytest.approx(-high, rel=1e-2, abs=0)  # the anisotropy fields differ a little
    gaps = [np.ptp(np.abs(modes(x * at))) for x in (0.9, 0.97, 1.0, 1.03, 1.1)]
    assert np.argmin(gaps) == 2


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_resonance_in_time(which):
    """Sixty turns of either mode at an amplitude of 1e-4: the slope of the phase is the frequency to 1e-6.

    The amplitude shifts it by its square, 1e-8; the fourth-order steps by (ω dt)⁴/120 = 3e-8 at ω dt = 0.045.
    """
    B = 0.5
    omega = float(ferrimagnet.modes(J=B_E * Ms, Ms=(Ms, Ms), K=(B_A * Ms / 2,) * 2, B=B).real[which])
    # From the first row of the mode's equations.
    ratio = (omega / mj.constants.GAMMA - B - B_E - B_A) / B_E
    tilt = 1e-4 * np.array([1.0, ratio])
    m0 = UP.at[:, 0, 0, 0, 0].set(tilt / max(1, abs(ratio)))
    period = 2 * np.pi / abs(omega)
    run = mj.evolve(
        pair(B=(0, 0, B)), m0, 60 * period, save_every=period / 8, states=True, dt=period / 140, adjoint="forward"
    )
    m = np.asarray(run.states)[:, 0, :2, 0, 0, 0]
    phase = np.unwrap(np.angle(m[:, 0] + 1j * m[:, 1]))
    slope = np.polyfit(np.asarray(run.t), phase, 1)[0]
    assert slope == pytest.approx(omega, rel=1e-6, abs=0)
    assert abs(omega) == pytest.approx(float(antiferromagnet.resonance(B_E, B_A, B)[which]), rel=1e-12, abs=0)


# -------------------------------------------------------------------------------------------------------- equilibria
@pytest.mark.slow
def test_energies_meet_at_the_spin_flop_field():
    """There both states are minima of one energy; the angle of the flopped one is the closed form's in any field."""
    flopped = mj.textures.uniform(DOT, (1, 0, 0.1), dtype=jnp.float64)
    flopped = jnp.stack([flopped, flopped * jnp.asarray([-1, 1, 1.0]).reshape(3, 1, 1, 1)])
    field = float(antiferromagnet.spin_flop_field(B_E, B_A))
    ends = [mj.minimize(pair(B=(0, 0, field)), m, tolerance=1e-10) for m in (UP, flopped)]
    assert float(ends[1].energy) == pytest.approx(float(ends[0].energy), rel=1e-12, abs=0)
    for B in (field, 2 * field):
        found = mj.minimize(pair(B=(0, 0, B)), flopped, tolerance=1e-10)
        angle = float(antiferromagnet.spin_flop_angle(B, B_E, B_A))
        np.testing.assert_allclose(found.m[:, 2, 0, 0, 0], np.cos(angle), rtol=0, atol=1e-10)
    flipped = float(antiferromagnet.spin_flip_field(B_E, B_A)) * 1.01
    np.testing.assert_allclose(mj.minimize(pair(B=(0, 0, flipped)), flopped).m[:, 2], 1, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_branches_of_the_spin_flop_end_where_they_lose_stability():
    """Up, ↑↓ holds to √(B_A(2B_E + B_A)); down, the flopped state to (2B_E − B_A)√(B_A/(2B_E + B_A)).

    A field off the axis by ε rounds a bifurcation over ε^(2/3) of it, 5e-3 here; steps of the field are 2e-3.
    """
    up, down = float(antiferromagnet.instability_field(B_E, B_A)), float(antiferromagnet.spin_flop_limit(B_E, B_A))
    tilted = np.array([3e-4, 0, 1.0])
    rise = np.linspace(0.97, 1.03, 31)[:, None] * up * tilted
    fall = np.linspace(1.03, 0.97, 31)[:, None] * down * tilted
    first = mj.hysteresis(pair(), UP, rise, states=True, tolerance=1e-9)
    order = np.abs(np.asarray(first.states)[:, 0, 2] - np.asarray(first.states)[:, 1, 2]).ravel() / 2
    assert rise[np.argmax(order < 0.5), 2] == pytest.approx(up, rel=8e-3, abs=0)
    second = mj.hysteresis(pair(), first.m, fall, states=True, tolerance=1e-9)
    order = np.abs(np.asarray(second.states)[:, 0, 2] - np.asarray(second.states)[:, 1, 2]).ravel() / 2
    assert fall[np.argmax(order > 0.5), 2] == pytest.approx(down, rel=8e-3, abs=0)


@pytest.mark.slow
def test_canting_across_the_axis():
    """The minimum in a transverse field, and the susceptibility as its derivative by the implicit function theorem."""
    found = mj.minimize(pair(B=(3.0, 0, 0)), UP, tolerance=1e-10)
    angle = float(antiferromagnet.canting(3.0, B_E, B_A))
    np.testing.assert_allclose(found.m[:, 0, 0, 0, 0], np.sin(angle), rtol=0, atol=1e-10)
    slope = mj.grad(lambda s: mj.minimize(s, UP, tolerance=1e-10).m[0, 0].sum())(pair(B=(3.0, 0, 0)))
    assert float(slope.energy.terms[0].B[0]) == pytest.approx(1 / (2 * B_E + B_A), rel=1e-8, abs=0)


@pytest.mark.slow
def test_canting_by_dzyaloshinskii_and_moriya():
    """A weak ferromagnet: without anisotropy tan 2φ = D/J."""
    one = mj.System(DOT, Ms=Ms)
    system = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=1e7, D=(0, 0, 2e6)))
    m0 = jnp.asarray([[1, 0.1, 0.05], [-1, 0.05, 0]]).reshape(2, 3, 1, 1, 1)
    m = np.asarray(mj.minimize(system, m0, tolerance=1e-10).m).reshape(2, 3)
    expected = float(antiferromagnet.dmi_canting(1e7, 2e6))
    assert np.linalg.norm(m.sum(axis=0)) / 2 == pytest.approx(np.sin(expected), rel=1e-8, abs=0)


# --------------------------------------------------------------------------------------------------- waves and walls
@pytest.mark.slow
def test_spin_waves_on_a_lattice():
    """A plane wave of the closed form's mode only turns: the residual of the linearised equation is rounding.

    With the stencil's own k² it is exact at every wave number up to the zone boundary; the continuum's k² is within
    2 % up to half a radian from cell to cell, where the stencil's error is k²d²/12 = 2 %.
    """
    n, d, A, A_ab = 24, 1e-9, 5e-12, -4e-12
    mesh = mj.Mesh((n, 1, 1), d, periodic="x")
    system = pair(mesh, A=(A, A), A_ab=A_ab)
    rest = mj.textures.antiparallel(mj.textures.uniform(mesh, "z", dtype=jnp.float64))
    turn = jax.jit(lambda v: spin_rates(system, rest, v))
    given = {"B_E": B_E, "B_A": B_A, "Ms": Ms, "A": A, "A_ab": A_ab}
    for number in (0, 1, 2, 5, 12):
        k = 2 * np.pi * number / (n * d)
        square = dispersion.lattice_square((k, 0.0, 0.0), (d, d, d))
        omega = float(antiferromagnet.dispersion(square, **given))
        soft, hard = B_A + (2 * A - A_ab) * float(square) / Ms, 2 * B_E + B_A + (2 * A + A_ab) * float(square) / Ms
        # m_a,b = n ± l/2 … : the Néel vector swings along x, the net moment along y, by the root of their stiffnesses.
        wave = np.cos(k * d * np.arange(n))
        swing = jnp.zeros(rest.shape).at[0, 0, 0, 0].set(wave).at[1, 0, 0, 0].set(-wave)
        moment = jnp.zeros(rest.shape).at[:, 1, 0, 0].set(np.sqrt(soft / hard) * wave)
        for v, image in ((swing, moment), (moment, -swing)):
            np.testing.assert_allclose(turn(v), omega * image, rtol=0, atol=1e-11 * omega * np.sqrt(hard / soft))
        if k * d <= 0.53:
            assert omega == pytest.approx(float(antiferromagnet.dispersion(k**2, **given)), rel=0.02, abs=0)


def profile(m, d):
    """Position and width of a wall, m, from the Néel vector's n_z = tanh((x − X)/Δ) within |n_z| < 0.7."""
    n = (np.asarray(m)[0, 2, 0, 0] - np.asarray(m)[1, 2, 0, 0]) / 2
    x = (np.arange(n.size) + 0.5) * d
    inside = np.abs(n) < 0.7
    slope, offset = np.polyfit(x[inside], np.arctanh(n[inside]), 1)
    return -offset / slope, 1 / abs(slope)


@pytest.mark.slow
def test_wall_contracts_as_it_moves():
    """A wall in a staggered field at 0.7 of the waves' velocity: its speed, and its width as of a rod in relativity.

    Corrections are of the order of B_A/B_E = 0.5 % and of (d/Δ)²/10 = 0.3 %, and as much again in the contracted wall:
    2 %. It is measured after 7 of its relaxation times 1/(2αγB_E), when e⁻⁷ of the velocity is still to come.
    """
    d, exchange, alpha = 1e-9, 100.0, 0.01
    A, A_ab, K = 5e-12, -5e-12, 1e5
    mesh = mj.Mesh((360, 1, 1), d)
    width = float(antiferromagnet.wall_width(A, K, A_ab))
    c = float(antiferromagnet.wave_velocity(exchange, Ms, A, A_ab))
    field = c * alpha / (mj.constants.GAMMA * width)
    expected = float(antiferromagnet.wall_velocity(field, alpha, width, c))
    assert expected == pytest.approx(c / np.sqrt(2), rel=1e-6, abs=0)
    n_z = np.tanh((np.arange(360) * d - 80e-9) / width)
    texture = jnp.stack([jnp.asarray(x).reshape(1, 1, 360) for x in (np.sqrt(1 - n_z**2), 0 * n_z, n_z)])
    system = pair(mesh, J=exchange * Ms, K=(K, K), A=(A, A), A_ab=A_ab, alpha=alpha)
    rest = mj.minimize(system, mj.textures.antiparallel(texture))
    assert profile(rest.m, d)[1] == pytest.approx(width, rel=0.01, abs=0)
    driven = {
        name: mj.System(mesh, Ms=Ms, alpha=alpha, energy=system[name].energy + mj.Zeeman(B=(0, 0, sign * field)))
        for name, sign in (("a", -1), ("b", 1))
    }
    driven = mj.Sublattices(driven, coupling=system.couplings[0])
    run = mj.evolve(driven, rest, 20e-12, save_at=[18e-12, 20e-12], states=True, adjoint="forward")
    (before, _), (after, moving) = (profile(m, d) for m in run.states)
    v = (after - before) / 2e-12
    assert v == pytest.approx(expected, rel=0.02, abs=0)
    contraction = float(antiferromagnet.wall_contraction(v, c))
    assert moving / width == pytest.approx(contraction, rel=0.02, abs=0)
    assert contraction < 0.75


# ------------------------------------------------------------------------------------------------------ a ferromagnet
@pytest.mark.slow
def test_parallel_sublattices_are_a_ferromagnet():
    """Two equal halves of a film, held parallel, are the film: with exchange, anisotropy, demagnetisation and a field.

    At equal fixed steps the two differ by the rounding of sums made in another order.
    """
    mesh = mj.Mesh((6, 4, 1), (3e-9, 4e-9, 2e-9))
    easy, field = mj.UniaxialAnisotropy, mj.Zeeman(B=(0, 0.1, 0.2))
    whole = mj.System(
        mesh, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1.3e-11) + easy(K=1e5, axis=(1, 0, 0)) + mj.Demag(mesh) + field
    )
    half = mj.System(mesh, Ms=4e5, alpha=0.1, energy=mj.Exchange(A=4e-12) + easy(K=5e4, axis=(1, 0, 0)))
    coupling = mj.Coupling(J=-1e6, A=5e-12)  # 4 + 4 + 5 pJ/m in all
    both = mj.Sublattices({"a": half, "b": half}, coupling=coupling, energy=mj.Demag(mesh) + field)
    m = mj.textures.random(mesh, key=3, dtype=jnp.float64)
    alone = mj.evolve(whole, m, 1e-12, dt=1e-14, adjoint="forward")
    joint = mj.evolve(both, jnp.stack([m, m]), 1e-12, dt=1e-14, adjoint="forward")
    for spins in joint.m:
        np.testing.assert_allclose(spins, alone.m, rtol=0, atol=1e-10)
    energy = float(both.total_energy(joint.m)) - float(both.energies(joint.m)["coupling_a_b"])
    own = float(whole.total_energy(alone.m))
    inhomogeneous = float(mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=5e-12)).total_energy(alone.m))
    assert energy + inhomogeneous == pytest.approx(own, rel=1e-9, abs=0)
