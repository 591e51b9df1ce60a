"""Two runs are the same if every part is."""

import functools
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.run.identity import differences, digest, identity, probe, same_state


def twice(t, factor=2.0):
    return factor * t


@pytest.mark.parametrize(
    "pair",
    [
        (1.0, 2.0),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, np.float32)),
        (jax.random.key(0), jax.random.key(1)),
        ({"a": 1}, {"a": 2}),
        (["a", "bc"], ["ab", "c"]),
        (lambda t: t, lambda t: -t),
        (functools.partial(twice, factor=3.0), functools.partial(twice, factor=4.0)),
        (jax.jit(lambda t: t), jax.jit(lambda t: -t)),
        (mj.Mesh((2, 1, 1), 5e-9), mj.Mesh((2, 1, 1), 5e-9, periodic="x")),
        (mj.solvers.Multirate(substeps=2), mj.solvers.Multirate(substeps=3)),
        (mj.drive.sin(frequency=1e9), mj.drive.sin(frequency=2e9)),
    ],
    ids=lambda pair: type(pair[0]).__name__,
)
def test_what_differs_has_another_digest(pair):
    first, second = pair
    assert digest(first) == digest(first)
    assert digest(first) != digest(second)


def test_what_a_function_has_closed_over_counts():
    def of(factor):
        return lambda t: factor * t

    assert digest(of(1.0)) == digest(of(1.0))
    assert digest(of(1.0)) != digest(of(2.0))


def test_digests_outlive_the_process():
    code = """
import magjax as mj
from magjax.run.identity import digest
print(digest([lambda t: {"a": 2 * t}, mj.stop.torque(below=1e-4), {3, 1}, mj.drive.sin(frequency=1e9)]))
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout != ""


def test_a_kernel_is_skipped_and_a_mask_is_not(film):
    mesh = mj.Mesh((6, 4, 1), (5e-9, 4e-9, 3e-9))
    disc, box = (mj.System(mesh, Ms=8e5, shape=shape) for shape in (mj.shapes.cylinder(8e-9, center=mesh.center), None))
    assert digest(disc.occupied) != digest(box.occupied)
    assert digest(film["demag"]) == digest(mj.Demag(mesh))


def test_parts_are_named(film, problem_of):
    mine = identity(problem_of(film, jnp.dtype("float64")), 1e-12, None)
    other = identity(problem_of(film, jnp.dtype("float32"), tolerance=1e-3), 1e-12, 2e-12)
    assert differences(mine, mine) == []
    assert set(differences(mine, other)) == {"precision", "tolerance", "t0", "fields_every"}


def test_a_state_is_recognised_after_another_computation_of_it(rng):
    m = rng.normal(size=(3, 5, 20, 30))
    assert len(probe(m)) == 3 * 64
    assert same_state(probe(m), probe(m + 1e-5))
    assert not same_state(probe(m), probe(-m))
    assert not same_state(probe(m), probe(m[..., :3]))
