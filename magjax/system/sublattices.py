"""Antiferromagnets and ferrimagnets: several magnetisations in the same cells."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, Sum, terms_of
from magjax.energy.coupling import Coupling, CouplingField
from magjax.material.derived import Derived
from magjax.material.sample import Sample
from magjax.mesh import Mesh
from magjax.system.base import AbstractSystem
from magjax.system.pairs import by_pairs, check_sublattices
from magjax.system.prepared_sublattices import PreparedSublattices
from magjax.system.system import System
from magjax.system.words import cells_in_words, in_words, table_in_words
from magjax.torque.base import AbstractTorque


class Sublattices(AbstractSystem):
    """Two or more magnetisations in the same cells, coupled by exchange; spins are `(S, 3, nz, ny, nx)`.

    Each sublattice is a `System` with its own Ms, α, γ, regions and energies: its own `Exchange`, anisotropies, and a
    `Zeeman` that acts on it alone, a staggered field for one. Whatever takes a ferromagnet takes sublattices.

    - `sublattices`: systems on one mesh by name; a name is of letters and digits.
    - `coupling`: a `Coupling` for every pair, or couplings by pairs of names, `{("a", "b"): mj.Coupling(J=1e7)}`.
    - `energy`: terms common to all, `Zeeman` and `Demag`: they act on the net magnetisation Σ Ms m.

    `afm + term` has one more common term; `afm["a"]` is a sublattice.

    **Raises** `ValueError` for fewer than two sublattices, meshes that differ, names that are none, couplings of
    unknown sublattices, common terms that are not of the net magnetisation, and a `Demag` that would see one sublattice
    only.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((10, 1, 1), 1e-9)
    >>> one = mj.System(mesh, Ms=4e5, alpha=0.01, energy=mj.UniaxialAnisotropy(K=2e5, axis="z"))
    >>> afm = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=4e7, A=-5e-12), energy=mj.Demag(mesh))
    >>> m = mj.textures.antiparallel(mj.textures.uniform(mesh, "z"))
    >>> sorted(afm.energies(m))
    ['coupling_a_b', 'demag', 'uniaxial_anisotropy_a', 'uniaxial_anisotropy_b']
    """

    systems: tuple[System, ...]
    couplings: tuple[Coupling, ...]
    energy: Sum
    sublattices: tuple[str, ...] = eqx.field(static=True)
    pairs: tuple[tuple[int, int], ...] = eqx.field(static=True)

    def __init__(
        self,
        sublattices: Mapping[str, System],
        *,
        coupling: Coupling | Mapping[tuple[str, str], Coupling] | None = None,
        energy: AbstractEnergy | None = None,
    ):
        check_sublattices(sublattices)
        self.sublattices = tuple(sublattices)
        self.systems = tuple(sublattices.values())
        named = by_pairs(self.sublattices, coupling)
        self.pairs = tuple(named)
        self.couplings = tuple(named.values())
        self.energy = Sum(()) if energy is None else Sum(terms_of(energy))

    def __check_init__(self) -> None:
        for term in self.energy.terms:
            if not term.of_magnetisation:
                raise ValueError(
                    f"Argument `energy` must hold terms of the net magnetisation, `Zeeman` and `Demag`, but got "
                    f"`{term.name}`; give it to each sublattice's `System`."
                )
            made_for = getattr(term, "mesh", None)
            if isinstance(made_for, Mesh) and not made_for.has_cells_of(self.mesh):
                raise ValueError(
                    f"Argument `energy` must fit the sublattices' mesh {self.mesh}, but its term `{term.name}` was "
                    f"made for {made_for}."
                )

    def __add__(self, term: AbstractEnergy) -> "Sublattices":
        if isinstance(term, AbstractTorque):
            raise TypeError(
                f"Argument `term` must be an energy, but got the torque `{term.name}`; add it to a sublattice's "
                "`System`."
            )
        if not isinstance(term, AbstractEnergy):
            return NotImplemented
        more = eqx.tree_at(
            lambda s: s.energy, self, Sum((*self.energy.terms, *terms_of(term))), is_leaf=lambda x: isinstance(x, Sum)
        )
        more.__check_init__()
        return more

    def __getitem__(self, name: str) -> System:
        return self.systems[self.index(name)]

    def __repr__(self) -> str:
        lines = [f"Sublattices {', '.join(self.sublattices)} in {cells_in_words(self.mesh)}"]
        for name, system in zip(self.sublattices, self.systems, strict=True):
            lines += [f"  {name}", *(f"  {line}" for line in table_in_words(system.rows()))]
        pairs = list(zip(self._coupling_names(), self.couplings, strict=True))
        common = list(zip(self.energy.names, self.energy.terms, strict=True))
        return "\n".join([*lines, *table_in_words([(name, in_words(term)) for name, term in [*pairs, *common]])])

    @property
    def mesh(self) -> Mesh:
        """The mesh that all share."""
        return self.systems[0].mesh

    @property
    def regions(self) -> Any:
        """The regions for couplings and common terms: those of the first sublattice that has any."""
        return next((s.regions for s in self.systems if s.regions is not None), None)

    @property
    def occupied(self) -> Derived | None:
        """Which cells are magnetic, `(S, nz, ny, nx)`; `None` where all are."""
        if all(s.occupied is None for s in self.systems):
            return None
        full = jnp.ones(self.mesh.shape, bool)
        return Derived(jnp.stack([full if s.occupied is None else s.occupied.value for s in self.systems]))

    @property
    def state_shape(self) -> tuple[int, ...]:
        """The shape of its spins, `(S, 3, nz, ny, nx)`."""
        return (len(self.systems), 3, *self.mesh.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the energy terms: `exchange_a` of a sublattice, `coupling_a_b` of a pair, `demag` of all."""
        own = [f"{term}_{name}" for name, s in zip(self.sublattices, self.systems, strict=True) for term in s.names]
        return (*own, *self._coupling_names(), *self.energy.names)

    @property
    def dtype(self) -> Any:
        """The precision of the sublattices' own numbers."""
        return jnp.result_type(*(s.dtype for s in self.systems))

    @property
    def has_nonlocal(self) -> bool:
        """Whether any term couples all cells."""
        return any(term.is_nonlocal for term in self.energy.terms)

    @property
    def has_torques(self) -> bool:
        """Whether any sublattice has torques that no energy stands behind."""
        return any(s.has_torques for s in self.systems)

    @property
    def material(self) -> tuple[Any, ...]:
        """Ms, α and γ of each sublattice."""
        return tuple(s.material for s in self.systems)

    @property
    def numbers(self) -> dict[str, Any]:
        """All that the sublattices consist of by names that a message can use."""
        own = {
            f"{what} of {name}": value
            for name, s in zip(self.sublattices, self.systems, strict=True)
            for what, value in s.numbers.items()
        }
        pairs = dict(zip(self._coupling_names(), self.couplings, strict=True))
        common = dict(zip(self.energy.names, self.energy.terms, strict=True))
        return {"sublattices": self.sublattices, **own, **{f"the term {k}": v for k, v in {**pairs, **common}.items()}}

    def index(self, name: str) -> int:
        """Which entry of the spins' first axis a sublattice is.

        **Raises** `KeyError` for a name that is none.
        """
        if name not in self.sublattices:
            raise KeyError(
                f"Argument `name` must be one of the sublattices {list(self.sublattices)}, but got {name!r}."
            )
        return self.sublattices.index(name)

    def state(self, **spins: Any) -> Array:
        """Spins `(S, 3, nz, ny, nx)` from those of each sublattice by name.

        **Raises** `ValueError` if one is missing or unknown.
        """
        if set(spins) != set(self.sublattices):
            raise ValueError(
                f"Arguments must be spins of the sublattices {list(self.sublattices)}, but got {list(spins)}."
            )
        return jnp.stack([jnp.asarray(spins[name]) for name in self.sublattices])

    def prepare(self, dtype: Any = None) -> PreparedSublattices:
        """The sublattices ready to be evolved: all that does not depend on the spins or time computed once."""
        return PreparedSublattices(self, jnp.result_type(float) if dtype is None else jnp.dtype(dtype))

    def magnetisation(self, t: Any = 0.0, dtype: Any = None) -> Array:
        """Ms in A/m at time `t` (s), `(S, 1, 1, 1, 1)` or `(S, 1, nz, ny, nx)`; 0 in empty cells."""
        each = [s.magnetisation(t, dtype) for s in self.systems]
        lifted = [Ms.reshape(1, 1, 1, 1) if Ms.ndim == 0 else Ms for Ms in each]
        return jnp.stack(jnp.broadcast_arrays(*lifted))

    def net_magnetisation(self, m: Array, t: Any = 0.0) -> Array:
        """Σ Ms m in A/m, `(3, nz, ny, nx)`."""
        return jnp.sum(self.magnetisation(t, m.dtype) * m, axis=0)

    def net_sample(self, t: Any, dtype: Any) -> Sample:
        """What common terms see: Ms = 1 A/m, so that Σ Ms m in A/m stands for the unit vectors."""
        dtype = jnp.result_type(float) if dtype is None else jnp.dtype(dtype)
        return Sample(self.mesh, jnp.ones((), dtype), None, self.regions, jnp.asarray(t, dtype), dtype)

    def coupled(self, pair: tuple[int, int], coupling: Coupling, t: Any, dtype: Any) -> CouplingField:
        """The fields of a coupling at time `t` (s)."""
        first, second = (self.systems[i].sample(t, dtype) for i in pair)
        return coupling.prepare(self._pair_sample(pair, t, dtype), (first.inverse_Ms, second.inverse_Ms))

    def field(self, m: Array, t: Any = 0.0) -> Array:
        """Effective field B_eff in T, `(S, 3, nz, ny, nx)`, of the unit vectors `m` at time `t` (s)."""
        field = self.prepare(m.dtype).starting_at(t).field(jnp.zeros((), m.dtype), m)
        return field if self.occupied is None else jnp.where(self.occupied.value[:, None], field, 0)

    def fields(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Effective field of each term in T, by name, 0 on sublattices that it does not act on."""
        nothing = jnp.zeros_like(m)
        found: dict[str, Array] = {}
        for i, (name, system) in enumerate(zip(self.sublattices, self.systems, strict=True)):
            found |= {f"{term}_{name}": nothing.at[i].set(B) for term, B in system.fields(m[i], t).items()}
        for name, pair, coupling in zip(self._coupling_names(), self.pairs, self.couplings, strict=True):
            on_both = jnp.stack(self.coupled(pair, coupling, t, m.dtype)(m[pair[0]], m[pair[1]]))
            found[name] = nothing.at[jnp.asarray(pair)].set(on_both)
        net, sample = self.net_magnetisation(m, t), self.net_sample(t, m.dtype)
        for name, term in zip(self.energy.names, self.energy.terms, strict=True):
            found[name] = jnp.broadcast_to(term.field(net, sample)[None], m.shape)
        return found

    def energy_density(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy density of each term in J/m³, `(nz, ny, nx)`, by name."""
        found: dict[str, Array] = {}
        for name, system, spins in zip(self.sublattices, self.systems, m, strict=True):
            found |= {f"{term}_{name}": density for term, density in system.energy_density(spins, t).items()}
        for name, pair, coupling in zip(self._coupling_names(), self.pairs, self.couplings, strict=True):
            sample = self._pair_sample(pair, t, m.dtype)
            found[name] = sample.only_occupied(coupling.energy_density(m[pair[0]], m[pair[1]], sample))
        net, sample = self.net_magnetisation(m, t), self.net_sample(t, m.dtype)
        for name, term in zip(self.energy.names, self.energy.terms, strict=True):
            found[name] = sample.only_occupied(term.energy_density(net, sample))
        return found

    def energies(self, m: Array, t: Any = 0.0) -> dict[str, Array]:
        """Energy of each term in J, by name."""
        volume = self.mesh.cell_volume
        return {name: jnp.sum(density) * volume for name, density in self.energy_density(m, t).items()}

    def total_energy(self, m: Array, t: Any = 0.0) -> Array:
        """Total energy in J."""
        return sum(self.energies(m, t).values(), start=jnp.zeros((), m.dtype))

    def average(self, m: Array) -> Array:
        """Net magnetisation of the whole sample over what it would be if all spins were parallel; shape `(3,)`."""
        Ms = jnp.broadcast_to(self.magnetisation(0.0, m.dtype), (m.shape[0], 1, *m.shape[2:]))
        return jnp.sum(m * (Ms / jnp.sum(Ms)), axis=(0, 2, 3, 4))

    @property
    def average_names(self) -> tuple[str, ...]:
        """`m` of all, `m_a` of each sublattice, and `n`, the Néel vector, of two."""
        return ("m", *(f"m_{name}" for name in self.sublattices), *(("n",) if len(self.systems) == 2 else ()))

    def averages(self, m: Array) -> dict[str, Array]:
        """The net average as `m`, that of each sublattice as `m_a`, and of two the Néel vector (m_a − m_b)/2 as `n`."""
        each = [system.average(spins) for system, spins in zip(self.systems, m, strict=True)]
        neel = [(each[0] - each[1]) / 2] if len(each) == 2 else []
        return dict(zip(self.average_names, [self.average(m), *each, *neel], strict=True))

    def _coupling_names(self) -> list[str]:
        return [f"coupling_{self.sublattices[a]}_{self.sublattices[b]}" for a, b in self.pairs]

    def _pair_sample(self, pair: tuple[int, int], t: Any, dtype: Any) -> Sample:
        masks = [s.occupied.value for s in (self.systems[i] for i in pair) if s.occupied is not None]
        both = masks[0] & masks[-1] if masks else None
        sample = self.net_sample(t, dtype)
        return Sample(sample.mesh, sample.Ms, both, sample.regions, sample.t, sample.dtype)
