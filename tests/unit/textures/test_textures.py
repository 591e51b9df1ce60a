"""What every texture is: unit vectors of the asked-for precision on every cell of any mesh."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax import textures
from magjax.mesh import Mesh

TEXTURES: dict[str, Callable[..., jax.Array]] = {
    "uniform": lambda mesh, dtype: textures.uniform(mesh, (1, -2, 3), dtype),
    "random": lambda mesh, dtype: textures.random(mesh, 3, dtype),
    "vortex": lambda mesh, dtype: textures.vortex(mesh, -1, 1, 7e-9, dtype=dtype),
    "antivortex": lambda mesh, dtype: textures.antivortex(mesh, -1, 7e-9, angle=0.3, dtype=dtype),
    "two domains": lambda mesh, dtype: textures.two_domains(mesh, "z", "x", (0, 1, -1), dtype=dtype),
    "Bloch wall": lambda mesh, dtype: textures.domain_wall(mesh, 4e-9, axis="y", dtype=dtype),
    "Néel wall": lambda mesh, dtype: textures.domain_wall(mesh, 4e-9, "neel", axis="z", easy_axis="x", dtype=dtype),
    "skyrmion": lambda mesh, dtype: textures.skyrmion(mesh, 9e-9, 3e-9, dtype=dtype),
    "antiskyrmion": lambda mesh, dtype: textures.skyrmion(mesh, 9e-9, 0.01e-9, "bloch", winding=-1, dtype=dtype),
    "helix": lambda mesh, dtype: textures.helix(mesh, 23e-9, (1, 2, 0), dtype=dtype),
    "conical": lambda mesh, dtype: textures.helix(mesh, 23e-9, "z", cone_angle=0.4, handedness=-1, dtype=dtype),
    "function": lambda mesh, dtype: textures.from_function(mesh, lambda x, y, z: (1, y / 1e-9, x / 1e-9), dtype),
}

meshes = st.builds(
    Mesh,
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.floats(0.1e-9, 20e-9)] * 3),
    origin=st.tuples(*[st.floats(-100e-9, 100e-9)] * 3),
    periodic=st.sampled_from(["", "x", "xy", "xyz"]),
)

# Rounding three components to the nearest number changes |m| by at most √3/2 of a spacing; `random` also divides by a
# rounded root in the precision itself.
UNITS = 3


# Random numbers are compiled anew for each shape of mesh, which costs a second; test_random.py takes one mesh.
@pytest.mark.parametrize("name", sorted(set(TEXTURES) - {"random"}))
@given(mesh=meshes)
def test_every_vector_is_a_unit_vector(name: str, mesh: Mesh) -> None:
    for dtype in (jnp.float32, jnp.float64):
        m = TEXTURES[name](mesh, dtype)
        assert m.shape == (3, *mesh.shape)
        assert m.dtype == dtype
        length = np.sqrt((np.asarray(m, float) ** 2).sum(axis=0))
        np.testing.assert_allclose(length, 1, atol=UNITS * float(jnp.finfo(dtype).eps))


@pytest.mark.parametrize("name", TEXTURES)
def test_both_precisions_are_roundings_of_one_state(name: str) -> None:
    mesh = Mesh((7, 5, 3), (2e-9, 3e-9, 4e-9))
    single, double = (np.asarray(TEXTURES[name](mesh, dtype), float) for dtype in (jnp.float32, jnp.float64))
    np.testing.assert_allclose(single, double, atol=UNITS * float(jnp.finfo(jnp.float32).eps))
    assert TEXTURES[name](mesh, None).dtype == jnp.result_type(float)
