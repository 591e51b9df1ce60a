"""The last state of a stage on disk: one field of a ferromagnet, one for each sublattice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.io import ovf
from magjax.mesh import Mesh
from magjax.run.state_fields import field_names, fields_of, state_of


def write_state(folder: Path, mesh: Mesh, m: Any, sublattices: Sequence[str], metadata: Mapping[str, Any]) -> None:
    """Write `m.ovf`, or `m_a.ovf` and so on; binary of the state's own width, to start again from the very same bits.

    - `folder`: of the stage. `m`: the spins. `sublattices`: names. `metadata`: kept in each file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, field in fields_of(m, sublattices).items():
        labels = (f"{name}_x", f"{name}_y", f"{name}_z")
        ovf.write(folder / f"{name}.ovf", mesh, field, labels=labels, metadata=dict(metadata))


def has_state(folder: Path, sublattices: Sequence[str]) -> bool:
    """Whether all its files are there."""
    return all((folder / f"{name}.ovf").is_file() for name in field_names(sublattices))


def read_state(folder: Path, sublattices: Sequence[str], dtype: Any) -> tuple[Array, list[dict[str, Any]]]:
    """The spins, and the metadata of each file."""
    files = {name: ovf.read(folder / f"{name}.ovf") for name in field_names(sublattices)}
    m = state_of(lambda name: files[name].values, sublattices)
    return jnp.asarray(m, dtype), [dict(file.metadata) for file in files.values()]
