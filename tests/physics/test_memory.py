"""What an isolated ensemble remembers: recurrence, and the two entropies of a drop of ink (row A6)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax.analytic import ink_drop, recurrence
from magjax.kinetics import Damped, Twist, coarse_entropy, coarse_grained, drop, returns, signal, stir
from magjax.kinetics.frequencies import Discrete, equidistant

SPACING = 1e9


@jax.jit
def revival(centre, spacing, t):
    """⟨m⟩ of eleven equidistant frequencies."""
    return signal(equidistant(centre, spacing, 11), t).m


@pytest.mark.slow
@settings(max_examples=10)
@given(centre=st.floats(1.0, 50.0), spacing=st.floats(0.2, 5.0))
def test_equidistant_frequencies_follow_the_comb_and_recur(centre, spacing):
    """N spins turned one by one against sin(Nδωt/2)/(N sin(δωt/2)), through the first revival at 2π/δω.

    Phases reach 2000 rad: rounding of 1e-13 relative to them is 2e-12 at most.
    """
    centre, spacing = jnp.asarray(centre * 1e9), jnp.asarray(spacing * SPACING)
    period = recurrence.recurrence_time(spacing)
    t = period * jnp.linspace(0.0, 1.2, 61)
    m, chi = revival(centre, spacing, t), recurrence.comb(t, centre, spacing, 11)
    np.testing.assert_allclose(m[:, 0] + 1j * m[:, 1], chi, atol=1e-10)
    envelope = np.hypot(m[:, 0], m[:, 1])
    assert envelope[50] == pytest.approx(1.0, abs=1e-10)
    assert envelope[10:40].max() < 0.3  # in between, one sees nothing of what is to come


@pytest.mark.slow
def test_no_revival_once_lines_are_coarse_grained():
    """Lines seen with the width Γ revive to e^{−ΓT} only, exactly; with Γ = δω that is e^{−2π} = 0.002.

    The comb times e^{−Γt} holds for all times (rounding).
    """
    lines = equidistant(20e9, SPACING, 11)
    blurred = coarse_grained(lines, SPACING)
    period = float(recurrence.recurrence_time(SPACING))
    t = jnp.linspace(0.0, 2 * period, 101)
    expected = recurrence.comb(t, 20e9, SPACING, 11) * jnp.exp(-SPACING * t)
    np.testing.assert_allclose(blurred.characteristic(t), expected, atol=1e-12)
    assert float(jnp.abs(blurred.characteristic(period))) == pytest.approx(np.exp(-2 * np.pi), rel=1e-9, abs=0)


@pytest.mark.parametrize(("number", "tolerance", "duration"), [(2, 0.01, 1e-5), (3, 0.03, 2e-5), (4, 0.06, 4e-5)])
def test_mean_recurrence_time_of_incommensurate_frequencies(number, tolerance, duration):
    """Square roots of primes have no rational relation; their mean time between returns to 1 − ε.

    The closed form is exact for ε → 0; ε = 0.06 in four dimensions leaves some percent. At least a hundred returns are
    counted, which in quasi-periodic motion scatter less than random events would, by 1/√n; 10 % covers both.
    """
    omega = 1e9 * np.sqrt([2.0, 3.0, 5.0, 7.0][:number])
    found = returns(Discrete(omega), tolerance, duration=duration, step=2e-11)
    expected = float(recurrence.mean_recurrence_time(omega, tolerance))
    assert int(found.number) > 100
    assert float(found.mean_time) == pytest.approx(expected, rel=0.1, abs=0)
    assert float(found.highest) > 1 - tolerance


def test_recurrence_is_put_off_exponentially_with_the_number_of_spins():
    """From 4 to 40 spins near 10 GHz the mean time between returns to 99 % goes from µs past the age of the Earth."""
    omega = 2 * np.pi * 1e10 * (1 + 0.01 * np.sqrt(np.arange(2, 42)))
    few, many = (float(recurrence.mean_recurrence_time(omega[:n], 0.01)) for n in (4, 40))
    assert few < 1e-5
    assert many > 4.5e9 * 365.25 * 86400


# ------------------------------------------------------------------------------------------------------------- ink drop
SHEAR = 1e9
RADIUS = 0.4


@pytest.fixture(scope="module")
def ink():
    """A drop of 30 000 directions."""
    return drop(jax.random.key(0), 30_000, (1.0, 0.0, 0.0), RADIUS)


@pytest.fixture(scope="module")
def sheared(ink):
    """It, sheared for 40 rounds."""
    return stir(ink, [Twist(shear=SHEAR)], duration=2 * np.pi / SHEAR, rounds=40, radius=RADIUS, cells=(16, 32))


@pytest.mark.slow
def test_the_drop_is_even():
    """Directions of a cap have even sin²(θ/2): its mean is half of the maximum, within 5 σ."""
    some = drop(jax.random.key(1), 40_000, (0.6, 0.0, 0.8), 1.0)
    half = (1 - jnp.asarray([0.6, 0.0, 0.8]) @ some) / 2
    top = np.sin(0.5) ** 2
    assert float(half.max()) <= top * (1 + 1e-12)
    assert float(half.mean()) == pytest.approx(top / 2, abs=5 * top / np.sqrt(12 * 40_000))
    np.testing.assert_allclose(jnp.linalg.norm(some, axis=0), np.ones(40_000), atol=1e-14)


@pytest.mark.slow
def test_fine_entropy_is_constant_and_coarse_entropy_rises(sheared):
    """Shear keeps −∫ρ ln ρ to rounding and winds the drop until the coarse cells see nothing but its height.

    Theory: the flow has no divergence; the coarse entropy tends to −∫p(z) ln[p(z)/2π] dz, seen through 16 bands (which
    coarsen p(z), 0.03) and 30 000 points (some 200 cells filled: 0.003). Before, filaments beat with the cells: 0.02.
    """
    assert float(sheared.fine[0]) == pytest.approx(np.log(2 * np.pi * (1 - np.cos(RADIUS))), abs=1e-12)
    np.testing.assert_allclose(sheared.fine, np.full(41, float(sheared.fine[0])), atol=1e-12)
    plateau = float(ink_drop.sheared_entropy(RADIUS))
    assert float(sheared.coarse[-1]) == pytest.approx(plateau, abs=0.04)
    assert float(sheared.coarse[0]) < plateau - 1.5
    np.testing.assert_allclose(sheared.coarse[25:], np.full(16, plateau), atol=0.04)


@pytest.mark.slow
def test_finer_cells_see_the_drop_for_longer(ink):
    """Filaments of shear are 2π/(ω1 t) apart: cells half as high are passed after about twice the time.

    Bands of the same 32 sectors: the time at which the entropy is within 0.1 of its end, for heights 1/8, 1/16, 1/32.
    The ratio is 2 but for beats with the cells: between 1.5 and 3.
    """
    times = []
    for bands in (16, 32, 64):
        slow = stir(ink, [Twist(shear=SHEAR)], duration=2 / SHEAR, rounds=80, radius=RADIUS, cells=(bands, 32))
        times.append(float(np.argmax(np.asarray(slow.coarse) > float(slow.coarse[-10:].mean()) - 0.1)))
    assert 1.5 < times[1] / times[0] < 3
    assert 1.5 < times[2] / times[1] < 3


@pytest.mark.slow
def test_the_drop_comes_back_unless_noise_intervenes(ink, sheared):
    """Turn the flow round: the drop is back to rounding. A jolt of 1 mrad in each round, and it is spread for good.

    Phases reach 250 rad: 1e-12. Shear by ω1 t = 250 turns jolts of 1 mrad √40 across into 1 rad along: more than the
    drop is wide.
    """
    twist, turn = [Twist(shear=SHEAR)], -2 * np.pi / SHEAR
    back = stir(sheared.points, twist, duration=turn, rounds=40, radius=RADIUS, cells=(16, 32))
    np.testing.assert_allclose(back.points, ink, atol=1e-11)
    assert float(back.coarse[-1]) == pytest.approx(float(coarse_entropy(ink, 16, 32)), abs=1e-6)
    jolted = stir(
        sheared.points,
        twist,
        duration=turn,
        rounds=40,
        radius=RADIUS,
        cells=(16, 32),
        noise=1e-3,
        key=jax.random.key(1),
    )
    assert float(jolted.coarse[-1]) > float(sheared.coarse[0]) + 0.2


@pytest.mark.slow
def test_stirring_about_two_axes_mixes_everything(ink):
    """Twists about z and x in turn are chaotic: the drop reaches the whole sphere, ln 4π less (cells − 1)/2n.

    Miller's correction is 0.0085, right to its square. Poles of both axes stretch least and mix last.
    """
    twists = [Twist((0, 0, 1), shear=SHEAR), Twist((1, 0, 0), shear=SHEAR)]
    mixed = stir(ink, twists, duration=30 / SHEAR, rounds=12, radius=RADIUS, cells=(16, 32))
    np.testing.assert_allclose(mixed.fine, np.full(13, float(mixed.fine[0])), atol=1e-10)
    assert float(mixed.coarse[-1]) == pytest.approx(float(ink_drop.mixed_entropy(512, 30_000)), abs=2e-3)


@pytest.mark.slow
def test_damping_contracts_even_the_fine_entropy(ink):
    """Damping has a divergence: −2αω m_z/(1+α²) in a constant field. Fine entropy then follows ⟨∫div dt⟩, and falls.

    Theory: with m_z = tanh(x0 + y), y = αωt/(1+α²), areas shrink by (1 − m_z²)/(1 − m_z0²) = 1/(cosh y + m_z0 sinh y)².
    """
    some, omega, alpha, rounds = ink[:, :2000], 1e9, 0.1, 5
    flow = lambda m, t: Damped(alpha).after(m, jnp.full(m.shape[1], omega), t)  # noqa: E731
    found = stir(some, [flow], duration=2e-9, rounds=rounds, radius=RADIUS)
    y = alpha * omega * 1e-8 / (1 + alpha**2)
    expected = -2 * jnp.mean(jnp.log(jnp.cosh(y) + some[2] * jnp.sinh(y)))
    assert float(found.fine[-1] - found.fine[0]) == pytest.approx(float(expected), abs=1e-12)
    assert float(expected) < -0.5


@pytest.mark.slow
def test_a_twist_is_what_anisotropy_does_in_the_engine():
    """The equation of motion with uniaxial anisotropy and a field along an oblique axis, against the exact rotation.

    Eight spins without exchange, some ten radians, steps wrong by 1e-8 rad: 1e-6 is allowed.
    """
    axis, B, K, Ms = np.array([1.0, 2.0, 2.0]) / 3, 0.3, 2e5, 8e5
    some = drop(jax.random.key(5), 8, (0, 0, 1.0), 2.0)
    mesh = mj.Mesh((8, 1, 1), 5e-9)
    energy = mj.UniaxialAnisotropy(K=K, axis=tuple(axis)) + mj.Zeeman(B=B * axis)
    system = mj.System(mesh, Ms=Ms, alpha=0.0, energy=energy)
    run = mj.evolve(system, some.reshape(3, 1, 1, 8), 0.1e-9, tolerance=1e-8)
    twist = Twist(axis, rate=mj.constants.GAMMA * B, shear=mj.constants.GAMMA * 2 * K / Ms)
    np.testing.assert_allclose(run.m.reshape(3, 8), twist(some, 0.1e-9), atol=2e-6)
