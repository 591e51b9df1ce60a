"""OVF, the vector field format of OOMMF, mumax3 and Ubermag.

Reads versions 1.0 and 2.0 with text, 4-byte and 8-byte data on rectangular meshes; writes 2.0.

Source: OOMMF User's Guide, "Vector field file format (OVF)". Version 1.0 is big-endian, always
has three components, and multiplies them by `valuemultiplier`; version 2.0 is little-endian.
"""

import dataclasses
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np

from magjax.io.atomic import replacing
from magjax.io.errors import FileFormatError
from magjax.io.field import Field, components, names_of_components
from magjax.io.ovf_header import REMEDY, Header, header_text
from magjax.mesh import Mesh

Encoding = Literal["text", "binary 4", "binary 8"]

_CHECK_VALUES = {4: 1234567.0, 8: 123456789012345.0}
_LINE_LIMIT = 1 << 24  # bytes; no honest header line is longer, and a hostile one must not fill the memory


def write(
    path: str | os.PathLike[str],
    mesh: Mesh,
    values: Any,
    *,
    labels: Sequence[str] | str | None = None,
    units: Sequence[str] | str = "",
    title: str = "magjax",
    time: float | None = None,
    encoding: Encoding | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write a field as OVF 2.0, replacing `path` only once the file is whole.

    **Arguments**

    - `path`: the file, by custom `.ovf` (any field) or `.omf` (a magnetisation).
    - `mesh`: the mesh the values live on; periodic axes are recorded in a description line.
    - `values`: array `(c, nz, ny, nx)`, or `(nz, ny, nx)` for a scalar field, in `units`.
    - `labels`: one name per component; `None` means `m_x, m_y, m_z` for three, `value` for one.
    - `units`: one unit for all components, or one each; `""` for dimensionless numbers.
    - `title`: one line of text.
    - `time`: simulation time, s.
    - `encoding`: `"binary 4"`, `"binary 8"` or `"text"`; `None` keeps the precision of `values`.
      Only `"binary 4"` can round (float64 values to float32).
    - `metadata`: dict of JSON-like values, written as `# Desc: key: value` lines.

    **Raises** `ValueError` for a wrong shape, values that are not finite, or an unknown encoding.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import ovf
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> ovf.write("m.ovf", mesh, np.ones((3, 2, 3, 4)), time=1e-9)
    >>> field = ovf.read("m.ovf")
    >>> field.values.shape, field.time, field.mesh == mesh
    ((3, 2, 3, 4), 1e-09, True)
    """
    array = components(mesh, values)
    if encoding is None:
        encoding = "binary 4" if array.dtype == np.float32 else "binary 8"
    if encoding not in ("text", "binary 4", "binary 8"):
        raise ValueError(f"Argument `encoding` must be 'text', 'binary 4' or 'binary 8', but got {encoding!r}.")
    labels, units = names_of_components(len(array), labels, units)
    rows = np.moveaxis(array, 0, -1)  # the file holds the components of one cell next to each other
    with replacing(path) as file:
        file.write(header_text(mesh, labels, units, title, time, metadata or {}).encode())
        file.write(f"# Begin: Data {encoding.title()}\n".encode())
        if encoding == "text":
            # 17 digits bring any float32 or float64 back to the last bit.
            np.savetxt(file, rows.reshape(-1, len(array)), fmt="%.17g")
        else:
            n_bytes = int(encoding[-1])
            file.write(np.asarray(_CHECK_VALUES[n_bytes], f"<f{n_bytes}").tobytes())
            file.write(_narrowed(rows, f"<f{n_bytes}").tobytes())
            file.write(b"\n")
        file.write(f"# End: Data {encoding.title()}\n# End: Segment\n".encode())


def read(path: str | os.PathLike[str], *, segment: int = 0) -> Field:
    """Read one field from an OVF 1.0 or 2.0 file.

    **Arguments**

    - `path`: the file (`.ovf`, `.omf`, `.ohf`, `.oef`, …).
    - `segment`: which segment, for files with several; the first by default.

    **Returns** a `Field` with values `(c, nz, ny, nx)`: float32 from 4-byte data, else float64.

    **Raises** `FileFormatError` if the file is not OVF, is cut short, contradicts itself, holds
    numbers that are not finite, or has an irregular mesh; `OSError` if it cannot be opened.
    """
    with Path(path).open("rb") as file:
        reader = _Reader(path, file, os.fstat(file.fileno()).st_size)
        reader.read_first_line()
        for _ in range(segment):
            reader.skip_data(reader.read_header())
        return reader.read_field()


@dataclasses.dataclass
class _Reader:
    path: str | os.PathLike[str]
    file: BinaryIO
    size: int
    version: int = 2

    def fail(self, problem: str, remedy: str = REMEDY) -> FileFormatError:
        return FileFormatError(self.path, problem, remedy)

    def line(self) -> str:
        raw = self.file.readline(_LINE_LIMIT)
        if not raw:
            raise self.fail("the file ends before its data begin", "copy or write the file again")
        return raw.decode("utf-8", errors="replace").rstrip("\r\n")

    def read_first_line(self) -> None:
        first = self.file.readline(200).decode("latin-1").strip().lower()
        if re.match(r"#\s*oommf.*\bv?1\.\d", first):
            self.version = 1
        elif not re.match(r"#\s*oommf\s+ovf\s+2\.\d", first):
            raise self.fail(
                "its first line is not '# OOMMF OVF 2.0' or '# OOMMF: rectangular mesh v1.0'",
                "give an OVF file (.ovf, .omf, .ohf); 'irregular mesh' files must be converted first",
            )

    def read_header(self) -> Header:
        entries: dict[str, str] = {}
        notes: list[str] = []
        while True:
            # OVF comments start with two hash signs and run to the end of the line.
            text = self.line().strip()[1:].split("##")[0]
            key, _, value = text.partition(":")
            key, value = re.sub(r"\s", "", key).lower(), value.strip()
            if key == "begin" and value.lower().startswith("data"):
                encoding = " ".join(value.lower().split()[1:])
                return Header(self.path, self.version, entries, notes, encoding)
            if key == "desc":
                notes.append(value)
            elif key not in ("begin", "end", "segmentcount", ""):
                entries.setdefault(key, value)

    def read_field(self) -> Field:
        header = self.read_header()
        mesh = header.mesh()
        c = header.n_components()
        raw = self.read_data(header, mesh.n_cells * c)
        if not np.isfinite(raw).all():
            raise self.fail(
                f"{int((~np.isfinite(raw)).sum())} of its values are not finite",
                "the simulation that wrote it became unstable; use an earlier file",
            )
        values = np.ascontiguousarray(np.moveaxis(raw.reshape(*mesh.shape, c), -1, 0))
        labels, units = header.names(c)
        time, metadata = header.notes_read()
        return Field(mesh, values, labels, units, time, header.entries.get("title", ""), metadata)

    def read_data(self, header: Header, count: int) -> np.ndarray:
        n_bytes = header.n_bytes()
        if n_bytes is None:
            return self._read_text(header, count)
        # Sizes are compared before anything is allocated: a header may claim 10¹⁸ cells.
        self.expect(count * n_bytes + n_bytes, header)
        order = ">" if self.version == 1 else "<"
        check = np.frombuffer(self.file.read(n_bytes), f"{order}f{n_bytes}")[0]
        if check != _CHECK_VALUES[n_bytes]:
            raise self.fail(
                f"its check value is {check!r} instead of {_CHECK_VALUES[n_bytes]!r}",
                "the bytes were changed on the way: copy the file again in binary mode",
            )
        data = np.frombuffer(self.file.read(count * n_bytes), f"{order}f{n_bytes}")
        return self._scaled(data.astype(f"=f{n_bytes}"), header)

    def _read_text(self, header: Header, count: int) -> np.ndarray:
        self.expect(2 * count - 1, header)  # each number takes a digit and a separator
        lines = []
        while not (line := self.file.readline()).startswith(b"#"):
            if not line:
                # Without its end mark the last number may have lost digits and still be a number.
                raise self.fail("its data stop before '# End: Data'", "the file was cut short: copy or write it again")
            lines.append(line)
        words = b"".join(lines).split()
        if len(words) != count:
            raise self.fail(f"it holds {len(words)} numbers where the header promises {count}")
        try:
            return self._scaled(np.array(words, dtype=bytes).astype(np.float64), header)
        except ValueError as error:
            raise self.fail(f"its data are not all numbers ({error})") from None

    def _scaled(self, data: np.ndarray, header: Header) -> np.ndarray:
        factor = header.number("valuemultiplier", 1.0) if self.version == 1 else 1.0
        return data if factor == 1.0 else data * data.dtype.type(factor)

    def expect(self, n_bytes: int, header: Header) -> None:
        left = self.size - self.file.tell()
        if n_bytes > left:
            raise self.fail(
                f"its header promises {n_bytes} bytes of {header.encoding} data, but only {left} follow",
                "the file was cut short: copy or write it again",
            )

    def skip_data(self, header: Header) -> None:
        n_bytes = header.n_bytes()
        if n_bytes is not None:
            skipped = (math.prod(header.nodes()) * header.n_components() + 1) * n_bytes
            self.expect(skipped, header)
            self.file.seek(skipped, os.SEEK_CUR)
        while not re.match(r"#\s*end:\s*segment", self.line(), re.IGNORECASE):
            pass


def _narrowed(values: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        narrow = values.astype(dtype)
    if not np.isfinite(narrow).all():
        raise ValueError(
            f"Argument `values` must fit into {8 * narrow.itemsize} bits for encoding 'binary {narrow.itemsize}', "
            f"but got magnitudes up to {np.abs(values).max():.3g}; use 'binary 8'."
        )
    return narrow
