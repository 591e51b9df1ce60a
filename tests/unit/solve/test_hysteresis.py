"""Quasi-static loops against Stoner and Wohlfarth's closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.solve.hysteresis import Loop, coercive_fields, hysteresis, remanence


def _grain(K: float = 5e4) -> mj.System:
    # Two cells of different edges, coupled rigidly: one macrospin, and a mesh on which axes cannot be mixed up.
    mesh = mj.Mesh((2, 1, 1), (3e-9, 4e-9, 5e-9))
    energy = mj.Exchange(A=1e-11) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1))
    return mj.System(mesh, Ms=1e6, energy=energy)


def _axis(psi: float) -> np.ndarray:
    return np.array([0.0, np.sin(psi), np.cos(psi)])


@pytest.mark.slow
def test_switching_field_of_stoner_and_wohlfarth() -> None:
    """B_sw = (2K/Ms) (cos^{2/3} ψ + sin^{2/3} ψ)^{-3/2}; the loop jumps in the first field beyond it.

    Layout: field at ψ = 30° to the axis, from saturation in steps of 1 mT. The step is the resolution, so the jump must
    lie within one step.
    """
    psi, step = np.pi / 6, 1e-3
    fields = np.arange(0.1, -0.1, -step)
    loop = hysteresis(_grain(), mj.textures.uniform(_grain().mesh, _axis(psi)), fields[:, None] * _axis(psi)[None])
    assert isinstance(loop, Loop)
    assert loop.result.succeeded
    expected = -0.1 * (np.cos(psi) ** (2 / 3) + np.sin(psi) ** (2 / 3)) ** -1.5
    along = np.asarray(loop.average) @ _axis(psi)
    jump = fields[1:][np.argmin(np.diff(along))]
    assert expected - step <= jump <= expected


@pytest.mark.slow
def test_reversible_part_is_the_minimum(precision) -> None:
    """Field across the axis: m = Ms B/2K exactly, so the loop closes and has neither coercivity nor remanence."""
    fields = np.linspace(0.08, -0.08, 9)[:, None] * np.array([[0.0, 1.0, 0.0]])
    m0 = mj.textures.uniform(_grain().mesh, (0, 0.8, 0.6), dtype=precision.dtype)
    loop = hysteresis(_grain(), m0, fields, states=True)
    # The torque left, 1e-5 μ0Ms = 13 µT, against the restoring field of at least 2K/Ms · 0.36.
    assert np.allclose(loop.average[:, 1], fields[:, 1] / 0.1, atol=1e-3)
    assert loop.states is not None
    assert loop.states.shape == (9, 3, 1, 1, 2)
    assert loop.states.dtype == precision.dtype


@pytest.mark.slow
def test_derivative_of_the_equilibria() -> None:
    """∂m/∂K of m = Ms B/2K is −m/K, by the implicit function theorem through every field of the loop."""
    fields = jnp.array([[0.0, 0.05, 0.0], [0.0, 0.02, 0.0]])

    def susceptibility(K):
        system = mj.System(_grain().mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
        return hysteresis(system, mj.textures.uniform(system.mesh, (0, 0.5, 0.8)), fields, tolerance=1e-9).average[:, 1]

    slope = jax.jacobian(susceptibility)(5e4)
    assert np.allclose(slope, -np.array([0.5, 0.2]) / 5e4, rtol=1e-6, atol=0)


@pytest.mark.slow
def test_batches_equal_a_loop() -> None:
    fields = jnp.linspace(0.12, -0.12, 7)[:, None] * jnp.asarray(_axis(0.3))[None]
    m0 = mj.textures.uniform(_grain().mesh, _axis(0.3))
    stiffnesses = jnp.array([4e4, 6e4])

    def run(K):
        system = mj.System(_grain().mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
        return hysteresis(system, m0, fields).average

    assert np.allclose(jax.vmap(run)(stiffnesses), jnp.stack([run(K) for K in stiffnesses]), atol=1e-9)


def test_coercivity_and_remanence_are_interpolated() -> None:
    B = np.array([2.0, 0.0, -2.0, 0.0, 2.0])
    m = np.array([1.0, 0.5, -1.5, -0.5, 1.5])
    assert coercive_fields(B, m) == pytest.approx([-0.5, 0.5], rel=1e-6, abs=0)
    assert remanence(B, m) == pytest.approx([0.5, -0.5], rel=1e-6, abs=0)
    assert coercive_fields(B, np.ones(5)).size == 0


@pytest.mark.parametrize("fields", [np.zeros(3), np.zeros((0, 3)), [[np.nan, 0, 0]], [[2e4, 0, 0]]])
def test_fields_that_cannot_be(fields) -> None:
    system = _grain()
    with pytest.raises(ValueError, match="Argument `fields` must"):
        hysteresis(system, mj.textures.uniform(system.mesh, "z"), fields)
