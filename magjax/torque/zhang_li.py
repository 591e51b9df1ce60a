"""The torque of a current that flows through a texture."""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import AXES, Axis
from magjax.numerics.sphere import cross
from magjax.numerics.stencil import next_neighbour, previous_neighbour
from magjax.torque.base import AbstractTorque, AbstractTorqueField, current_density, polarisation


class ZhangLi(AbstractTorque):
    """Spin transfer from a current in the plane: electrons follow the texture and drag it along.

    dm/dt = −γ m×B + α m×dm/dt − (u·∇)m + β m×(u·∇)m,   u = −γħP/(2eMs) j

    For β = α this is the equation at rest in the frame that moves with u: then any texture drifts by exactly u.
    Derivatives are central differences; at free surfaces and beside empty cells ∂m/∂n = 0, periodic axes wrap.

    - `u`: drift velocity, m/s, the way the electrons go: a vector, anywhere in space and time.
    - `j`: the current density instead, A/m², as technical current: electrons go against it. With γ = 2μ_B/ħ it
      gives u = −μ_B P j/(e Ms), without the factor 1/(1+β²) that some authors put into it.
    - `P`: polarisation of the current, 0 … 1; goes with `j`.
    - `beta`: β, the non-adiabatic part.

    In `mj.LLG("landau-lifshitz")`, where γ stands for Gilbert's γ/(1+α²), `j` gives the same motion as in Gilbert's
    form; `u` is then (1+α²) times what is given.

    **Raises** `ValueError` when neither or both of `u` and `j` are given, P outside 0 … 1, velocities above 1e6 m/s.

    Sources: S. Zhang, Z. Li, Phys. Rev. Lett. 93, 127204 (2004); A. Thiaville et al., Europhys. Lett. 69, 990 (2005).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 1, 1), 2e-9, periodic="x")
    >>> wire = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1.3e-11)) + mj.ZhangLi(u=(64.0, 0, 0), beta=0.1)
    >>> helix = mj.textures.helix(mesh, 128e-9, "x")
    >>> moved = mj.evolve(wire, helix, 1e-9).m  # by half a period
    >>> bool(abs(moved + helix).max() < 0.01)
    True
    """

    units: ClassVar[Mapping[str, str]] = {"u": "m/s", "j": "A/m²"}

    u: Parameter
    j: Parameter
    P: Parameter
    beta: Parameter

    def __init__(self, u: Parameter = None, *, j: Parameter = None, P: Parameter = None, beta: Parameter = 0.0):
        if (u is None) == (j is None):
            raise ValueError(
                "Arguments `u` (m/s) and `j` (A/m²) of `ZhangLi` are one current: give exactly one of them."
            )
        if (j is None) != (P is None):
            raise ValueError("Argument `P` must be given with `j`, and only then: `u` holds the polarisation already.")
        self.u = None if u is None else parameter(u, "u")
        self.j = None if j is None else current_density(j)
        self.P = None if P is None else polarisation(P)
        self.beta = parameter(beta, "beta")
        if largest(self.u) > 1e6:
            raise ValueError(
                f"Argument `u` must be a velocity in m/s, but got {largest(self.u):g} m/s; did you give a current "
                "density (then use `j=`)?"
            )

    def prepare(self, sample: Sample) -> AbstractTorqueField:
        """u/γ along each axis with more than one cell, over twice the cell's length, T."""
        if self.u is not None:
            gamma = sample.gamma
            per_gamma = sample.vector(self.u) / (gamma[None] if gamma.ndim else gamma)
        else:
            spins = (-constants.HBAR / (2 * constants.E_CHARGE)) * sample.value(self.P) * sample.inverse_Ms
            per_gamma = sample.vector(self.j) * (spins[None] if spins.ndim else spins)
        mesh = sample.mesh
        axes: tuple[Axis, ...] = tuple(axis for axis, n in zip(AXES, mesh.cells, strict=True) if n > 1)
        beta = sample.value(self.beta)
        return ZhangLiField(
            axes=axes,
            periodic=mesh.periodic,
            rates=tuple(per_gamma[AXES.index(a)][None] / (2 * mesh.cell_size[AXES.index(a)]) for a in axes),
            beta=beta[None] if beta.ndim else beta,
            occupied=sample.occupied,
        )


class ZhangLiField(AbstractTorqueField):
    """b = −m×D − βD, D = (u·∇)m/γ, in T."""

    axes: tuple[Axis, ...] = eqx.field(static=True)
    periodic: str = eqx.field(static=True)
    rates: tuple[Array, ...]
    beta: Array
    occupied: Array | None

    def __call__(self, m: Array) -> Array:
        along = jnp.zeros_like(m)
        for axis, rate in zip(self.axes, self.rates, strict=True):
            along = along + rate * self._difference(m, axis)
        return -cross(m, along) - self.beta * along

    def _difference(self, m: Array, axis: Axis) -> Array:
        """m⁺ − m⁻, where a neighbour that is missing has the cell's own direction."""
        periodic = axis in self.periodic
        up, down = (f(m, axis, periodic=periodic) for f in (next_neighbour, previous_neighbour))
        if self.occupied is not None:
            above, below = (f(self.occupied, axis, periodic=periodic) for f in (next_neighbour, previous_neighbour))
            up, down = jnp.where(above[None], up, m), jnp.where(below[None], down, m)
        return up - down

    def bound(self) -> Array:
        steepest = sum((2 * jnp.max(jnp.abs(rate)) for rate in self.rates), start=jnp.zeros(()))
        return steepest * jnp.sqrt(1 + jnp.max(jnp.abs(self.beta)) ** 2)
