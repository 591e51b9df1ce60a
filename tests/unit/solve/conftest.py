"""A small sample with everything a solver meets: stiff local fields, a field that couples all cells, a pulse."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import SpinTerm
from magjax.solve.loop import advance, start
from magjax.solve.motion import Motion, Scheme


class MeanField(mj.EnergyTerm):
    """½ λ |⟨m⟩|²: couples every cell to every other, as demagnetising fields do, for next to nothing."""

    is_nonlocal = True
    strength: jax.Array

    def energy_density(self, m, sample):
        average = jnp.mean(m, axis=(1, 2, 3))
        return 0.5 * sample.value(self.strength) * jnp.broadcast_to(jnp.sum(average**2), sample.mesh.shape)


def small_system(*, nonlocal_: bool = True, alpha: float = 0.1, **changes) -> mj.System:
    """3×2×1 cells of three different edges."""
    mesh = mj.Mesh((3, 2, 1), (4e-9, 5e-9, 3e-9))
    pulse = mj.drive.gaussian(t0=4e-12, width=3e-12)
    energy = (
        mj.Exchange(A=8e-12)
        + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0.6, 0.8))
        + mj.Zeeman(B=pulse * (0.0, 0.2, 0.1) + np.array([0.1, 0.0, 0.3]))
    )
    if nonlocal_:
        energy = energy + MeanField(mj.parameter(6e5))
    return mj.System(mesh, Ms=8e5, alpha=alpha, energy=energy, **changes)


def some_spins(system: mj.System, spread: float = 0.6) -> jax.Array:
    """Unit vectors about (1, 0.3, 0.2), always the same."""
    rng = np.random.default_rng(7)
    m = np.array([1.0, 0.3, 0.2])[:, None, None, None] + spread * rng.normal(size=(3, *system.mesh.shape))
    return jnp.asarray(m / np.linalg.norm(m, axis=0))


@eqx.filter_jit
def fixed_steps(solver, system, m0: jax.Array, dt: jax.Array, end: jax.Array) -> Motion:
    """Equal steps of `dt` to `end`; both are arguments of the program, so that many of them compile once."""
    scheme = Scheme(SpinTerm(mj.LLG()), solver, None, dt, dt)
    return run(scheme, system, m0, end[None])


def run(scheme: Scheme, system: mj.System, m0: jax.Array, times: jax.Array, max_steps: int = 10_000_000) -> Motion:
    """The motion at the last of `times`; nothing is recorded."""
    prepared = system.prepare(m0.dtype)
    motion = start(scheme, prepared, m0)
    ended, _ = advance(
        scheme,
        prepared,
        motion,
        times,
        saved={},
        observe=lambda t, m: {},
        stop=None,
        max_steps=max_steps,
        kind="lax",
    )
    return ended


@pytest.fixture(scope="session")
def bench():
    """What the modules of this folder share."""

    class Bench:
        pass

    for tool in (MeanField, small_system, some_spins, fixed_steps, run):
        setattr(Bench, tool.__name__, staticmethod(tool) if not isinstance(tool, type) else tool)
    return Bench
