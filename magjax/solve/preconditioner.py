"""What stiffens an energy, inverted: exchange on a box, solved by cosine transforms."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.energy.exchange import ExchangeField
from magjax.mesh import AXES
from magjax.system import Prepared


class Preconditioner(eqx.Module):
    """An approximate inverse of the energy's Hessian: (c − Σ 2A/Ms ∂²)⁻¹ on the whole mesh, with the mean stiffness.

    The number of steps to an equilibrium then hardly depends on the size of the cells: the S-state of standard problem
    4 takes 25 evaluations of the field to 1e-5 T in cells of 2.5 nm, 30 in cells of 1.25 nm, where the plain method
    takes 300 and 560. Empty cells and stiffness that varies make it less apt, never wrong: any positive definite matrix
    will do.

    - `symbol`: its inverse's eigenvalues, T, for cosines along free axes and waves along periodic ones; `(nz, ny, nx)`.
    - `free`, `periodic`: array axes of a field `(3, nz, ny, nx)` to transform.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.solve.preconditioner import Preconditioner
    >>> film = mj.System(mj.Mesh((8, 4, 1), 5e-9), Ms=8e5, energy=mj.Exchange(A=1.3e-11))
    >>> inverse = Preconditioner(film.prepare())
    >>> m = jnp.ones((3, 1, 4, 8))
    >>> bool(jnp.allclose(inverse(inverse(m, power=0.5), power=0.5), inverse(m)))
    True
    """

    symbol: Array
    free: tuple[int, ...] = eqx.field(static=True)
    periodic: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, prepared: Prepared):
        mesh = prepared.system.mesh
        long = [(3 - i, mesh.is_periodic(axis)) for i, axis in enumerate(AXES) if mesh.cells[i] > 1]
        self.free = tuple(k for k, repeats in long if not repeats)
        self.periodic = tuple(k for k, repeats in long if repeats)
        self.symbol = lax.stop_gradient(_symbol(prepared))

    def __call__(self, v: Array, *, power: float = 1.0) -> Array:
        """The inverse, to some power, applied to each component of a vector field."""
        if not (self.free or self.periodic):
            return v / self.symbol[None] ** power
        scale = self.symbol[None] ** -power
        waves = jax.scipy.fft.dctn(v, axes=self.free, norm="ortho") if self.free else v
        if self.periodic:
            waves = jnp.fft.ifftn(scale * jnp.fft.fftn(waves, axes=self.periodic), axes=self.periodic).real
        else:
            waves = scale * waves
        return jax.scipy.fft.idctn(waves, axes=self.free, norm="ortho") if self.free else waves


def _symbol(prepared: Prepared) -> Array:
    """The eigenvalues c + Σ_axes (4A/(Ms d²)) (1 − cos k d), T."""
    sample = prepared.system.sample(prepared.epoch, prepared.dtype)
    mesh, Ms = sample.mesh, jnp.max(sample.Ms)
    weight = sample.Ms / Ms
    driven = [term.prepare(sample) for term in prepared.local_driven]
    fields = [*prepared.local, *driven]
    exchange = [f for f in fields if isinstance(f, ExchangeField)]
    total = _softest(prepared, [f for f in fields if not isinstance(f, ExchangeField)], constants.MU0 * Ms)
    for i, axis in enumerate(AXES):
        n = mesh.cells[i]
        if n == 1:
            continue
        along = [c for f in exchange for a, c in zip(f.axes, f.forward, strict=True) if a == axis]
        stiffness = sum((_mean(c * weight) for c in along), start=jnp.zeros((), prepared.dtype))
        turns = np.arange(n) * (2 if mesh.is_periodic(axis) else 1) / n
        shape = [n if k == 2 - i else 1 for k in range(3)]
        total = total + stiffness * jnp.asarray((2 - 2 * np.cos(np.pi * turns)).reshape(shape), prepared.dtype)
    return jnp.broadcast_to(total, mesh.shape)


def _softest(prepared: Prepared, others: list, saturation: Array) -> Array:
    """The constant c, T: what the other energies add to the Hessian, of the right size only."""
    bound = sum((f.bound() for f in others), start=jnp.zeros((), prepared.dtype))
    stray = 0.5 if prepared.has_nonlocal else 0.0
    return jnp.asarray(jnp.maximum(stray * saturation + 0.5 * bound, 1e-3 * saturation), prepared.dtype).reshape(
        1, 1, 1
    )


def _mean(coefficient: Array) -> Array:
    """Mean over the faces that couple."""
    couples = coefficient > 0
    return jnp.sum(jnp.where(couples, coefficient, 0)) / jnp.maximum(jnp.sum(couples), 1)
