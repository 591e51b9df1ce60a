"""Programs for other machines than this one: they can be made here, though not run."""

import jax
import jax.numpy as jnp
import pytest

import magjax as mj

MESH = mj.Mesh((200, 96, 4), (5e-9, 4e-9, 3e-9))
VERBS = {
    "evolve": lambda film, m: mj.evolve(film, m, 1e-10).m,
    "gradient": jax.grad(lambda film, m: jnp.sum(mj.evolve(film, m, 1e-11).m), argnums=1),
    "noise": lambda film, m: mj.evolve(film, m, 1e-11, dynamics=mj.Langevin(T=300.0, seed=1), dt=1e-13).m,
    "relax": lambda film, m: mj.relax(film, m).m,
    "minimize": lambda film, m: mj.minimize(film, m).m,
}


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["cuda", "rocm"])
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_calls_back_to_the_host_elsewhere(verb, platform):
    # On a processor this mesh is large enough for the host's FFT.
    film = mj.System(
        MESH,
        Ms=8e5,
        alpha=0.1,
        energy=mj.Exchange(A=1.3e-11)
        + mj.Demag(MESH)
        + mj.UniaxialAnisotropy(K=1e4, axis="z")
        + mj.Zeeman(B=(0, 0, 0.1)),
    )
    m = mj.textures.uniform(MESH, (1, 0.1, 0.2))
    traced = jax.jit(lambda m: VERBS[verb](film, m)).trace(m)
    here, there = (traced.lower(lowering_platforms=(name,)).as_text() for name in ("cpu", platform))
    assert "callback" in here
    assert "callback" not in there
