import numpy as np
import pytest

from magjax.io import xarray
from magjax.mesh import Mesh


def test_dimensions_and_coordinates(mesh, spins):
    t = np.array([0, 1e-12, 3e-12])
    m = xarray.field_array(mesh, np.stack([spins] * 3), t=t, units="A/m")
    assert m.dims == ("t", "vdims", "z", "y", "x")
    assert m.name == "m"
    assert (m.attrs["units"], m.x.attrs["units"], m.t.attrs["units"]) == ("A/m", "m", "s")
    np.testing.assert_array_equal(m.y, mesh.coordinates("y"))
    np.testing.assert_array_equal(m.sel(vdims="z", t=1e-12), spins[2])
    assert m.dtype == spins.dtype
    assert xarray.mesh_of(m) == mesh


def test_scalar_fields_and_single_frames(mesh, spins):
    assert xarray.field_array(mesh, spins).dims == ("vdims", "z", "y", "x")
    assert xarray.field_array(mesh, spins[0]).dims == ("z", "y", "x")
    assert xarray.field_array(mesh, spins[:1]).vdims.values.tolist() == ["v0"]
    assert xarray.field_array(mesh, spins[:2], labels=["a", "b"]).vdims.values.tolist() == ["a", "b"]
    assert xarray.field_array(mesh, np.zeros((0, *mesh.shape)), t=[]).sizes["t"] == 0


def test_dataset(mesh, spins):
    t = np.arange(2) * 1e-12
    data = xarray.dataset(
        mesh,
        {"m": np.stack([spins, -spins]), "energy_density": np.zeros((2, *mesh.shape))},
        t=t,
        columns={"E_total": [1.0, 2.0]},
        units={"E_total": "J", "energy_density": "J/m³"},
        metadata={"seed": 1},
    )
    assert data.E_total.dims == ("t",)
    assert data.E_total.attrs["units"] == "J"
    assert data.energy_density.attrs["units"] == "J/m³"
    assert xarray.metadata_of(data) == {"seed": 1}
    assert xarray.mesh_of(data) == mesh


def test_periodic_mesh_comes_back():
    mesh = Mesh((2, 3, 1), (1e-9, 2e-9, 3e-9), periodic="xy")
    assert xarray.mesh_of(xarray.field_array(mesh, np.zeros((3, 1, 3, 2)))) == mesh


def test_discretisedfield_takes_a_frame(mesh, spins):
    df = pytest.importorskip("discretisedfield")
    m = xarray.field_array(mesh, np.stack([spins, -spins]), t=[0, 1e-12])
    theirs = df.Field.from_xarray(m.isel(t=-1).transpose("x", "y", "z", "vdims"))
    np.testing.assert_array_equal(theirs.array.transpose(3, 2, 1, 0), -spins)
    np.testing.assert_allclose(theirs.mesh.cell, mesh.cell_size, rtol=1e-12)
    assert theirs.vdims == ["x", "y", "z"]


def test_bad_arguments(mesh, spins):
    with pytest.raises(ValueError, match=r"`values` must have shape .*time, component, z, y, x"):
        xarray.field_array(mesh, np.moveaxis(spins, 0, -1))
    with pytest.raises(ValueError, match="`values`"):
        xarray.field_array(mesh, spins[None], t=[0, 1])
    with pytest.raises(ValueError, match="`t`"):
        xarray.field_array(mesh, spins, t=0.0)
    with pytest.raises(ValueError, match="`labels`"):
        xarray.field_array(mesh, spins, labels=["a"])
    with pytest.raises(ValueError, match="`columns`"):
        xarray.dataset(mesh, {}, t=[0, 1], columns={"E": [1]})
    with pytest.raises(ValueError, match="whole mesh"):
        xarray.mesh_of(xarray.field_array(mesh, spins).isel(x=slice(1, None)))
    with pytest.raises(ValueError, match="dimensions x, y, z"):
        xarray.mesh_of(xarray.field_array(mesh, spins).isel(x=0))
