"""A system: a mesh, what it is made of, and the energies that act in it."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.energy.base import AbstractEnergy, AbstractField, Sum, terms_of
from magjax.material.derived import Derived
from magjax.material.description import describe
from magjax.material.parameter import Parameter, is_driven, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import Mesh


class System(eqx.Module):
    """A magnetic sample as a pytree: every physical number in it is a leaf to differentiate, batch, fit or replace.

    - `mesh`: the mesh.
    - `Ms`: saturation magnetisation, A/m; any parameter. Cells with `Ms` = 0 are empty.
    - `alpha`: Gilbert damping, dimensionless; any parameter.
    - `energy`: an energy term, or several joined with `+`.
    - `gamma`: gyromagnetic ratio |γ|, rad/(s·T).
    - `shape`: a shape from `mj.shapes`; cells outside it are empty.
    - `regions`: named regions, `mj.Regions`, for parameters given per region.

    `system + term` is the system with one more term; `system["exchange"]` is a term by its name.

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
        self.mesh = mesh
        self.Ms = parameter(Ms, "Ms", minimum=0.0, hint="it is a length, in A/m")
        self.alpha = parameter(alpha, "alpha", minimum=0.0, hint="negative damping pumps energy in without end")
        self.gamma = parameter(gamma, "gamma", minimum=0.0, hint="magjax takes |γ|; electrons precess with −γ m×B")
        self.energy = Sum(()) if energy is None else Sum(terms_of(energy))
        self.regions = regions
        self.occupied = _occupied(self, shape)
        if 0 < largest(self.gamma) < 1e8:
            raise ValueError(
                f"Argument `gamma` must be in rad/(s·T), but got {largest(self.gamma):g}; did you give γ0 in m/(A·s)? "
                "γ = γ0/μ0: write `gamma=2.211e5 / mj.constants.MU0`."
            )
        if 0 < largest(self.Ms) < 1e2:
            raise ValueError(
                f"Argument `Ms` must be in A/m, but got {largest(self.Ms):g} A/m; did you give it in T or MA/m?"
            )

    def __check_init__(self) -> None:
        for term in self.energy.terms:
            made_for = getattr(term, "mesh", None)
            if isinstance(made_for, Mesh) and not made_for.has_cells_of(self.mesh):
                raise ValueError(
                    f"Argument `energy` must fit the system's mesh {self.mesh}, but its term `{term.name}` was made "
                    f"for {made_for}."
                )

    def __add__(self, term: AbstractEnergy) -> "System":
        if not isinstance(term, AbstractEnergy):
            return NotImplemented
        system = eqx.tree_at(
            lambda s: s.energy, self, Sum((*self.energy.terms, *terms_of(term))), is_leaf=lambda x: isinstance(x, Sum)
        )
        system.__check_init__()
        return system

    def __repr__(self) -> str:
        rows = [("Ms", describe(self.Ms, "A/m")), ("alpha", describe(self.alpha))]
        if describe(self.gamma) != describe(constants.GAMMA):
            rows.append(("gamma", describe(self.gamma, "rad/(s·T)")))
        if self.occupied is not None:
            rows.append(("occupied", _share(self.occupied.value)))
        if self.regions is not None:
            rows.append(("regions", ", ".join(self.regions.names)))
        rows += [(name, _in_words(term)) for name, term in self._terms()]
        width = max(len(name) for name, _ in rows)
        cells, lengths = "×".join(map(str, self.mesh.cells)), " × ".join(f"{d:g}" for d in self.mesh.cell_size)
        repeats = f", periodic along {self.mesh.periodic}" if self.mesh.periodic else ""
        head = f"System of {cells} cells of {lengths} m{repeats}"
        return "\n".join([head, *(f"  {name:{width}}  {text}".rstrip() for name, text in rows)])

    def __getitem__(self, name: str) -> AbstractEnergy:
        if name not in self.names:
            raise KeyError(f"Argument `name` must be one of the system's terms {list(self.names)}, but got {name!r}.")
        return self.energy.terms[self.names.index(name)]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the energy terms."""
        return self.energy.names

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
        return eqx.tree_at(lambda s: s.Ms, sample, Ms)

    def prepare(self, dtype: Any = None) -> "Prepared":
        """The system ready to be evolved: all that does not depend on the spins or time computed once."""
        return Prepared(self, jnp.result_type(float) if dtype is None else jnp.dtype(dtype))

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

    def _terms(self) -> list[tuple[str, AbstractEnergy]]:
        return list(zip(self.names, self.energy.terms, strict=True))


class Prepared(eqx.Module):
    """A system in one precision, with coefficients and kernels ready: the arguments of an equation of motion.

    Local and nonlocal (demagnetising) fields are kept apart for multirate solvers. Terms with time-dependent parameters
    are prepared anew at each time.

    >>> import jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.1)))
    >>> film.prepare(jnp.float32).field(0.0, mj.textures.uniform(mesh, (1, 0, 0), dtype=jnp.float32)).dtype
    dtype('float32')
    """

    system: System
    local: tuple[AbstractField, ...]
    nonlocal_: tuple[AbstractField, ...]
    local_driven: tuple[AbstractEnergy, ...]
    nonlocal_driven: tuple[AbstractEnergy, ...]
    constants: tuple[Array, Array] | None
    epoch: Array
    within: tuple[Array, Array] | None
    dtype: Any = eqx.field(static=True)

    def __init__(self, system: System, dtype: Any):
        self.system = system
        self.dtype = dtype
        sample = system.sample(0.0, dtype)
        terms = system.energy.terms
        moving = is_driven(system.Ms)
        fixed = [t for t in terms if not (moving or is_driven(t))]
        driven = [t for t in terms if moving or is_driven(t)]
        self.local = tuple(t.prepare(sample) for t in fixed if not t.is_nonlocal)
        self.nonlocal_ = tuple(t.prepare(sample) for t in fixed if t.is_nonlocal)
        self.local_driven = tuple(t for t in driven if not t.is_nonlocal)
        self.nonlocal_driven = tuple(t for t in driven if t.is_nonlocal)
        self.constants = None if is_driven((system.gamma, system.alpha)) else _dynamic_constants(system, sample)
        self.epoch = jnp.zeros((), dtype)
        self.within = None

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return bool(self.nonlocal_ or self.nonlocal_driven)

    def starting_at(self, t: Array) -> "Prepared":
        """The same with times counted from `t` (s), so that steps late in a long run keep all their digits."""
        return eqx.tree_at(lambda p: p.epoch, self, jnp.asarray(t, self.dtype))

    def between(self, first: Array, last: Array) -> "Prepared":
        """The same with drives evaluated at no other times than these, s: for a step from jump to jump."""
        return eqx.tree_at(lambda p: p.within, self, (first, last), is_leaf=lambda x: x is None)

    def local_field(self, t: Any, m: Array) -> Array:
        """Field of the local terms in T."""
        return self._sum(self.local, self.local_driven, t, m)

    def nonlocal_field(self, t: Any, m: Array) -> Array:
        """Field of the nonlocal terms in T."""
        return self._sum(self.nonlocal_, self.nonlocal_driven, t, m)

    def field(self, t: Any, m: Array) -> Array:
        """Effective field of all terms in T, `(3, nz, ny, nx)`."""
        if not self.has_nonlocal:
            return self.local_field(t, m)
        return self.local_field(t, m) + self.nonlocal_field(t, m)

    def coefficients(self, t: Any) -> tuple[Array, Array]:
        """γ in rad/(s·T) and α at time `t`, broadcastable against a field."""
        if self.constants is not None:
            return self.constants
        return _dynamic_constants(self.system, self.system.sample(self.time(t), self.dtype))

    def fastest_rate(self) -> Array:
        """An upper bound of the rates of the local terms' dynamics in Gilbert's form, γ|B|/√(1+α²), rad/s."""
        gamma, alpha = self.coefficients(jnp.zeros((), self.dtype))
        driven = tuple(t.prepare(self.system.sample(self.epoch, self.dtype)) for t in self.local_driven)
        bound = sum((f.bound() for f in (*self.local, *driven)), start=jnp.zeros((), self.dtype))
        return jnp.max(gamma / jnp.sqrt(1 + alpha**2)) * bound

    def time(self, t: Any) -> Array:
        """The time that drives see, s, at `t` (s) after `epoch`."""
        return self.epoch + t if self.within is None else jnp.clip(self.epoch + t, *self.within)

    def _sum(self, fields: tuple[AbstractField, ...], driven: tuple[AbstractEnergy, ...], t: Any, m: Array) -> Array:
        if driven:
            sample = self.system.sample(self.time(t), self.dtype)
            fields = (*fields, *(term.prepare(sample) for term in driven))
        total = None
        for field in fields:
            part = field(m)
            total = part if total is None else total + part
        return jnp.zeros_like(m) if total is None else jnp.broadcast_to(total, m.shape)


def _is_empty(value: Any) -> bool:
    return isinstance(value, dict) and not value


def _share(occupied: Any) -> str:
    if not isinstance(occupied, jax.Array) or isinstance(occupied, Tracer):
        return "unknown"  # inside a program, or in a derivative, which skips it
    return f"{int(np.sum(occupied))} of {occupied.size} cells"


def _in_words(term: AbstractEnergy) -> str:
    """The parameters of a term with their units; not what follows from them."""
    given = ((field.name, getattr(term, field.name)) for field in dataclasses.fields(term))
    shown = ((k, v) for k, v in given if not (v is None or isinstance(v, (Derived, Mesh)) or _is_empty(v)))
    return ", ".join(f"{name} = {describe(value, term.units.get(name, ''))}" for name, value in shown)


def _dynamic_constants(system: System, sample: Sample) -> tuple[Array, Array]:
    gamma, alpha = sample.value(system.gamma), sample.value(system.alpha)
    return (gamma[None] if gamma.ndim else gamma), (alpha[None] if alpha.ndim else alpha)


def _occupied(system: System, shape: Any) -> Derived | None:
    """Which cells are magnetic; `None` when all are, so that full samples pay nothing for the question."""
    mask = np.ones(system.mesh.shape, bool) if shape is None else np.asarray(shape.mask(system.mesh))
    leaves = jax.tree_util.tree_leaves(system.Ms)
    traced = any(isinstance(x, Tracer) for x in leaves)
    if not traced and not is_driven(system.Ms):
        # Known numbers are looked at now, also where a program that uses them is being compiled.
        with jax.ensure_compile_time_eval():
            bare = Sample(system.mesh, jnp.ones(()), None, system.regions, jnp.zeros(()), jnp.result_type(float))
            Ms = np.asarray(bare.value(system.Ms))
        if Ms.min() < 0:  # a function of position is known only here
            raise ValueError(f"Argument `Ms` must be ≥ 0, but its function of position falls to {Ms.min():g} A/m.")
        mask = mask & (np.broadcast_to(Ms, system.mesh.shape) > 0)
    if not mask.any():
        raise ValueError("Argument `Ms` must leave at least one magnetic cell, but it is 0 everywhere in the sample.")
    return None if mask.all() else Derived(jnp.asarray(mask))
