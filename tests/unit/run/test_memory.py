"""Memory: the estimate follows the sizes, and the refusal says both numbers."""

import jax
import jax.numpy as jnp
import pytest

import magjax as mj
from magjax.run import memory
from magjax.run.memory import check_memory, memory_needed


def test_needs_grow_with_cells_and_precision():
    small, large = mj.Mesh((64, 64, 1), 5e-9), mj.Mesh((128, 64, 1), 5e-9)
    assert memory_needed(large, jnp.float32, demag=False) == 2 * memory_needed(small, jnp.float32, demag=False)
    assert memory_needed(small, jnp.float64, demag=True) == 2 * memory_needed(small, jnp.float32, demag=True)
    assert memory_needed(small, jnp.float64, demag=True) > memory_needed(small, jnp.float64, demag=False)


@pytest.mark.slow
def test_the_estimate_covers_what_the_compiler_plans(problem_of, window):
    """XLA's own plan for a chunk, arguments and temporaries, stays below the estimate on a mesh of some size."""
    from magjax.run.chunk import begin, step_on

    mesh = mj.Mesh((64, 64, 1), 5e-9)
    system = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1e-11) + mj.Demag(mesh))
    dtype = jnp.dtype("float64")
    problem = problem_of(system, dtype)
    motion = begin(problem, mj.textures.uniform(mesh, "x"))
    plan = step_on.lower((problem, window(5, 10, dtype)), motion).compile().compiled.memory_analysis()
    held = sum(x.nbytes for x in jax.tree_util.tree_leaves(motion))
    planned = plan.temp_size_in_bytes + held
    assert planned < memory_needed(mesh, dtype, demag=True) < 4 * planned


def test_too_little_is_refused(monkeypatch):
    monkeypatch.setattr(memory.jax, "devices", lambda: [Device()])
    with pytest.raises(MemoryError, match=r"needs about 2 GiB of memory, but 1 GiB are free on toy"):
        check_memory(2**31, 2**30)
    check_memory(2**31, None)


class Device:
    device_kind = "toy"
