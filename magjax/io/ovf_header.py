"""The header of an OVF file: text that says how to read the data after it."""

import dataclasses
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from magjax.io import tcl
from magjax.io.errors import FileFormatError
from magjax.mesh import AXES, Mesh

#: What to do about most broken files.
REMEDY = "write the file again, or convert it with the program it came from"

_TO_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "nm": 1e-9, "angstrom": 1e-10}
_TIME = re.compile(r"total simulation time:\s*(\S+)\s*s?\s*$", re.IGNORECASE)
_ENTRY = re.compile(r"\s*([A-Za-z_][\w .-]*?):\s*(.*)$")
_PERIODIC = "periodic"


@dataclasses.dataclass
class Header:
    """The entries of one segment's header, checked as they are asked for.

    Every method raises `FileFormatError` where an entry is missing or makes no sense.
    """

    path: str | os.PathLike[str]
    version: int
    entries: dict[str, str]
    notes: list[str]
    encoding: str

    def fail(self, problem: str, remedy: str = REMEDY) -> FileFormatError:
        """The error to raise for this file."""
        return FileFormatError(self.path, problem, remedy)

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        text = self.entries.get(key)
        if text is None:
            if default is None:
                raise self.fail(f"its header has no entry '{key}'")
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.fail(f"its header entry '{key}' is {text[:40]!r}, not a number")
        return value

    def count(self, key: str) -> int:
        """A whole number ≥ 1."""
        value = self.number(key)
        # 2**53: beyond it a float no longer counts cells, and no file holds as many.
        if value != int(value) or not 1 <= value < 2**53:
            raise self.fail(f"its header entry '{key}' is {self.entries[key][:40]!r}, not a whole number ≥ 1")
        return int(value)

    def nodes(self) -> tuple[int, int, int]:
        """Number of cells along x, y, z."""
        nx, ny, nz = (self.count(f"{a}nodes") for a in AXES)
        return nx, ny, nz

    def n_components(self) -> int:
        """Number of components of the field."""
        return 3 if self.version == 1 else self.count("valuedim")

    def n_bytes(self) -> int | None:
        """Bytes per number, or `None` for text."""
        if self.encoding == "text":
            return None
        if self.encoding not in ("binary 4", "binary 8"):
            raise self.fail(f"its data are in the encoding {self.encoding[:40]!r}, not text, binary 4 or binary 8")
        return int(self.encoding[-1])

    def mesh(self) -> Mesh:
        """The mesh, in m."""
        kind = self.entries.get("meshtype", "rectangular").lower()
        if kind != "rectangular":
            raise self.fail(f"its mesh is {kind[:40]!r}", "convert it to a rectangular mesh first")
        unit = self.entries.get("meshunit", "m")
        if unit not in _TO_METRES:
            raise self.fail(f"its mesh unit is {unit[:40]!r}, which is no length")
        scale = _TO_METRES[unit]
        nodes = self.nodes()
        step = [self.number(f"{a}stepsize") for a in AXES]
        origin = []
        for a, d in zip(AXES, step, strict=True):
            lower = self.number(f"{a}min") if f"{a}base" not in self.entries else self.number(f"{a}base") - d / 2
            corner = self.number(f"{a}min", lower)
            # xmin is the corner to the last bit; but where it contradicts the nodes, the nodes hold the data.
            origin.append(corner if abs(corner - lower) <= 1e-6 * abs(d) else lower)
        try:
            return Mesh(
                nodes,
                [d * scale for d in step],
                origin=[x * scale for x in origin],
                periodic=str(self.notes_read()[1].get(_PERIODIC, "")),
            )
        except ValueError as error:
            raise self.fail(f"its header describes no mesh ({error})") from None

    def names(self, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """One label and one unit per component."""
        labels = tcl.split(self.entries.get("valuelabels", ""))
        if len(labels) != count:
            title = self.entries.get("title", "value")
            stem = title if self.version == 2 and title.isidentifier() else "value"
            labels = [f"{stem}_{a}" for a in AXES] if count == 3 else [f"{stem}_{i + 1}" for i in range(count)]
        units = tcl.split(self.entries.get("valueunits", self.entries.get("valueunit", "")))
        units = units * count if len(units) == 1 else units if len(units) == count else [""] * count
        return tuple(labels), tuple("" if u in ("1", "None") else u for u in units)

    def notes_read(self) -> tuple[float | None, dict[str, Any]]:
        """The time in s, if a description line gives it, and the other description lines by key."""
        time, metadata = None, {}
        for note in self.notes:
            if match := _TIME.match(note):
                try:
                    value = float(match[1])
                except ValueError:
                    continue
                # OOMMF writes −1 and −2 s for states that come from a minimiser.
                time = value if math.isfinite(value) and value >= 0 else None
            elif match := _ENTRY.match(note):
                try:
                    metadata[match[1]] = json.loads(match[2])
                except ValueError:
                    metadata[match[1]] = match[2]
        return time, metadata


def header_text(
    mesh: Mesh,
    labels: Sequence[str],
    units: Sequence[str],
    title: str,
    time: float | None,
    notes: Mapping[str, Any],
) -> str:
    """The OVF 2.0 header of a file with one segment."""
    lines = ["OOMMF OVF 2.0", "Segment count: 1", "Begin: Segment", "Begin: Header"]
    lines += [f"Title: {_one_line(title)}"]
    if time is not None:
        lines += [f"Desc: Total simulation time: {float(time)!r} s"]
    if mesh.periodic:
        notes = {**notes, _PERIODIC: mesh.periodic}
    for key, value in notes.items():
        # "##" would start a comment; JSON has a second spelling for the hash sign.
        lines += [f"Desc: {_one_line(key)}: {json.dumps(value, default=str).replace('#', chr(92) + 'u0023')}"]
    lines += ["meshunit: m", "meshtype: rectangular"]
    for what, numbers in (
        ("base", [o + d / 2 for o, d in zip(mesh.origin, mesh.cell_size, strict=True)]),
        ("nodes", mesh.cells),
        ("stepsize", mesh.cell_size),
        ("min", mesh.origin),
        ("max", [o + e for o, e in zip(mesh.origin, mesh.extent, strict=True)]),
    ):
        lines += [f"{a}{what}: {x!r}" for a, x in zip(AXES, numbers, strict=True)]
    lines += [f"valuedim: {len(labels)}", f"valuelabels: {tcl.join(labels)}"]
    lines += [f"valueunits: {tcl.join(u or '1' for u in units)}", "End: Header"]
    return "".join(f"# {line}\n" for line in lines)


def _one_line(text: str) -> str:
    return re.sub(r"#+", "#", " ".join(str(text).split()))
