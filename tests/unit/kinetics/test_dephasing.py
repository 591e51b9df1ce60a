import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.analytic import macrospin
from magjax.kinetics import (
    AbstractMotion,
    Bloch,
    Damped,
    Pulse,
    Returns,
    Signal,
    Stirred,
    Twist,
    coarse_entropy,
    coarse_grained,
    drop,
    macrospins,
    pulse_train,
    returns,
    signal,
    stir,
)
from magjax.kinetics.frequencies import Discrete, Gaussian

M = jnp.asarray([[0.6, 0.0, -0.1], [0.0, 0.1, 0.7], [0.8, -0.99, 0.7]])
M = M / jnp.linalg.norm(M, axis=0)[None]


@pytest.mark.slow
def test_damped_motion_is_that_of_a_macrospin(precision) -> None:
    """Against the closed form for each spin, fields of both signs and of none; and nothing overflows at late times."""
    omega = np.array([1e10, -2e10, 0.0])
    motion = Damped(0.2)
    assert isinstance(motion, AbstractMotion)
    found = motion.after(M.astype(precision.dtype), jnp.asarray(omega, precision.dtype), 1e-10)
    assert found.dtype == precision.dtype
    for i in range(3):
        B = (0.0, 0.0, omega[i])
        expected = macrospin.relaxation(1e-10, M[:, i], B, 0.2, gamma=1.0)
        np.testing.assert_allclose(found[:, i], expected, atol=4 * precision.exact)
    late = motion.after(M, jnp.asarray(omega), 1e-6)
    np.testing.assert_allclose(late[2], [1, -1, M[2, 2]], atol=1e-12)


def test_bloch_relaxation() -> None:
    motion = Bloch(T1=2e-9, T2=1e-9, equilibrium=0.5)
    m = motion.after(M, jnp.zeros(3), 1e-9)
    np.testing.assert_allclose(m[:2], M[:2] * np.exp(-1), rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(m[2], 0.5 + (M[2] - 0.5) * np.exp(-0.5), rtol=1e-14)


@pytest.mark.slow
def test_pulses_rotate_right_handed(precision) -> None:
    """As the matrix exponential does, through Rodrigues' formula written as a quaternion."""
    axis, angle = np.array([1.0, -2.0, 0.5]), 1.3
    u = axis / np.linalg.norm(axis)
    K = np.array([[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]])
    R = np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K
    found = Pulse(0.0, angle, axis).turn(M.astype(precision.dtype))
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, R @ M, atol=4 * precision.exact)
    for whole in (0.0, 2 * np.pi):
        np.testing.assert_allclose(Pulse(0.0, whole, axis).turn(M), M, atol=4e-15)
    assert [float(pulse.time) for pulse in pulse_train(1.0, 3)] == [1, 3, 5]


@pytest.mark.slow
def test_signal_in_single_precision_and_batches() -> None:
    p = jax.tree.map(lambda x: x.astype(jnp.float32), Gaussian(1e10, 1e9))
    seen = signal(p, [1e-9, 2e-9], spins=64)
    assert isinstance(seen, Signal)
    assert seen.m.dtype == seen.transverse.dtype == jnp.float32
    expected = p.characteristic(jnp.asarray([1e-9, 2e-9], jnp.float32))
    np.testing.assert_allclose(seen.m[:, 0], expected.real, atol=1e-5)
    batch = jax.vmap(lambda width: signal(Gaussian(1e10, width), [1e-9], spins=64).envelope)(jnp.asarray([1e9, 2e9]))
    np.testing.assert_allclose(batch[:, 0], np.exp([-0.5, -2.0]), atol=1e-12)


def test_macrospins_weigh_their_cells() -> None:
    """Each cell in its field, and ⟨m⟩ of the sample weighted as the nodes are."""
    p = Discrete((1e11, 3e11), weights=(1.0, 3.0))
    system = macrospins(p, gamma=1e11)
    m = jnp.zeros((3, 1, 1, 2)).at[0, 0, 0, 1].set(1.0).at[2, 0, 0, 0].set(1.0)
    np.testing.assert_allclose(system.average(m), [0.75, 0, 0.25], rtol=1e-14)
    field = system.prepare(m.dtype).field(0.0, m)
    np.testing.assert_allclose(field[2, 0, 0], [1.0, 3.0], rtol=1e-14)


