import base64
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from magjax.io import vtk
from magjax.io.errors import FileFormatError
from magjax.mesh import Mesh

METADATA = {"magjax": "0.1", "config": "a < b & c\n--> µ"}


@pytest.mark.parametrize("encoding", ["base64", "raw"])
def test_round_trip_is_exact(tmp_path, mesh, spins, encoding):
    density = np.arange(mesh.n_cells, dtype=np.float64).reshape(mesh.shape)
    path = tmp_path / "m.vti"
    fields = {"m": spins, "energy_density": density, "pair": spins[:2]}
    vtk.write(path, mesh, fields, time=2e-9, encoding=encoding, metadata=METADATA)
    field = vtk.read(path)
    np.testing.assert_array_equal(field.values, spins)
    assert field.values.dtype == spins.dtype
    assert field.mesh == mesh
    assert field.labels == ("m_x", "m_y", "m_z")
    assert (field.time, field.metadata) == (2e-9, METADATA)
    np.testing.assert_array_equal(vtk.read(path, "energy_density").values[0], density)
    np.testing.assert_array_equal(vtk.read(path, "pair").values, spins[:2])
    with pytest.raises(ValueError, match="`name`"):
        vtk.read(path, "B")


def test_xml_decodes_by_hand(tmp_path):
    """An independent decoding, from the format's description: offsets, length prefix, order of axes."""
    mesh = Mesh((2, 2, 2), (1e-9, 2e-9, 3e-9), origin=(0.0, -1e-9, 0.0))
    z, y, x = np.indices(mesh.shape)
    vtk.write(tmp_path / "m.vti", mesh, {"e": x * 1.0, "m": np.stack([x, y, z]).astype(np.float32)})
    root = ET.parse(tmp_path / "m.vti").getroot()
    image = root.find("ImageData")
    assert image.attrib["WholeExtent"] == "0 2 0 2 0 2"
    assert [float(v) for v in image.attrib["Spacing"].split()] == [1e-9, 2e-9, 3e-9]
    assert image.find("Piece/CellData").attrib == {"Vectors": "m", "Scalars": "e"}
    entry = image.findall("Piece/CellData/DataArray")[1]
    text = root.find("AppendedData").text.strip()[1:][int(entry.attrib["offset"]) :]
    data = base64.b64decode(text)
    assert int.from_bytes(data[:8], "little") == 8 * 3 * 4
    vectors = np.frombuffer(data[8:], "<f4").reshape(-1, 3)
    assert vectors[:4].tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]


@pytest.mark.parametrize("encoding", ["base64", "raw"])
def test_pyvista_reads_the_same(tmp_path, mesh, spins, encoding):
    pyvista = pytest.importorskip("pyvista")
    path = tmp_path / "m.vti"
    vtk.write(path, mesh, {"m": spins, "e": spins[0]}, time=2e-9, encoding=encoding, metadata=METADATA)
    image = pyvista.read(path)
    assert image.dimensions == tuple(n + 1 for n in mesh.cells)
    np.testing.assert_allclose(image.spacing, mesh.cell_size, rtol=1e-12)
    np.testing.assert_allclose(image.origin, mesh.origin, rtol=1e-12)
    np.testing.assert_array_equal(image.cell_data["m"].reshape(*mesh.shape, 3), np.moveaxis(spins, 0, -1))
    np.testing.assert_array_equal(image.cell_data["e"].reshape(mesh.shape), spins[0])
    assert image.field_data["TimeValue"][0] == 2e-9


def test_series_names_files_relative_to_itself(tmp_path, mesh, spins):
    files = []
    for i in range(2):
        file = tmp_path / "fields" / f"m{i} & co.vti"
        vtk.write(file, mesh, {"m": spins})
        files.append((i * 1e-12, file))
    vtk.write_series(tmp_path / "run.pvd", files)
    sets = ET.parse(tmp_path / "run.pvd").getroot().findall("Collection/DataSet")
    assert [s.attrib["file"] for s in sets] == ["fields/m0 & co.vti", "fields/m1 & co.vti"]
    assert [float(s.attrib["timestep"]) for s in sets] == [0.0, 1e-12]
    pyvista = pytest.importorskip("pyvista")
    assert pyvista.PVDReader(tmp_path / "run.pvd").time_values == [0.0, 1e-12]


@pytest.mark.parametrize("encoding", ["base64", "raw"])
def test_broken_files(tmp_path, mesh, spins, encoding):
    path = tmp_path / "m.vti"
    vtk.write(path, mesh, {"m": spins}, encoding=encoding)
    data = path.read_bytes()
    end = data.index(b"\n  </AppendedData>")
    for content in [
        b"",
        b"<VTKFile/>",
        data[:100],
        data[: end - 5],
        data.replace(b"0 5 0 4 0 3", b"0 5 0 4 0 9999999999"),
        data.replace(b"Float", b"Int"),
        data.replace(b"WholeExtent", b"Extent"),
    ]:
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="Cannot read"):
            vtk.read(path)


def test_bad_arguments(tmp_path, mesh, spins):
    with pytest.raises(ValueError, match="`fields`"):
        vtk.write(tmp_path / "m.vti", mesh, {})
    with pytest.raises(ValueError, match="shape"):
        vtk.write(tmp_path / "m.vti", mesh, {"m": np.moveaxis(spins, 0, -1)})
    with pytest.raises(ValueError, match="`encoding`"):
        vtk.write(tmp_path / "m.vti", mesh, {"m": spins}, encoding="zip")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
