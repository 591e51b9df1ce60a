"""Where it went wrong."""

import numpy as np

import magjax as mj
from magjax.run.failure import whereabouts


def test_the_first_bad_cell_is_named_with_its_term_and_place(problem_of):
    mesh = mj.Mesh((3, 4, 2), (5e-9, 4e-9, 3e-9), origin=(1e-9, 0, 0))
    B = np.zeros((3, *mesh.shape))
    B[:, 1, 2, 0] = np.nan
    good = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=1e4, axis=(0, 0, 1)))
    bad = good + mj.Zeeman(B=lambda x, y, z: tuple(B))
    m = mj.textures.uniform(mesh, (0, 0.6, 0.8))
    found = whereabouts(problem_of(bad, m.dtype), m, 2e-12, 1e-13)
    assert found == (
        "at t = 2 ps in cell (x, y, z) = (0, 2, 1), at (3.5, 10, 4.5) nm, where the field of `zeeman` is not finite"
    )


def test_without_one_the_largest_field_is_named(spin, problem_of):
    found = whereabouts(problem_of(spin, np.dtype("float64")), mj.textures.uniform(spin.mesh, "x"), 0.0, 1e-13)
    assert found.endswith("where the largest field acts, 1 T of `zeeman`")
