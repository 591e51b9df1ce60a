"""Spin waves of exchange, anisotropy and a field (row A18), from the time evolution of the whole sample."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import dispersion
from magjax.dynamics import SpinTerm

A, MS, K, B = 1.3e-11, 8e5, 5e4, 0.1


def film(mesh, alpha=0.0):
    """Magnetised along z by an easy axis and a field."""
    energy = mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, B))
    return mj.System(mesh, Ms=MS, alpha=alpha, energy=energy)


def plane_wave(mesh, k, amplitude):
    """A circular wave: spins on a cone about z, their phase k·r."""
    phase = sum(ki * ri for ki, ri in zip(k, mesh.centers(), strict=True))
    m = np.stack([amplitude * np.cos(phase), amplitude * np.sin(phase), np.ones(mesh.shape)])
    return jnp.asarray(m / np.linalg.norm(m, axis=0))


def rates(mesh, k, *, alpha=0.0, turns=3.0, amplitude=1e-4):
    """Angular frequency and decay rate of a plane wave, from its complex amplitude at forty times."""
    system = film(mesh, alpha)
    omega = dispersion.frequency(dispersion.lattice_square(k, mesh.cell_size), A=A, Ms=MS, B=B, K=K)
    duration = turns * 2 * np.pi / float(omega)
    times = np.linspace(0, duration, 41)[1:]
    wave = np.exp(-1j * sum(ki * ri for ki, ri in zip(k, mesh.centers(), strict=True)))

    @eqx.filter_jit
    def overlap(m0):
        observe = {"wave": lambda t, m, system: jnp.mean((m[0] + 1j * m[1]) * wave)}
        run = mj.evolve(system, m0, duration, save_at=times, observe=observe, tolerance=1e-11, adjoint="forward")
        return run.observed["wave"]

    found = np.asarray(overlap(plane_wave(mesh, k, amplitude)))
    turn = np.polyfit(times, np.unwrap(np.angle(found)), 1)[0]
    return turn, -np.polyfit(times, np.log(np.abs(found)), 1)[0]


def wave_vector(mesh, periods):
    """A wave vector that fits the periodic mesh."""
    return tuple(2 * np.pi * p / length for p, length in zip(periods, mesh.extent, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("periods", [(0, 0, 0), (1, 0, 0), (3, 2, 0), (6, 0, 1), (6, 4, 2)])
def test_frequency_is_exact_on_the_lattice(periods):
    """ω = γ(B + 2K/Ms + 2A k̃²/Ms) with k̃² = Σ 2(1 − cos kᵢdᵢ)/dᵢ²: a plane wave is an eigenmode of the stencil.

    Layout: 12×8×4 cells of three different edges, periodic in all directions, one circular wave of 0.1 mrad, no
    damping, three turns; from uniform precession to the corner of the zone. Tolerance 1e-6, relative: the cone's square
    is 1e-8, and what is left is the phase error of some hundred steps, each wrong by 1e-11 on an amplitude of 1e-4.
    """
    mesh = mj.Mesh((12, 8, 4), (2e-9, 3e-9, 2.5e-9), periodic="xyz")
    k = wave_vector(mesh, periods)
    turn, decay = rates(mesh, k)
    exact = float(dispersion.frequency(dispersion.lattice_square(k, mesh.cell_size), A=A, Ms=MS, B=B, K=K))
    assert turn == pytest.approx(exact, rel=1e-6, abs=0)
    assert abs(decay) < 1e-6 * exact


@pytest.mark.slow
def test_frequency_approaches_the_continuum():
    """Paper A, Eq. 20: ω = γ(B + 2K/Ms + 2Ak²/Ms); the mesh is off by its leading term, −2γA k⁴d²/(12 Ms).

    Layout: a periodic chain of 100 nm, one wave of three periods, 24 and 48 cells. The next term of the series is
    smaller by (kd)²/30, 2 % for the coarser: the predicted deviation is found to 3 %, and quarters with halved cells.
    """
    deviations = []
    for n in (24, 48):
        mesh = mj.Mesh((n, 1, 1), (100e-9 / n, 3e-9, 2.5e-9), periodic="x")
        k = wave_vector(mesh, (3, 0, 0))
        turn, _ = rates(mesh, k)
        continuum = float(dispersion.frequency(k[0] ** 2, A=A, Ms=MS, B=B, K=K))
        deviations.append(turn - continuum)
        leading = -2 * mj.constants.GAMMA * A / MS * k[0] ** 4 * mesh.cell_size[0] ** 2 / 12
        assert deviations[-1] == pytest.approx(leading, rel=0.03, abs=0)
    assert deviations[0] / deviations[1] == pytest.approx(4, rel=0.03, abs=0)


@pytest.mark.slow
def test_damping_slows_and_decays_the_wave():
    """ω → ω/(1+α²), and the amplitude decays at αω/(1+α²).

    Layout and tolerance as for the lattice, for one turn with α = 0.1, in which the wave decays to a half.
    """
    mesh = mj.Mesh((12, 8, 4), (2e-9, 3e-9, 2.5e-9), periodic="xyz")
    k, alpha = wave_vector(mesh, (2, 1, 1)), 0.1
    turn, decay = rates(mesh, k, alpha=alpha, turns=1.0)
    k_square = dispersion.lattice_square(k, mesh.cell_size)
    exact = dispersion.frequency(k_square, A=A, Ms=MS, B=B, K=K, alpha=alpha)
    assert turn == pytest.approx(float(exact), rel=1e-6, abs=0)
    assert decay == pytest.approx(float(dispersion.decay_rate(exact, alpha)), rel=1e-5, abs=0)


def test_linearised_equation_has_the_waves_as_eigenvectors():
    """The derivative of the right-hand side at the uniform state, by forward-mode differentiation.

    It turns the wave cos(k·r) x̂ into ω cos(k·r) ŷ exactly, for every k of the mesh at once: rounding of the stencil's
    sums, 1e-12 of the largest frequency, is all there is.
    """
    mesh = mj.Mesh((6, 4, 2), (2e-9, 3e-9, 2.5e-9), periodic="xyz")
    system = film(mesh)
    up = mj.textures.uniform(mesh, (0, 0, 1))
    prepared, term = system.prepare(up.dtype), SpinTerm(mj.LLG())

    @jax.jit
    def linear(v):
        return jax.jvp(lambda m: term.vf(0.0, m, prepared), (up,), (v,))[1]

    top = 0.0
    for periods in np.ndindex(4, 3, 2):
        k = wave_vector(mesh, periods)
        wave = np.cos(sum(ki * (ri - di / 2) for ki, ri, di in zip(k, mesh.centers(), mesh.cell_size, strict=True)))
        omega = float(dispersion.frequency(dispersion.lattice_square(k, mesh.cell_size), A=A, Ms=MS, B=B, K=K))
        top = max(top, omega)
        v = jnp.asarray(np.stack([wave, 0 * wave, 0 * wave]))
        expected = omega * np.stack([0 * wave, wave, 0 * wave])
        np.testing.assert_allclose(linear(v), expected, atol=1e-12 * top)


def test_wave_packet_travels_at_the_group_velocity():
    """dω/dk = 4γAk/Ms in the continuum, against the derivative of the frequency by k."""
    k = 1e8
    slope = jax.grad(lambda k: dispersion.frequency(k**2, A=A, Ms=MS, B=B, K=K))(k)
    assert float(dispersion.group_velocity(k, A=A, Ms=MS)) == pytest.approx(float(slope), rel=1e-12, abs=0)
