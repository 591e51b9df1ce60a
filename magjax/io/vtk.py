"""VTK image data (`.vti`) for ParaView and PyVista, and `.pvd` collections of them along time.

Source: "VTK XML file formats", https://docs.vtk.org/en/latest/vtk_file_formats/vtkxml_file_format.html.
Values belong to cells; vectors have their components next to each other, x is the fastest axis.
"""

import base64
import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

import numpy as np

from magjax.io import metadata as _metadata
from magjax.io.atomic import replacing
from magjax.io.errors import FileFormatError
from magjax.io.field import Field, components
from magjax.mesh import Mesh

_TYPES = {np.dtype(np.float32): "Float32", np.dtype(np.float64): "Float64"}


def write(
    path: str | os.PathLike[str],
    mesh: Mesh,
    fields: Mapping[str, Any],
    *,
    time: float | None = None,
    encoding: Literal["base64", "raw"] = "base64",
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write fields as VTK image data, replacing `path` only once the file is whole.

    **Arguments**

    - `path`: the file, by custom `.vti`.
    - `mesh`: the mesh the fields live on; lengths are written in m.
    - `fields`: arrays by name: `(c, nz, ny, nx)`, or `(nz, ny, nx)` for a scalar field. The first
      of three components becomes the vector that viewers show at once.
    - `time`: simulation time, s.
    - `encoding`: `"base64"` is XML throughout; `"raw"` is a quarter smaller.
    - `metadata`: dict of JSON-like values, kept as the text field `metadata`.

    **Raises** `ValueError` for a wrong shape, values that are not finite, or an unknown encoding.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import vtk
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> vtk.write("m.vti", mesh, {"m": np.ones((3, 2, 3, 4))}, time=1e-9)
    >>> vtk.read("m.vti").values.shape
    (3, 2, 3, 4)
    """
    if encoding not in ("base64", "raw"):
        raise ValueError(f"Argument `encoding` must be 'base64' or 'raw', but got {encoding!r}.")
    if not fields:
        raise ValueError("Argument `fields` must hold at least one array by name, but got none.")
    arrays = {name: components(mesh, values) for name, values in fields.items()}
    blocks, entries, offset = [], [], 0
    for name, array in arrays.items():
        data = np.moveaxis(array, 0, -1).astype(array.dtype.newbyteorder("<")).tobytes()
        block = len(data).to_bytes(8, "little") + data
        blocks.append(base64.b64encode(block) if encoding == "base64" else block)
        entries.append(_data_array(name, array, offset))
        offset += len(blocks[-1])
    with replacing(path) as file:
        file.write(_head(mesh, arrays, entries, time, metadata or {}, encoding).encode())
        for block in blocks:
            file.write(block)
        file.write(b"\n  </AppendedData>\n</VTKFile>\n")


def write_series(path: str | os.PathLike[str], files: Iterable[tuple[float, str | os.PathLike[str]]]) -> None:
    """Write a `.pvd` collection, which viewers open as one film.

    **Arguments**

    - `path`: the file, by custom `.pvd`.
    - `files`: pairs of a time in s and a `.vti` file; files are named relative to `path`, so that the
      folder can be moved.

    >>> from magjax.io import vtk
    >>> vtk.write_series("run.pvd", [(0.0, "m0.vti"), (1e-9, "m1.vti")])
    """
    folder = Path(path).absolute().parent
    lines = ['<?xml version="1.0"?>', '<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">']
    lines += ["  <Collection>"]
    for time, file in files:
        name = Path(os.path.relpath(Path(file).absolute(), folder)).as_posix()
        lines += [f'    <DataSet timestep="{float(time)!r}" part="0" file={quoteattr(name)}/>']
    lines += ["  </Collection>", "</VTKFile>", ""]
    with replacing(path) as out:
        out.write("\n".join(lines).encode())


def read(path: str | os.PathLike[str], name: str | None = None) -> Field:
    """Read one field from a `.vti` file that `write` made.

    **Arguments**

    - `path`: the file.
    - `name`: which field; the first by default.

    **Raises** `FileFormatError` if the file is not VTK image data with appended cell data, or is cut
    short; `ValueError` for a name that is not in it.
    """
    content = Path(path).read_bytes()
    mark = re.search(rb'<AppendedData encoding="(base64|raw)">\s*_', content)
    if mark is None:
        raise FileFormatError(path, "it is no VTK image data with appended cells", "give a .vti file written by magjax")
    with _blaming(path):
        mesh, entries, texts = _image(content[: mark.start()])
        if not entries:
            raise ValueError("it holds no field")
    name = next(iter(entries)) if name is None else name
    if name not in entries:
        raise ValueError(f"Argument `name` must be one of {', '.join(map(repr, entries))}, but got {name!r}.")
    entry = entries[name]
    with _blaming(path):
        count = int(entry.get("NumberOfComponents", "1"))
        dtype = np.dtype({kind: d for d, kind in _TYPES.items()}[entry["type"]]).newbyteorder("<")
        raw = _block(content, mark, int(entry["offset"]), mesh.n_cells * count * dtype.itemsize)
        values = np.frombuffer(raw, dtype).astype(dtype.newbyteorder("=")).reshape(*mesh.shape, count)
        time = float(texts["TimeValue"]) if "TimeValue" in texts else None
        about = _metadata.loads(bytes(int(n) for n in texts.get("metadata", "").split() if n != "0").decode() or "{}")
    labels = tuple(f"{name}_{entry.get(f'ComponentName{i}', str(i))}" for i in range(count)) if count > 1 else (name,)
    return Field(mesh, np.ascontiguousarray(np.moveaxis(values, -1, 0)), labels, ("",) * count, time, name, about)


@contextlib.contextmanager
def _blaming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever goes wrong inside is the file's fault."""
    try:
        yield
    except (ET.ParseError, ValueError, LookupError) as error:
        raise FileFormatError(path, f"it is no whole VTK image data ({error})", "write the file again") from None


def _image(xml: bytes) -> tuple[Mesh, dict[str, dict[str, str]], dict[str, str]]:
    """The mesh, the attributes of each field, and the texts beside them."""
    # Raw data are no XML, so the tree is closed where they begin.
    image = _find(ET.fromstring(xml + b"</VTKFile>"), "ImageData")
    extent = [int(n) for n in image.attrib["WholeExtent"].split()]
    mesh = Mesh(
        [last - first for first, last in zip(extent[::2], extent[1::2], strict=True)],
        [float(x) for x in image.attrib["Spacing"].split()],
        origin=[float(x) for x in image.attrib["Origin"].split()],
    )
    entries = {e.attrib["Name"]: e.attrib for e in _find(image, "Piece/CellData").iter("DataArray")}
    texts = {e.attrib["Name"]: e.text or "" for e in image.iter("DataArray") if e.attrib["Name"] not in entries}
    return mesh, entries, texts


def _find(element: ET.Element, tag: str) -> ET.Element:
    found = element.find(tag)
    if found is None:
        raise LookupError(f"no {tag}")
    return found


def _block(content: bytes, mark: re.Match[bytes], offset: int, size: int) -> bytes:
    start = mark.end() + offset
    if mark[1] == b"base64":
        block = base64.b64decode(content[start : start + 4 * ((size + 8 + 2) // 3)], validate=True)
    else:
        block = content[start : start + size + 8]
    if len(block) != size + 8 or int.from_bytes(block[:8], "little") != size:
        raise ValueError("the data are cut short")
    return block[8:]


def _data_array(name: str, array: np.ndarray, offset: int) -> str:
    names = "".join(f' ComponentName{i}="{c}"' for i, c in enumerate("xyz")) if len(array) == 3 else ""
    return (
        f'        <DataArray type="{_TYPES[array.dtype]}" Name={quoteattr(name)} '
        f'NumberOfComponents="{len(array)}"{names} format="appended" offset="{offset}"/>'
    )


def _head(
    mesh: Mesh,
    arrays: Mapping[str, np.ndarray],
    entries: list[str],
    time: float | None,
    metadata: Mapping[str, Any],
    encoding: str,
) -> str:
    extent = " ".join(f"0 {n}" for n in mesh.cells)
    origin, spacing = (" ".join(repr(x) for x in three) for three in (mesh.origin, mesh.cell_size))
    vector = next((f" Vectors={quoteattr(name)}" for name, a in arrays.items() if len(a) == 3), "")
    scalar = next((f" Scalars={quoteattr(name)}" for name, a in arrays.items() if len(a) == 1), "")
    lines = [
        '<?xml version="1.0"?>',
        '<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt64">',
        f'  <ImageData WholeExtent="{extent}" Origin="{origin}" Spacing="{spacing}">',
        "    <FieldData>",
    ]
    if time is not None:
        lines += [
            '      <DataArray type="Float64" Name="TimeValue" NumberOfTuples="1" format="ascii">'
            f"{float(time)!r}</DataArray>"
        ]
    # VTK spells text as character codes, closed by a zero.
    codes = " ".join(str(code) for code in (*_metadata.dumps(metadata).encode(), 0))
    lines += [f'      <DataArray type="String" Name="metadata" NumberOfTuples="1" format="ascii">{codes}</DataArray>']
    lines += ["    </FieldData>", f'    <Piece Extent="{extent}">', f"      <CellData{vector}{scalar}>", *entries]
    lines += ["      </CellData>", "    </Piece>", "  </ImageData>", f'  <AppendedData encoding="{encoding}">', "   _"]
    return "\n".join(lines)
