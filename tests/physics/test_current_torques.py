"""Textures and macrospins in currents: drift, Thiele's equation, and the torques' own equations of motion."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import magjax as mj
from magjax.analytic import thiele

GAMMA, HBAR, E = mj.constants.GAMMA, mj.constants.HBAR, mj.constants.E_CHARGE


def rotation(rng: np.random.Generator) -> np.ndarray:
    """A random rotation."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


@pytest.mark.slow
def test_equal_dissipation_moves_any_texture(rng) -> None:
    """β = α: what a texture does without current it does with one, seen from a frame that drifts at exactly u.

    Layout: textures of a few random harmonics on a ring, turned at random, that relax by exchange while a current
    carries them over an eighth of it. Central differences slow waves of wave number q by (qd)²/6: on cells half
    the size the difference must be a quarter, and on the finer ring it is a few hundredths of a radian at most.
    """
    length, u, duration = 128e-9, 160.0, 0.1e-9
    phases, turn = rng.uniform(0, 2 * np.pi, size=(3, 3)), rotation(rng)

    def distance(n: int) -> float:
        mesh = mj.Mesh((n, 1, 1), length / n, periodic="x")
        x = mesh.centers()[0] * 2 * np.pi / length
        waves = [sum(np.cos(k * x + p) / k for k, p in zip((1, 2, 3), row, strict=True)) for row in phases]
        m = np.einsum("ij,j...->i...", turn, np.stack(waves))
        m = jnp.asarray(m / np.linalg.norm(m, axis=0))
        still = mj.System(mesh, Ms=8e5, alpha=0.3, energy=mj.Exchange(A=1e-11))

        @jax.jit
        @jax.vmap
        def end(u: jax.Array) -> jax.Array:
            driven = still + mj.ZhangLi(u=u * jnp.array([1.0, 0, 0]), beta=0.3)
            return mj.evolve(driven, m, duration, tolerance=1e-6, adjoint="forward").m

        ends = end(jnp.array([0.0, u]))
        assert float(jnp.abs(ends[0] - m).max()) > 0.1
        return float(jnp.abs(jnp.roll(ends[0], round(u * duration / (length / n)), axis=3) - ends[1]).max())

    coarse, fine = distance(32), distance(64)
    assert fine < 0.03
    assert coarse / fine == pytest.approx(4, abs=0.8)


@pytest.mark.slow
def test_skyrmion_drift_is_thieles() -> None:
    """A skyrmion in a current obeys 4πQ ẑ×(v − u) + D(αv − βu) = 0, with Q and D of the very texture.

    Layout: Pt/Co with interfacial DMI on a torus of 64 nm, cells of 1 nm; the skyrmion is relaxed, and driven by
    β = 0, α, 2α and −α for 0.2 ns. u is small, so that it is not deformed; velocities are those of the last half. The
    lattice makes u smaller by (d/Δ)²/… for drift and force alike: 2 %.
    """
    mesh = mj.Mesh((64, 64, 1), (1e-9, 1e-9, 0.4e-9), periodic="xy")
    energy = mj.Exchange(A=1.5e-11) + mj.UniaxialAnisotropy(K=6e5, axis=(0, 0, 1)) + mj.DMI(D=3e-3, kind="interfacial")
    alpha, u = 0.3, 50.0
    film = mj.System(mesh, Ms=5.8e5, alpha=alpha, energy=energy)
    start = mj.minimize(film, mj.textures.skyrmion(mesh, radius=10e-9, wall_width=4e-9, chirality=1))
    assert start.result.succeeded
    tensors = mj.observe.thiele_tensors(0.0, start.m, film)
    assert float(tensors["Q"]) == pytest.approx(-1, abs=1e-6)
    t = np.linspace(0, 0.2e-9, 21)[1:]
    betas = jnp.array([0.0, alpha, 2 * alpha, -alpha])

    @jax.jit
    @jax.vmap
    def path(beta):
        driven = film + mj.ZhangLi(u=(u, 0, 0), beta=beta)
        observe = {"place": mj.observe.skyrmion_position}
        return mj.evolve(driven, start.m, t[-1], save_at=t, observe=observe, adjoint="forward").observed["place"]

    for beta, places in zip(np.asarray(betas), np.asarray(path(betas)), strict=True):
        v = mj.observe.velocity(t, places, period=64e-9)[10:].mean(axis=0)
        D = np.asarray(tensors["dissipation"])
        expected = np.asarray(thiele.velocity((u, 0.0), alpha=alpha, beta=beta, Q=tensors["Q"], D=D))
        assert v == pytest.approx(expected, abs=0.02 * u)
        if beta == alpha:
            assert v == pytest.approx((u, 0.0), abs=0.02 * u)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["slonczewski", "spin_orbit"])
