"""Exchange between layers through a spacer."""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import AXES, Axis
from magjax.numerics.sphere import dot
from magjax.numerics.stencil import array_axis


class InterlayerExchange(AbstractEnergy):
    """Bilinear and biquadratic exchange (RKKY) between two layers of cells: E/area = −J1 m₁·m₂ − J2 (m₁·m₂)².

    The layers may touch, or have a spacer of empty cells between them. B_eff = [J1 m₂ + 2 J2 (m₁·m₂) m₂]/(Ms d), d the
    thickness of a cell, in the one layer, and the same with 1 and 2 exchanged in the other.

    - `J1`: J/m², positive for parallel alignment. `J2`: J/m², negative for alignment at right angles. Any parameters;
      those that vary from cell to cell are taken in the first of the layers.
    - `layers`: numbers of the two layers of cells, from 0 on.
    - `axis`: along which they are counted.

    Where layers touch and `mj.Exchange` acts, too, both add up; `mj.Exchange(between=…)` turns that off.

    **Raises** `ValueError` for layers that are the same or not in the mesh, and values above 1 J/m² (given in mJ/m²?).

    Source: M. D. Stiles, J. Magn. Magn. Mater. 200, 322 (1999).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((4, 4, 3), 2e-9)
    >>> spacer = mj.shapes.layer(2e-9, 4e-9, axis="z")
    >>> stack = mj.System(mesh, Ms=8e5, energy=mj.InterlayerExchange(J1=-1e-3, layers=(0, 2)), shape=~spacer)
    >>> m = mj.textures.masked(mj.textures.uniform(mesh, (1, 0, 0)), stack.occupied.value)
    >>> round(float(stack.total_energy(m)) / (64e-18 * 1e-3), 6)
    1.0
    """

    units: ClassVar[Mapping[str, str]] = {"J1": "J/m²", "J2": "J/m²"}

    J1: Parameter
    J2: Parameter
    layers: tuple[int, int] = eqx.field(static=True)
    axis: Axis = eqx.field(static=True)

    def __init__(self, J1: Parameter = 0.0, J2: Parameter = 0.0, *, layers: tuple[int, int], axis: Axis = "z"):
        self.J1, self.J2 = parameter(J1, "J1"), parameter(J2, "J2")
        for name in ("J1", "J2"):
            size = largest(getattr(self, name))
            if size > 1:
                raise ValueError(f"Argument `{name}` must be in J/m², but got {size:g} J/m²; did you give mJ/m²?")
        if axis not in AXES:
            raise ValueError(f"Argument `axis` must be 'x', 'y' or 'z', but got {axis!r}.")
        first, second = (int(k) for k in layers)
        if first == second or min(first, second) < 0:
            raise ValueError(f"Argument `layers` must hold two different numbers ≥ 0, but got {layers!r}.")
        self.layers, self.axis = (first, second), axis

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """Half of the energy in either layer, J/m³."""
        self._check(sample)
        J1, J2 = self._couplings(sample)
        first, second = (_layer(m, k, self.axis) for k in self.layers)
        along = dot(first, second)
        half = -(J1 * along + J2 * along**2) / (2 * _thickness(sample, self.axis))
        density = jnp.zeros(sample.mesh.shape, m.dtype)
        for k in self.layers:
            density = density.at[_index(k, self.axis, 3)].add(half)
        return density

    def prepare(self, sample: Sample) -> AbstractField:
        """J/(Ms d) in both layers, T."""
        self._check(sample)
        J1, J2 = self._couplings(sample)
        inverse = jnp.broadcast_to(sample.inverse_Ms, sample.mesh.shape) / _thickness(sample, self.axis)
        scales = tuple(_layer(inverse, k, self.axis) for k in self.layers)
        both = jnp.ones((), sample.dtype)
        if sample.occupied is not None:
            # A hole in one layer leaves the other alone.
            first, second = (_layer(sample.occupied, k, self.axis) for k in self.layers)
            both = (first & second).astype(sample.dtype)
        return InterlayerField(
            self.layers, self.axis, tuple(J1 * s * both for s in scales), tuple(J2 * s * both for s in scales)
        )

    def _couplings(self, sample: Sample) -> tuple[Array, Array]:
        values = (jnp.broadcast_to(sample.value(J), sample.mesh.shape) for J in (self.J1, self.J2))
        J1, J2 = (_layer(value, self.layers[0], self.axis) for value in values)
        return J1, J2

    def _check(self, sample: Sample) -> None:
        count = sample.mesh.cells[AXES.index(self.axis)]
        if max(self.layers) >= count:
            raise ValueError(
                f"Argument `layers` must be below the {count} layers of cells along {self.axis}, but got {self.layers}."
            )


class InterlayerField(AbstractField):
    """[j1 m₂ + 2 j2 (m₁·m₂) m₂] in the first layer, T, and so in the second."""

    layers: tuple[int, int] = eqx.field(static=True)
    axis: Axis = eqx.field(static=True)
    bilinear: tuple[Array, ...]
    biquadratic: tuple[Array, ...]

    def __call__(self, m: Array) -> Array:
        spins = [_layer(m, k, self.axis) for k in self.layers]
        along = dot(*spins)
        field = jnp.zeros_like(m)
        for k, other, j1, j2 in zip(self.layers, reversed(spins), self.bilinear, self.biquadratic, strict=True):
            field = field.at[_index(k, self.axis, 4)].add((j1 + 2 * j2 * along)[None] * other)
        return field

    def bound(self) -> Array:
        # d[(m₁·m₂) m₂] has norm ≤ 2 for changes of either spin together.
        sizes = (jnp.abs(j1) + 6 * jnp.abs(j2) for j1, j2 in zip(self.bilinear, self.biquadratic, strict=True))
        return jnp.max(jnp.stack([jnp.max(size) for size in sizes]))


def _index(k: int, axis: Axis, ndim: int) -> tuple[slice | int, ...]:
    index: list[slice | int] = [slice(None)] * ndim
    index[ndim + array_axis(axis)] = slice(k, k + 1)
    return tuple(index)


def _layer(field: Array, k: int, axis: Axis) -> Array:
    return field[_index(k, axis, field.ndim)]


def _thickness(sample: Sample, axis: Axis) -> float:
    return sample.mesh.cell_size[AXES.index(axis)]
