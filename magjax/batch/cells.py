"""Members as the cells of one mesh: many single spins in one state, with one loop over steps for all of them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.batch.parameters import Place, replaced
from magjax.dynamics.base import AbstractDynamics
from magjax.energy.cubic import CubicAnisotropy
from magjax.energy.uniaxial import UniaxialAnisotropy
from magjax.energy.zeeman import Zeeman
from magjax.mesh import Mesh
from magjax.system import AbstractSystem, System

#: Three cells show whether a term couples them, or knows where they are.
_PROBES = 3
#: Terms of which this is known.
_ON_SITE = (Zeeman, UniaxialAnisotropy, CubicAnisotropy)


def as_cells(
    system: System, dynamics: AbstractDynamics, known: Mapping[str, Place], values: Mapping[str, Array], count: int
) -> tuple[System, AbstractDynamics]:
    """A system of `count` cells that feel nothing of each other, each with its own values of some parameters.

    - `system`: of one cell. `dynamics`: its equation. `known`: of `places`.
    - `values`: numbers `(count,)` and vectors `(count, 3)` by name.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.batch.cells import as_cells
    >>> from magjax.batch.parameters import places
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 4e-9), Ms=8e5, alpha=0.1)
    >>> many, _ = as_cells(spin, mj.LLG(), places(spin, mj.LLG()), {"alpha": jnp.array([0.1, 0.2])}, 2)
    >>> many.alpha.shape
    (1, 1, 2)
    """
    mesh = Mesh((count, 1, 1), system.mesh.cell_size)
    spread = {name: _along_x(value) for name, value in values.items()}
    own, dynamics = replaced(system, dynamics, known, spread)
    return System(mesh, Ms=_squeezed(own.Ms), alpha=_squeezed(own.alpha), gamma=_squeezed(own.gamma),
                  energy=_squeezed(own.energy)), dynamics  # fmt: skip


def can_be_cells(system: AbstractSystem, dynamics: AbstractDynamics) -> bool:
    """Whether members of one cell may share a mesh: nothing couples cells, knows where they are, or is of a mesh.

    Tried out: in three cells each must feel what it would feel alone, whatever its neighbours do.

    >>> import magjax as mj
    >>> from magjax.batch.cells import can_be_cells
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 4e-9), Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> can_be_cells(spin, mj.LLG()), can_be_cells(spin + mj.Exchange(A=1e-11), mj.LLG())
    (True, False)
    """
    if (
        not isinstance(system, System)
        or system.mesh.n_cells > 1
        or system.occupied is not None
        or system.regions is not None
        # Torques of currents may couple cells, and are no part of the field by which that is tried out.
        or system.has_torques
    ):
        return False
    if any(term.is_nonlocal or isinstance(getattr(term, "mesh", None), Mesh) for term in system.energy.terms):
        return False
    if all(type(term) in _ON_SITE and _is_plain(term) for term in system.energy.terms):
        return True
    try:
        many, _ = as_cells(system, dynamics, {}, {}, _PROBES)
        m = np.random.default_rng(1).normal(size=(2, 3, 1, 1, _PROBES))
        return all(_feel_alone(system, many, jnp.asarray(each / np.linalg.norm(each, axis=0))) for each in m)
    except (ValueError, TypeError):
        return False


def _is_plain(term: Any) -> bool:
    """Whether every parameter of a term is an array, the same in any cell."""
    given = (getattr(term, field.name) for field in dataclasses.fields(term))
    return all(value is None or eqx.is_array(value) for value in given)


def _feel_alone(system: System, many: System, m: Array) -> bool:
    for t in (0.0, 1.7e-10):
        together = np.asarray(many.field(m, t))
        alone = np.concatenate([np.asarray(system.field(m[..., i : i + 1], t)) for i in range(_PROBES)], axis=3)
        if not np.allclose(together, alone, rtol=1e-5, atol=1e-7, equal_nan=True):
            return False
    return True


def _along_x(value: Array) -> Array:
    return value.reshape(1, 1, -1) if value.ndim == 1 else value.T.reshape(3, 1, 1, -1)


def _squeezed(tree: Any) -> Any:
    """Parameters of the only cell as plain numbers and vectors, which any mesh takes."""

    def plain(x: Any) -> Any:
        if eqx.is_array(x) and x.shape == (1, 1, 1):
            return x.reshape(())
        return x.reshape(3) if eqx.is_array(x) and x.shape == (3, 1, 1, 1) else x

    return jax.tree_util.tree_map(plain, tree)