def test_returns_of_a_beat() -> None:
    found = returns(Discrete((1e9, 2e9)), 0.01, duration=1e-7, step=1e-11)
    assert isinstance(found, Returns)
    assert int(found.number) == 15
    assert float(found.mean_time) == pytest.approx(1e-7 / 15, rel=1e-12, abs=0)
    once = returns(Discrete((1e9,)), 0.01, duration=1e-9, step=1e-11)
    assert int(once.number) == 0
    assert np.isinf(float(once.mean_time))
    assert float(coarse_grained(Discrete((1e9, 3e9)), 1e8).mean()) == pytest.approx(2e9, rel=1e-12, abs=0)


@pytest.mark.slow
def test_coarse_entropy_counts_cells() -> None:
    """One point fills one cell; four points in four cells fill ln 4 more. Cells meet at φ = π without a seam."""
    one = jnp.asarray([[1.0], [1e-9], [0.1]])
    assert float(coarse_entropy(one, 4, 8)) == pytest.approx(np.log(4 * np.pi / 32), abs=1e-14)
    phi = np.pi / 4 + np.pi / 2 * np.arange(4)
    four = jnp.asarray(np.stack([np.cos(phi), np.sin(phi), np.zeros(4)]))
    assert float(coarse_entropy(four, 4, 8)) == pytest.approx(np.log(4 * np.pi / 8), abs=1e-14)
    seam = jnp.asarray([[-1.0, -1.0], [0.0, -0.0], [0.2, 0.2]])
    assert float(coarse_entropy(seam, 1, 1)) == pytest.approx(np.log(4 * np.pi), abs=1e-14)


@pytest.mark.slow
def test_stirring_in_single_precision() -> None:
    ink = drop(jax.random.key(0), 500, dtype=jnp.float32)
    mixed = stir(ink, [Twist(shear=1e9)], 1e-9, 2, radius=0.4)
    assert isinstance(mixed, Stirred)
    assert mixed.points.dtype == mixed.fine.dtype == mixed.coarse.dtype == jnp.float32
    np.testing.assert_allclose(jnp.linalg.norm(mixed.points, axis=0), np.ones(500), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Bloch(T1=-1.0), "`T1` must be a time > 0"),
        (lambda: Bloch(T1=1e-9, T2=3e-9), "did you swap them"),
        (lambda: Damped(-0.1), "`alpha` must be a damping ≥ 0"),
        (lambda: Pulse(-1.0), "`time` must be ≥ 0"),
        (lambda: Pulse(1.0, axis=(0, 0, 0)), "`axis` must be a direction"),
        (lambda: pulse_train(1.0, 0), "number of pulses ≥ 1"),
        (lambda: signal(Gaussian(1.0, 1.0), [-1.0]), "times ≥ 0 in s"),
        (lambda: signal(Gaussian(1.0, 1.0), []), "list of times"),
        (lambda: signal(Gaussian(1.0, 1.0), [1.0], [Pulse(2.0), Pulse(1.0)]), "time does not go backwards"),
        (lambda: signal(Gaussian(1.0, 1.0), [1.0], start=(0, 0, 0)), "`start` must be a direction"),
        (lambda: returns(Discrete((1.0,)), 0.1, duration=1.0, step=2.0), "0 < step ≤ duration"),
        (lambda: returns(Discrete((1.0,)), 1.5, duration=1.0, step=0.1), "between 0 and 1"),
        (lambda: Twist(axis=(0, 0, 0)), "`axis` must be a direction"),
        (lambda: drop(jax.random.key(0), 3, radius=23), "Did you give degrees"),
        (lambda: coarse_entropy(M, 0, 1), "`bands` must be a number of cells"),
        (lambda: stir(M.T[:2], [Twist(shear=1.0)], 1.0, 1, radius=0.4), "must be directions"),
        (lambda: stir(M, [], 1.0, 1, radius=0.4), "at least one flow"),
        (lambda: stir(M, [Twist(shear=1.0)], 1.0, 0, radius=0.4), "rounds ≥ 1"),
        (lambda: stir(M, [Twist(shear=1.0)], 1.0, 1, radius=0.4, noise=0.1), "needs a `key`"),
    ],
)
def test_slips_are_named(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()
