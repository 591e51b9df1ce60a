"""Two domains and the wall between them."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import AXES, Axis, Mesh
from magjax.textures.field import sign, unit_field, vector

Direction = Axis | Sequence[float]


def two_domains(
    mesh: Mesh,
    left: Direction,
    wall: Direction,
    right: Direction,
    position: float | None = None,
    width: float | None = None,
    axis: Axis = "x",
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """Two domains with a wall across `axis`.

    m ∝ left (1 − tanh u)/2 + wall / cosh u + right (1 + tanh u)/2 with u = (x − position)/width: the exact profile of
    a wall when left = −right and `wall` is perpendicular to them.

    **Arguments**

    - `left`, `wall`, `right`: directions on the lower side, in the middle and on the upper side.
    - `position`: of the wall along `axis`, m; the middle of the mesh when left out.
    - `width`: Δ of the profile, √(A/K) for a Bloch wall, m; two cells when left out.
    - `axis`: "x", "y" or "z".
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for zero vectors, a width that is not positive, and directions that cancel in the wall.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((101, 4, 1), 2e-9)
    >>> head_to_head = mj.textures.two_domains(mesh, left=(1, 0, 0), wall=(0, 1, 0), right=(-1, 0, 0))
    >>> float(head_to_head[1, 0, 0, 50].round(6))
    1.0
    """
    if axis not in AXES:
        raise ValueError(f"Argument `axis` must be 'x', 'y' or 'z', but got {axis!r}.")
    i = AXES.index(axis)
    where = mesh.center[i] if position is None else position
    delta = 2 * mesh.cell_size[i] if width is None else width
    if not (np.isfinite(delta) and delta > 0):
        raise ValueError(f"Argument `width` must be a length > 0 in metres, but got {width!r}.")
    u = (mesh.centers()[i] - where) / delta
    # Far from the wall 1/cosh u is zero long before cosh overflows.
    middle, turned = 1 / np.cosh(np.clip(u, -300, 300)), np.tanh(u)
    below, between, above = vector("left", left), vector("wall", wall), vector("right", right)
    m = [
        b * (1 - turned) / 2 + w * middle + a * (1 + turned) / 2 for b, w, a in zip(below, between, above, strict=True)
    ]
    return unit_field(mesh, m, dtype)


def domain_wall(
    mesh: Mesh,
    width: float,
    kind: Literal["bloch", "neel"] = "bloch",
    position: float | None = None,
    chirality: int = 1,
    axis: Axis = "x",
    easy_axis: Axis = "z",
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """A 180° wall across `axis` between domains along +`easy_axis` (lower side) and −`easy_axis` (upper side).

    m = −tanh(u) ê + sech(u) ŵ, u = (x − position)/width: the exact wall of exchange and uniaxial anisotropy, where
    width = √(A/K).

    **Arguments**

    - `width`: Δ of the profile, m (the wall is about πΔ wide).
    - `kind`: "bloch" turns about `axis` (no charges), "neel" towards it.
    - `position`: of the wall along `axis`, m; the middle of the mesh when left out.
    - `chirality`: +1 or −1. In the middle of the wall a Néel wall points along +`axis` or −`axis`, a Bloch wall along
      ± ê × `axis` (+y for walls across x with the easy axis z).
    - `axis`: "x", "y" or "z".
    - `easy_axis`: another of them.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for an easy axis along `axis`, an unknown kind, and a width that is not positive.

    Source: A. Hubert and R. Schäfer, Magnetic Domains (Springer, 1998), section 3.6.

    >>> import magjax as mj
    >>> m = mj.textures.domain_wall(mj.Mesh((101, 1, 1), 1e-9), width=5e-9, kind="neel")
    >>> m[:, 0, 0, 50].round(6).tolist()
    [1.0, 0.0, 0.0]
    """
    if kind not in ("bloch", "neel"):
        raise ValueError(f"Argument `kind` must be 'bloch' or 'neel', but got {kind!r}.")
    if axis not in AXES or easy_axis not in AXES or axis == easy_axis:
        raise ValueError(
            f"Arguments `axis` and `easy_axis` must be two different ones of 'x', 'y', 'z', "
            f"but got {axis!r} and {easy_axis!r}; use `two_domains` for head-to-head walls."
        )
    across, easy = vector("axis", axis), vector("easy_axis", easy_axis)
    middle = sign("chirality", chirality) * (across if kind == "neel" else np.cross(easy, across))
    return two_domains(mesh, easy.tolist(), middle.tolist(), (-easy).tolist(), position, width, axis, dtype)
