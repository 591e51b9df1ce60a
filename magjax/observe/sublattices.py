"""Moments of samples with sublattices."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.sphere import component_axis
from magjax.system import AbstractSystem, Sublattices


def neel_vector(t: Any, m: Array, system: Sublattices) -> Array:
    """The Néel vector n = (⟨m_a⟩ − ⟨m_b⟩)/2 of two sublattices; shape `(3,)`.

    - `t`: time, s; of no influence. `m`: unit vectors `(2, 3, nz, ny, nx)`. `system`: the sublattices.

    **Raises** `ValueError` for another number of sublattices.

    >>> import magjax as mj
    >>> from magjax.observe import neel_vector
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> one = mj.System(mesh, Ms=4e5)
    >>> afm = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=1e7))
    >>> neel_vector(0.0, mj.textures.antiparallel(mj.textures.uniform(mesh, "z")), afm).tolist()
    [0.0, 0.0, 1.0]
    """
    if len(system.sublattices) != 2:
        raise ValueError(
            f"Argument `system` must have two sublattices to have a Néel vector, but got {list(system.sublattices)}; "
            "see each with `average_of`."
        )
    return system.averages(m)["n"]


def net_moment(t: Any, m: Array, system: AbstractSystem) -> Array:
    """The moment ∫ Σ Ms m dV of the whole sample, A·m²; shape `(3,)`.

    - `t`: time, s. `m`: unit vectors `(3, nz, ny, nx)`, or `(S, 3, nz, ny, nx)` of sublattices. `system`: the system.

    >>> import magjax as mj
    >>> from magjax.observe import net_moment
    >>> mesh = mj.Mesh((2, 1, 1), 1e-8)
    >>> parts = {"a": mj.System(mesh, Ms=4e5), "b": mj.System(mesh, Ms=3e5)}
    >>> ferrimagnet = mj.Sublattices(parts, coupling=mj.Coupling(J=1e7))
    >>> m = mj.textures.antiparallel(mj.textures.uniform(mesh, "z"))
    >>> f"{float(net_moment(0.0, m, ferrimagnet)[2]):.3g}"  # 1e5 A/m in 2e-24 m³
    '2e-19'
    """
    k = component_axis(m.ndim)
    total = jnp.sum(system.magnetisation(t, m.dtype) * m, axis=tuple(i for i in range(m.ndim) if i != k))
    return total * system.mesh.cell_volume


def average_of(sublattice: str) -> Callable[[Any, Array, Sublattices], Array]:
    """The average ⟨m⟩ = Σ Ms m / Σ Ms over one sublattice: a function of time, spins and system, for `observe=`.

    - `sublattice`: its name.

    **Returns** a function whose value has shape `(3,)`. It raises `KeyError` for a name that is none.

    >>> import magjax as mj
    >>> from magjax.observe import average_of
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> one = mj.System(mesh, Ms=4e5)
    >>> afm = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=1e7))
    >>> average_of("b")(0.0, mj.textures.antiparallel(mj.textures.uniform(mesh, "z")), afm)[2].item()
    -1.0
    """

    def observed(t: Any, m: Array, system: Sublattices) -> Array:
        return system[sublattice].average(m[system.index(sublattice)])

    return observed
