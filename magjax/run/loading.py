"""Runs from their folders."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from magjax.io import ovf, table, vtk, zarr
from magjax.io.errors import FileFormatError
from magjax.mesh import Mesh
from magjax.results import Outcome
from magjax.run.folder import Folder
from magjax.run.result import Frames, Run
from magjax.run.state_fields import field_names, state_of


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Load a run from the folder it was written to, also one that was interrupted, killed, or is still under way.

    - `folder`: what was given to `mj.simulate` as `out`.

    The state of a run that was killed is its last saved one.

    **Raises** `FileNotFoundError` if there is no run; `FileFormatError` if a file is damaged or no state was saved yet.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> m0 = mj.textures.uniform(mesh, "x")
    >>> run = mj.simulate(spin, m0, 20e-12, save_every=10e-12, out="spin", progress=False, pictures=False)
    >>> mj.load_run("spin").average.shape
    (3, 3)
    """
    import jax.numpy as jnp

    place = Folder(folder)
    record = place.read_record()
    mesh = mesh_from(record["mesh"])
    rows = table.read(place.table)
    columns = {str(name): rows.data[name].to_numpy() for name in rows.data.columns}
    sublattices = tuple(record.get("sublattices", ()))
    states = saved_states(place, columns["t"], sublattices)
    if all(place.last(field).is_file() for field in field_names(sublattices)):
        m: Any = state_of(lambda field: ovf.read(place.last(field)).values, sublattices)
    elif len(states):
        m = states[-1]
    else:
        raise FileFormatError(place.path, "no state of this run was saved yet", "go on with it by resume=True")
    name = record.get("outcome")
    outcome = None if name is None else Outcome[name]
    return Run(mesh, None, jnp.asarray(m), columns, rows.units, states, outcome, record, place.path, sublattices)


def saved_states(folder: Folder, t: np.ndarray, sublattices: Sequence[str] = ()) -> Frames:
    """The states in a folder, whatever format they have.

    - `t`: `(n,)` times of the table's rows, s. `sublattices`: their names; none of a ferromagnet.

    >>> import numpy as np
    >>> from magjax.run.folder import Folder
    >>> from magjax.run.loading import saved_states
    >>> len(saved_states(Folder("nothing"), np.zeros(0)))
    0
    """
    names = field_names(sublattices)

    def frames(rows: Any, read: Callable[[int, str], np.ndarray]) -> Frames:
        kept = tuple(int(row) for row in rows if row < len(t))
        return Frames(kept, lambda i: state_of(lambda name: read(i, name), sublattices))

    # A state whose last field is missing was never whole.
    rows = [row for row, _ in folder.frames(".ovf", names[-1])]
    if rows:
        return frames(rows, lambda i, name: ovf.read(folder.frame(rows[i], ".ovf", name)).values)
    rows = [row for row, _ in folder.frames(".vti")]
    if rows:
        return frames(rows, lambda i, name: vtk.read(folder.frame(rows[i], ".vti"), name).values)
    if folder.zarr.is_dir():
        rows = np.searchsorted(t, zarr.read(folder.zarr)["t"].to_numpy()).tolist()
        return frames(rows, lambda i, name: zarr.read(folder.zarr)[name].isel(t=i).to_numpy())
    return Frames((), [].__getitem__)


def mesh_from(record: dict[str, Any]) -> Mesh:
    """The mesh that `run.json` describes.

    >>> from magjax.run.loading import mesh_from
    >>> mesh_from({"cells": [2, 1, 1], "cell_size": [5e-9, 5e-9, 5e-9], "origin": [0, 0, 0], "periodic": "x"}).periodic
    'x'
    """
    return Mesh(record["cells"], record["cell_size"], origin=record["origin"], periodic=record["periodic"])