def test_macrospin_against_its_own_equation(kind) -> None:
    """A spin in a tilted field and a current across or beside it, against Gilbert's implicit form solved by scipy.

    The right-hand side is written with numpy, and dm/dt found from the 3×3 system (1 − α m×) dm/dt = −γ m×B + τ. Both
    integrations are held to 1e-9; 1e-6 remains after some turns.
    """
    alpha, Ms, t, B = 0.1, 8e5, 2e-9, np.array([0.1, 0.0, 0.3])
    mesh = mj.Mesh((1, 1, 1), 2e-9)
    p = np.array([0.0, 0.6, 0.8])
    strength = GAMMA * HBAR * 2e12 / (E * Ms * t)
    if kind == "slonczewski":
        torque = mj.Slonczewski(j=2e12, p=p, P=0.7, Lambda=1.4, epsilon_prime=0.1, thickness=t)
    else:
        torque = mj.SpinOrbit(j=2e12, p=p, theta_SH=0.3, theta_FL=0.2, thickness=t)

    def rate(_, m):
        if kind == "slonczewski":
            square = 1.4**2
            damping_like, field_like = 0.7 * square / (square + 1 + (square - 1) * m @ p), 0.1
        else:
            damping_like, field_like = 0.15, 0.1
        tau = strength * (damping_like * np.cross(m, np.cross(p, m)) - field_like * np.cross(m, p))
        cross = np.array([[0, -m[2], m[1]], [m[2], 0, -m[0]], [-m[1], m[0], 0]])
        return np.linalg.solve(np.eye(3) - alpha * cross, -GAMMA * np.cross(m, B) + tau)

    start = np.array([0.6, 0.0, 0.8])
    expected = solve_ivp(rate, (0, 0.3e-9), start, rtol=1e-11, atol=1e-12).y[:, -1]
    system = mj.System(mesh, Ms=Ms, alpha=alpha, energy=mj.Zeeman(B=B)) + torque
    m0 = mj.textures.uniform(mesh, start)
    run = mj.evolve(system, m0, 0.3e-9, tolerance=1e-9, adjoint="forward")
    assert np.asarray(run.average[-1]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
def test_gradient_through_a_current() -> None:
    """d(wall position)/du and /dβ through 20 ps of motion, against central differences of the same fixed steps.

    Fixed steps leave no noise of step-size control: 1e-5 is the differences' own truncation.
    """
    mesh = mj.Mesh((32, 1, 1), 2e-9)
    energy = mj.Exchange(A=1e-11) + mj.UniaxialAnisotropy(K=4e5, axis=(0, 0, 1))
    wire = mj.System(mesh, Ms=8e5, alpha=0.1, energy=energy)
    m0 = mj.textures.domain_wall(mesh, width=5e-9, position=32.3e-9)

    @eqx.filter_jit
    @mj.value_and_grad
    def place(system: mj.System) -> jax.Array:
        end = mj.evolve(system, m0, 20e-12, dt=0.25e-12).m
        return mj.observe.Wall().position(0.0, end, system) * 1e9

    def at(u: float, beta: float) -> mj.System:
        return wire + mj.ZhangLi(u=(u, 0.0, 0.0), beta=beta)

    slope = place(at(100.0, 0.05))[1].torques.terms[0]
    by_u = (place(at(101.0, 0.05))[0] - place(at(99.0, 0.05))[0]) / 2
    by_beta = (place(at(100.0, 0.06))[0] - place(at(100.0, 0.04))[0]) / 0.02
    assert float(slope.u[0]) == pytest.approx(float(by_u), rel=1e-4, abs=0)
    assert float(slope.beta) == pytest.approx(float(by_beta), rel=1e-4, abs=0)
