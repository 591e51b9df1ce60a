"""A ferromagnet: a mesh, what it is made of, and the energies that act in it."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.energy.base import AbstractEnergy, Sum, terms_of
from magjax.geometry.regions import Regions
from magjax.material.derived import Derived
from magjax.material.description import describe
from magjax.material.parameter import Parameter, is_driven, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import Mesh
from magjax.system.base import AbstractSystem
from magjax.system.prepared import Prepared
from magjax.system.words import cells_in_words, in_words, share_in_words, table_in_words
from magjax.torque.base import AbstractTorque, Torques, torques_of


class System(AbstractSystem):
    """A magnetic sample as a pytree: every physical number in it is a leaf to differentiate, batch, fit or replace.

    - `mesh`: the mesh.
    - `Ms`: saturation magnetisation, A/m; any parameter. Cells with `Ms` = 0 are empty.
    - `alpha`: Gilbert damping, dimensionless; any parameter.
    - `energy`: an energy term, or several joined with `+`.
    - `gamma`: gyromagnetic ratio |γ|, rad/(s·T).
    - `shape`: a shape from `mj.shapes`; cells outside it are empty.
    - `regions`: named regions, `mj.Regions`, for parameters given per region.

    `system + term` is the system with one more energy term, `system + torque` with one more torque, such as
    `mj.ZhangLi(…)`; `system["exchange"]` is either by its name.

    **Raises** `ValueError` for negative `Ms` or `alpha`, a sample without a magnetic cell, and terms that were made for
    another mesh.

    >>> import magjax as mj
    >>> mesh = mj.Mesh(cells=(20, 5, 1), cell_size=(2.5e-9, 2.5e-9, 3e-9))
    >>> film = mj.System(mesh, Ms=8e5, alpha=0.02, energy=mj.Exchange(A=1.3e-11))
    >>> driven = film + mj.Zeeman(B=(-24.6e-3, 4.3e-3, 0))
    >>> driven
    System of 20×5×1 cells of 2.5e-09 × 2.5e-09 × 3e-09 m
      Ms        800000 A/m
      alpha     0.02
      exchange  A = 1.3e-11 J/m
      zeeman    B = (-0.0246, 0.0043, 0) T
    """

    mesh: Mesh
    Ms: Parameter
    alpha: Parameter
    gamma: Parameter
    energy: Sum
    torques: Torques
    regions: Any
    occupied: Derived | None

    def __init__(
        self,
        mesh: Mesh,
        *,
        Ms: Parameter,
        alpha: Parameter = 0.0,
        energy: AbstractEnergy | None = None,
        gamma: Parameter = constants.GAMMA,
        shape: Any = None,
        regions: Any = None,
    ):
        if not isinstance(mesh, Mesh):
            raise TypeError(f"Argument `mesh` must be a `Mesh`, but got {type(mesh).__name__}.")
        if regions is not None and not isinstance(regions, Regions):
            raise TypeError(
                f"Argument `regions` must be `mj.Regions(mesh, {{name: shape}})`, but got {type(regions).__name__}."
            )
        self.mesh = mesh
        self.Ms = parameter(Ms, "Ms", minimum=0.0, hint="it is a length, in A/m")
        self.alpha = parameter(alpha, "alpha", minimum=0.0, hint="negative damping pumps energy in without end")
        self.gamma = parameter(gamma, "gamma", minimum=0.0, hint="magjax takes |γ|; electrons precess with −γ m×B")
        self.energy = Sum(()) if energy is None else Sum(terms_of(energy))
        self.torques = Torques(())
        self.regions = regions
        self.occupied = _occupied(self, shape)
        for name in ("alpha", "gamma"):
            _refuse_negative(name, _known(self, getattr(self, name)))
        if 0 < largest(self.gamma) < 1e8:
            raise ValueError(
                f"Argument `gamma` must be in rad/(s·T), but got {largest(self.gamma):g}; did you give γ0 in m/(A·s)? "
                "γ = γ0/μ0: write `gamma=2.211e5 / mj.constants.MU0`."
            )
        if 0 < largest(self.Ms) < 1e2:
            raise ValueError(
                f"Argument `Ms` must be in A/m, but got {largest(self.Ms):g} A/m; did you give it in T or MA/m?"
            )
        if largest(self.Ms) > 1e9:
            raise ValueError(
                f"Argument `Ms` must be in A/m, but got {largest(self.Ms):g} A/m, a thousand times that of any magnet; "
                "was it scaled to A/m twice?"
            )

    def __check_init__(self) -> None:
        for term in self.energy.terms:
            made_for = getattr(term, "mesh", None)
            if isinstance(made_for, Mesh) and not made_for.has_cells_of(self.mesh):
                raise ValueError(
                    f"Argument `energy` must fit the system's mesh {self.mesh}, but its term `{term.name}` was made "
                    f"for {made_for}."
                )

    def __add__(self, term: AbstractEnergy | AbstractTorque) -> "System":
        if isinstance(term, AbstractTorque):
            torques = Torques((*self.torques.terms, *torques_of(term)))
            return eqx.tree_at(lambda s: s.torques, self, torques, is_leaf=lambda x: isinstance(x, Torques))
        if not isinstance(term, AbstractEnergy):
            return NotImplemented
        system = eqx.tree_at(
            lambda s: s.energy, self, Sum((*self.energy.terms, *terms_of(term))), is_leaf=lambda x: isinstance(x, Sum)
        )
        system.__check_init__()
        return system

    def __repr__(self) -> str:
        return "\n".join([f"System of {cells_in_words(self.mesh)}", *table_in_words(self.rows())])

    def __getitem__(self, name: str) -> Any:
        # Torques only where it is no energy: `eqx.tree_at` shows an empty tuple as a leaf.
        if name in self.names:
            return self.energy.terms[self.names.index(name)]
        if name in self.torques.names:
            return self.torques.terms[self.torques.names.index(name)]
        names = [*self.names, *self.torques.names]
        raise KeyError(f"Argument `name` must be one of the system's terms {names}, but got {name!r}.")

    @property
    def sublattices(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def state_shape(self) -> tuple[int, ...]:
        """The shape of its spins, `(3, nz, ny, nx)`."""
        return (3, *self.mesh.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the energy terms."""
        return self.energy.names

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return any(term.is_nonlocal for term in self.energy.terms)

    @property
    def has_torques(self) -> bool:
        """Whether there are torques that no energy stands behind."""
        return bool(self.torques.terms)

    @property
    def material(self) -> tuple[Parameter, ...]:
        """Ms, α and γ, as they were given."""
        return self.Ms, self.alpha, self.gamma

    @property
    def numbers(self) -> dict[str, Any]:
        """All that the system consists of by names that a message can use."""
        names = ("mesh", "Ms", "alpha", "gamma", "regions")
        parts = {name: getattr(self, name) for name in names} | {"shape": self.occupied}
        return parts | {f"the term {name}": term for name, term in self._all_terms()}

    @property
    def dtype(self) -> Any:
        """The precision of the system's own numbers."""
        return jnp.result_type(float, *(x for x in jax.tree_util.tree_leaves(self.Ms) if eqx.is_inexact_array(x)))

    def sample(self, t: Any = 0.0, dtype: Any = None) -> Sample:
        """The sample at time `t` (s) in the precision `dtype`, as energy terms see it."""
        dtype = jnp.result_type(float) if dtype is None else jnp.dtype(dtype)
        occupied = None if self.occupied is None else self.occupied.value
        sample = Sample(self.mesh, jnp.ones((), dtype), occupied, self.regions, jnp.asarray(t, dtype), dtype)
        Ms = sample.value(self.Ms)
        if occupied is not None:
            Ms = jnp.where(occupied, Ms, 0)
        if Ms.ndim:
            # Ms may have been replaced since `occupied` was found: cells that have none now are empty, too.
            occupied = Ms > 0
        sample = eqx.tree_at(lambda s: (s.Ms, s.occupied), sample, (Ms, occupied), is_leaf=lambda x: x is None)
        # Only torques of currents ask for it.
        return sample if not self.has_torques else sample.moving_with(self.gamma)

    def prepare(self, dtype: Any = None) -> Prepared:
        """The system ready to be evolved: all that does not depend on the spins or time computed once."""
        return Prepared(self, jnp.result_type(float) if dtype is None else jnp.dtype(dtype))

    def magnetisation(self, t: Any = 0.0, dtype: Any = None) -> Array:
        """Ms in A/m at time `t` (s), 0 in empty cells; a number or `(1, nz, ny, nx)`."""
        Ms = self.sample(t, dtype).Ms
        return Ms[None] if Ms.ndim else Ms

    def field(self, m: Array, t: Any = 0.0) -> Array:
        """Effective field B_eff in T, `(3, nz, ny, nx)`, of the unit vectors `m` at time `t` (s)."""
        return self.energy.field(m, self.sample(t, m.dtype))

    def fields(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Effective field of each term in T, by name."""
        sample = self.sample(t, m.dtype)
        return {name: jnp.broadcast_to(term.field(m, sample), m.shape) for name, term in self._terms()}

    def energy_density(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy density of each term in J/m³, `(nz, ny, nx)`, by name."""
        sample = self.sample(t, m.dtype)
        return {name: sample.only_occupied(term.energy_density(m, sample)) for name, term in self._terms()}

    def energies(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy of each term in J, by name."""
        sample = self.sample(t, m.dtype)
        return {name: term.energy(m, sample) for name, term in self._terms()}

    def total_energy(self, m: Array, t: Any = 0.0) -> Array:
        """Total energy in J."""
        return self.energy.energy(m, self.sample(t, m.dtype))

    def average(self, m: Array) -> Array:
        """Magnetisation of the whole sample over its saturation value, ⟨m⟩ = Σ Ms m / Σ Ms; shape `(3,)`."""
        Ms = self.sample(0.0, m.dtype).Ms
        if Ms.ndim == 0:
            return jnp.mean(m, axis=(1, 2, 3))
        weight = Ms / jnp.sum(Ms)
        return jnp.sum(m * weight[None], axis=(1, 2, 3))

    @property
    def average_names(self) -> tuple[str, ...]:
        """`m` alone."""
        return ("m",)

    def averages(self, m: Array) -> dict[str, Array]:
        """The average of the whole sample as `m`."""
        return {"m": self.average(m)}

    def rows(self) -> list[tuple[str, str]]:
        """What it consists of, in words: names and values."""
        rows = [("Ms", describe(self.Ms, "A/m")), ("alpha", describe(self.alpha))]
        if describe(self.gamma) != describe(constants.GAMMA):
            rows.append(("gamma", describe(self.gamma, "rad/(s·T)")))
        if self.occupied is not None:
            rows.append(("occupied", share_in_words(self.occupied.value)))
        if self.regions is not None:
            rows.append(("regions", ", ".join(self.regions.names)))
        return rows + [(name, in_words(term)) for name, term in self._all_terms()]

    def _terms(self) -> list[tuple[str, AbstractEnergy]]:
        return list(zip(self.names, self.energy.terms, strict=True))

    def _all_terms(self) -> list[tuple[str, AbstractEnergy | AbstractTorque]]:
        return [*self._terms(), *zip(self.torques.names, self.torques.terms, strict=True)]


def _occupied(system: System, shape: Any) -> Derived | None:
    """Which cells are magnetic; `None` when all are, so that full samples pay nothing for the question."""
    mask = np.ones(system.mesh.shape, bool) if shape is None else np.asarray(shape.mask(system.mesh))
    Ms = _known(system, system.Ms)
    if Ms is not None:
        _refuse_negative("Ms", Ms)
        mask = mask & (np.broadcast_to(Ms, system.mesh.shape) > 0)
    if not mask.any():
        raise ValueError("Argument `Ms` must leave at least one magnetic cell, but it is 0 everywhere in the sample.")
    return None if mask.all() else Derived(jnp.asarray(mask))


def _known(system: System, value: Parameter) -> np.ndarray | None:
    """The values of a parameter in the cells, or `None` where they are being traced or depend on time."""
    if is_driven(value) or any(isinstance(x, Tracer) for x in jax.tree_util.tree_leaves(value)):
        return None
    # Known numbers are looked at now, also where a program that uses them is being compiled.
    with jax.ensure_compile_time_eval():
        bare = Sample(system.mesh, jnp.ones(()), None, system.regions, jnp.zeros(()), jnp.result_type(float))
        return np.asarray(bare.value(value))


def _refuse_negative(name: str, values: np.ndarray | None) -> None:
    """What numbers and arrays are asked at once, functions of position can only be asked on a mesh."""
    if values is not None and values.min() < 0:
        raise ValueError(f"Argument `{name}` must be ≥ 0, but its function of position falls to {values.min():g}.")
