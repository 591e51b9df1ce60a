"""What a field file holds, whatever its format."""

import dataclasses
from typing import Any

import numpy as np

from magjax.mesh import Mesh


@dataclasses.dataclass(frozen=True, eq=False)
class Field:
    """A field on a mesh together with what its file says about it.

    - `mesh`: the cells it lives on.
    - `values`: array `(c, nz, ny, nx)` with c components, in `units`.
    - `labels`: one name per component, such as `("m_x", "m_y", "m_z")`.
    - `units`: one unit per component; `""` where dimensionless.
    - `time`: simulation time, s, or `None`.
    - `title`: one line of text.
    - `metadata`: whatever else the writer recorded (`magjax.io.metadata`).
    """

    mesh: Mesh
    values: np.ndarray
    labels: tuple[str, ...]
    units: tuple[str, ...]
    time: float | None = None
    title: str = ""
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)


def components(mesh: Mesh, values: Any) -> np.ndarray:
    """`values` as a finite real array `(c, nz, ny, nx)` on the host.

    **Arguments**

    - `mesh`: the mesh the values live on.
    - `values`: array `(c, nz, ny, nx)`, or `(nz, ny, nx)` for a scalar field; float32 or float64
      is kept, anything else becomes float64.

    **Raises** `ValueError` for other shapes, and where a value is not finite.
    """
    array = np.asarray(values)
    if array.dtype not in (np.float32, np.float64):
        if np.iscomplexobj(array):
            raise ValueError(
                "Argument `values` must be real, but got complex numbers; give real and imaginary part apart."
            )
        array = array.astype(np.float64)
    if array.shape == mesh.shape:
        array = array[None]
    if array.ndim != 4 or array.shape[1:] != mesh.shape:
        raise ValueError(
            f"Argument `values` must have shape (c, nz, ny, nx) = (c, {', '.join(map(str, mesh.shape))}), "
            f"but got {array.shape}; the component comes first and x last."
        )
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"Argument `values` must be finite, but got {array[where]} at (c, z, y, x) = {where}; "
            "did the simulation become unstable?"
        )
    return array


def names_of_components(count: int, labels: Any, units: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One label and one unit per component, from what a caller gave.

    `labels=None` means `m_x, m_y, m_z` for three components, `value` for one, `value_1`, … else;
    one string of `units` holds for all components.

    **Raises** `ValueError` for a wrong number of labels or units.
    """
    if labels is None:
        labels = {1: ("value",), 3: ("m_x", "m_y", "m_z")}.get(count) or tuple(f"value_{i + 1}" for i in range(count))
    labels = (labels,) if isinstance(labels, str) else tuple(labels)
    units = (units,) * count if isinstance(units, str) else tuple(units)
    for name, given in (("labels", labels), ("units", units)):
        if len(given) != count:
            raise ValueError(f"Argument `{name}` must hold one text per component ({count}), but got {given!r}.")
    return labels, units
