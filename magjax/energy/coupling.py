"""What couples two sublattices."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.exchange import Exchange, ExchangeField
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import cross, dot


class Coupling(eqx.Module):
    """Exchange between two sublattices a and b that share their cells.

    w = J m_a·m_b + A ∇m_a·∇m_b + D·(m_a×m_b)

    B_a = −[J m_b − ∇·(A ∇m_b) + m_b×D]/Ms_a,  B_b = −[J m_a − ∇·(A ∇m_a) + D×m_a]/Ms_b

    The exchange field of an antiferromagnet is B_E = J/Ms. The exchange that each sublattice has with itself is an
    `Exchange` of its own. A texture of the Néel vector has the stiffness A_a + A_b − A.

    - `J`: homogeneous exchange, J/m³, positive for antiparallel sublattices; any parameter.
    - `A`: inhomogeneous exchange, J/m, by the six-neighbour stencil; negative where `J` is positive. Any parameter.
    - `D`: Dzyaloshinskii–Moriya vector, J/m³, that cants the sublattices; any vector parameter.

    **Raises** `ValueError` for none of them, and magnitudes that no solid has.

    Source: F. Keffer and C. Kittel, Phys. Rev. 85, 329 (1952); T. Moriya, Phys. Rev. 120, 91 (1960).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 1e-9)
    >>> one = mj.System(mesh, Ms=5e5)
    >>> afm = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=5e6))
    >>> m = mj.textures.antiparallel(mj.textures.uniform(mesh, "z"))
    >>> float(afm.field(m)[0, 2, 0, 0, 0]), f"{float(afm.total_energy(m)):.3g}"
    (10.0, '-5e-21')
    """

    units: ClassVar[Mapping[str, str]] = {"J": "J/m³", "A": "J/m", "D": "J/m³"}

    J: Parameter | None
    A: Parameter | None
    D: Parameter | None

    def __init__(self, J: Parameter = None, *, A: Parameter = None, D: Parameter = None):
        if J is None and A is None and D is None:
            raise ValueError(
                "Argument `J` (J/m³), `A` (J/m) or `D` (J/m³) of `Coupling` must be given: it couples nothing."
            )
        self.J, self.A, self.D = (
            None if value is None else parameter(value, name) for name, value in (("J", J), ("A", A), ("D", D))
        )
        for name in ("J", "D"):
            if largest(getattr(self, name)) > 1e11:
                raise ValueError(
                    f"Argument `{name}` must be in J/m³, but got {largest(getattr(self, name)):g} J/m³, an exchange "
                    "field beyond 10 000 T; B_E = J/Ms."
                )
        if largest(self.A) > 1e-6:
            raise ValueError(f"Argument `A` must be in J/m, but got {largest(self.A):g} J/m; did you give pJ/m?")

    def energy_density(self, first: Array, second: Array, sample: Sample) -> Array:
        """Energy density in J/m³, `(nz, ny, nx)`, of the unit vectors of both sublattices."""
        density = jnp.zeros(sample.mesh.shape, first.dtype)
        if self.J is not None:
            density = density + sample.value(self.J) * dot(first, second)
        if self.D is not None:
            density = density + dot(jnp.broadcast_to(sample.vector(self.D), first.shape), cross(first, second))
        if self.A is not None:
            # 4 ∇a·∇b = |∇(a + b)|² − |∇(a − b)|², which leaves the stencil where it is.
            exchange = Exchange(A=self.A)
            both = exchange.energy_density(first + second, sample) - exchange.energy_density(first - second, sample)
            density = density + both / 4
        return density

    def prepare(self, sample: Sample, inverse: tuple[Array, Array]) -> "CouplingField":
        """The fields of one sublattice on the other.

        - `sample`: the cells that both occupy, with Ms = 1 A/m. `inverse`: 1/Ms of each, m/A.
        """
        on_first, on_second = (_lift(x) for x in inverse)
        return CouplingField(
            None if self.J is None else _lift(sample.value(self.J)),
            # −δ/δa of A ∇a·∇b is ∇·(A ∇b), half of what A (∇b)² makes.
            None if self.A is None else _halved(Exchange(A=self.A), sample),
            None if self.D is None else sample.vector(self.D),
            on_first,
            on_second,
        )


class CouplingField(eqx.Module):
    """The fields that two sublattices exert on each other, ready for use.

    - `J`: J/m³. `stencil`: ∇·(A ∇m), J/m³. `D`: J/m³. `on_first`, `on_second`: 1/Ms of each, m/A.
    """

    J: Array | None
    stencil: ExchangeField | None
    D: Array | None
    on_first: Array
    on_second: Array

    def __call__(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Fields on the first and on the second sublattice, T, for the unit vectors of both."""
        on_first, on_second = jnp.zeros_like(first), jnp.zeros_like(second)
        if self.J is not None:
            on_first, on_second = on_first - self.J * second, on_second - self.J * first
        if self.stencil is not None:
            on_first, on_second = on_first + self.stencil(second), on_second + self.stencil(first)
        if self.D is not None:
            D = jnp.broadcast_to(self.D, first.shape)
            on_first, on_second = on_first - cross(second, D), on_second - cross(D, first)
        return self.on_first * on_first, self.on_second * on_second

    def bounds(self) -> tuple[Array, Array]:
        """Upper bounds, T, of what the coupling adds to the rate of either sublattice, in units of its γ.

        Twice the field: it turns the spins, and turns with those of the other sublattice.
        """
        total = jnp.zeros((), self.on_first.dtype)
        if self.J is not None:
            total = total + 2 * jnp.max(jnp.abs(self.J))
        if self.stencil is not None:
            total = total + self.stencil.bound()
        if self.D is not None:
            total = total + 2 * jnp.max(jnp.sqrt(dot(self.D, self.D)))
        return total * jnp.max(self.on_first), total * jnp.max(self.on_second)


def _halved(exchange: Exchange, sample: Sample) -> ExchangeField:
    full: Any = exchange.prepare(sample)
    return ExchangeField(
        full.axes, full.periodic, tuple(f / 2 for f in full.forward), tuple(b / 2 for b in full.backward)
    )


def _lift(value: Array) -> Array:
    """Give a scalar field the leading component axis; a single number stays one."""
    return value[None] if value.ndim else value
