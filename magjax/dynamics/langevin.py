"""The stochastic Landau–Lifshitz–Gilbert equation: spins in a heat bath."""

import math
from typing import Any, Literal

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.llg import LLG
from magjax.material.parameter import Parameter, is_driven, parameter
from magjax.material.sample import Sample
from magjax.numerics.noise import normals
from magjax.numerics.sphere import components, joined
from magjax.system import AbstractPrepared


class Langevin(AbstractDynamics):
    """The Landau–Lifshitz–Gilbert equation at a temperature: B_eff is joined by a thermal field, white in time.

    ⟨B_i(t) B_j(t′)⟩ = 2αkT/(γμ) δ_ij δ(t−t′), μ = Ms·V of the cell, in Stratonovich's sense; independent in each cell.
    Its equilibrium is Boltzmann's. Steps are fixed (`dt=`), for noise leaves an error control nothing to hold on to.

    - `T`: temperature, K; any parameter, in space and in time.
    - `seed`, `replica`: whole numbers that say which noise. It is a function of seed, replica, cell and number of the
      step alone: the same run however it is chunked, resumed, or split into batches. `jax.vmap` goes over either.
    - `form`: of the equation, as in `mj.LLG`.

    **Raises** `ValueError` for temperatures below 0 K, and seeds that are no whole numbers of 32 bits.

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963); J. L. García-Palacios and F. J. Lázaro, Phys. Rev. B 58, 14937
    (1998).

    >>> import jax, jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 4e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 0.5)))
    >>> m0 = mj.textures.uniform(mesh, (1, 0, 0))
    >>> def end(seed):
    ...     return mj.evolve(particle, m0, 10e-12, dynamics=mj.Langevin(T=300.0, seed=seed), dt=50e-15).m
    >>> jax.vmap(end)(jnp.arange(4)).shape
    (4, 3, 1, 1, 1)
    """

    T: Parameter
    seed: Array
    replica: Array
    form: Literal["gilbert", "landau-lifshitz"] = eqx.field(static=True)

    def __init__(
        self,
        T: Parameter,
        seed: Any = 0,
        *,
        replica: Any = 0,
        form: Literal["gilbert", "landau-lifshitz"] = "gilbert",
    ):
        self.T = parameter(T, "T", minimum=0.0, hint="temperatures are in kelvin")
        self.seed = _whole("seed", seed)
        self.replica = _whole("replica", replica)
        self.form = form

    def __check_init__(self) -> None:
        LLG(self.form)

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s for the unit vectors `m` in the field `B` (T), which may hold the thermal one."""
        return LLG(self.form).torque(m, B, gamma, alpha, t)

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque of `field` (T) alone: it is linear in the field."""
        return self.torque(m, field, gamma, alpha, t)

    def relative_rate(self, alpha: Array | float) -> Array | float:
        """That of the equation without noise."""
        return LLG(self.form).relative_rate(alpha)

    def angular_velocity(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float) -> Array:
        """ω in rad/s with dm/dt = ω × m: ω = γ/(1+α²) (B + α m×B).

        Its part along m turns nothing at first order, and is what makes rotations by it accurate at second.
        """
        rate = gamma / (1 + alpha**2) if self.form == "gilbert" else gamma
        x, y, z = components(m)
        a, b, c = components(B)
        return rate * joined([a + alpha * (y * c - z * b), b + alpha * (z * a - x * c), c + alpha * (x * b - y * a)])

    def strength(self, prepared: AbstractPrepared, t: Any) -> Array:
        """√(2αkT/(γμ)) in T·√s, broadcastable against m: the thermal field's standard deviation times √dt.

        - `prepared`: the system. `t`: time after its epoch, s.
        """
        gamma, alpha = prepared.coefficients(t)
        bath = 2 * alpha * prepared.value(self.T, t)
        if self.form == "landau-lifshitz":
            bath = bath / (1 + alpha**2)
        # In this order no factor leaves the range of single precision.
        variance = bath * (constants.KB / prepared.system.mesh.cell_volume) * prepared.inverse_magnetisation(t) / gamma
        # The root has no derivative at 0: without temperature, damping or magnetisation there is no noise to vary. A
        # temperature that a drive takes below 0 K has no root: it must not pass for one without noise.
        none = variance == 0
        return jnp.where(none, 0, jnp.sqrt(jnp.where(none, 1, variance)))

    @property
    def is_driven(self) -> bool:
        """Whether the temperature depends on time."""
        return is_driven(self.T)


class LangevinTerm(diffrax.AbstractTerm):
    """The stochastic equation as a diffrax term: its drift, and the parts of which spin solvers make a step.

    - `dynamics`: the equation.
    - `strength`: of the noise, T·√s, where it is the same at all times; else `None`.

    >>> import jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> prepared = mj.System(mesh, Ms=8e5, alpha=0.1).prepare()
    >>> term = mj.dynamics.LangevinTerm(mj.Langevin(T=300.0, seed=3), None)
    >>> term.thermal(0.0, jnp.array(1e-14), prepared, jnp.uint32(0)).shape
    (3, 1, 1, 2)
    """

    dynamics: Langevin
    strength: Array | None

    def vf(self, t: Array, y: Array, args: AbstractPrepared) -> Array:
        """dm/dt in 1/s without noise."""
        return self.dynamics.torque(y, args.field(t, y), *args.coefficients(t), args.time(t))

    def slow(self, t: Array, y: Array, args: AbstractPrepared) -> Array:
        """The nonlocal field in T."""
        return args.nonlocal_field(t, y)

    def given(self, t: Array, y: Array, args: AbstractPrepared, slow: Array) -> Array:
        """dm/dt in 1/s without noise, with the nonlocal field given."""
        return self.dynamics.torque(y, args.local_field(t, y) + slow, *args.coefficients(t), args.time(t))

    def noisy(self, t: Array, y: Array, args: AbstractPrepared, thermal: Array) -> Array:
        """dm/dt in 1/s in a given thermal field, T."""
        return self.dynamics.torque(y, args.field(t, y) + thermal, *args.coefficients(t), args.time(t))

    def angular_velocity(self, t: Array, y: Array, args: AbstractPrepared, thermal: Array) -> Array:
        """ω in rad/s in a given thermal field, T."""
        return self.dynamics.angular_velocity(y, args.field(t, y) + thermal, *args.coefficients(t))

    def thermal(self, t0: Array, dt: Array, args: AbstractPrepared, step: Array) -> Array:
        """The thermal field of one step, T, of the shape of m: its average over the step.

        - `t0`, `dt`: start and length, s. `step`: its number.
        """
        *sublattices, _, nz, ny, nx = args.system.state_shape
        strength = self.dynamics.strength(args, t0 + dt / 2) if self.strength is None else self.strength
        # Each sublattice of a cell has a number of its own.
        cells = math.prod((*sublattices, nz, ny, nx))
        index = jnp.arange(cells, dtype=jnp.uint32).reshape(*sublattices, 1, nz, ny, nx)
        # With a replica for each cell, every one is a sample by itself, and its noise that of a first cell.
        index = index if self.dynamics.replica.ndim == 0 else jnp.zeros_like(index)
        parts = normals(self.dynamics.seed, self.dynamics.replica, step, index, args.dtype)
        scale = strength / jnp.sqrt(dt)
        return joined([scale * part for part in parts])

    def contr(self, t0: Array, t1: Array, **kwargs: object) -> Array:
        """The time step."""
        return t1 - t0

    def prod(self, vf: Array, control: Array) -> Array:
        """dm/dt times the time step."""
        return vf * control


def langevin_term(dynamics: Langevin, prepared: AbstractPrepared) -> LangevinTerm:
    """The term of an equation for a system, its noise measured once where nothing about it depends on time."""
    cells = (1, *prepared.system.mesh.shape)
    for name, limit in (("seed", ()), ("replica", cells)):
        shape = getattr(dynamics, name).shape
        fits = len(shape) == len(limit) and all(n in (1, most) for n, most in zip(shape, limit, strict=True))
        if shape and not fits:
            raise ValueError(
                f"Argument `{name}` must be one number for each run, but got an array of shape {shape}; map a function "
                "of it over several by `jax.vmap`."
            )
    fixed = not (dynamics.is_driven or is_driven(prepared.system.material))
    return LangevinTerm(dynamics, dynamics.strength(prepared, jnp.zeros((), prepared.dtype)) if fixed else None)


def refuse_negative(dynamics: Langevin, prepared: AbstractPrepared, times: Any) -> None:
    """Look at the temperature wherever it is known: functions of position and time can only be asked on a mesh.

    - `prepared`: the system. `times`: `(n,)` when to look, s.

    **Raises** `ValueError` for temperatures below 0 K.

    >>> import magjax as mj
    >>> from magjax.dynamics.langevin import refuse_negative
    >>> refuse_negative(mj.Langevin(T=300.0), mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5).prepare(), [0.0])
    """
    if any(isinstance(x, Tracer) for x in jax.tree_util.tree_leaves((dynamics.T, times))):
        return
    system = prepared.system
    with jax.ensure_compile_time_eval():
        for t in np.asarray(times, float) if dynamics.is_driven else [0.0]:
            # The system's own numbers may be traced, and have no say in this.
            bare = Sample(system.mesh, jnp.ones(()), None, system.regions, jnp.asarray(t), jnp.result_type(float))
            T = np.asarray(bare.value(dynamics.T))
            if T.min() < 0:
                when = f" at t = {t:g} s" if dynamics.is_driven else ""
                lowest = f"{T.min():g} K{when}"
                raise ValueError(f"Argument `T` must be ≥ 0 K everywhere at all times, but falls to {lowest}.")


def _whole(name: str, value: Any) -> Array:
    array = value if isinstance(value, jax.Array) else np.asarray(value)
    if not jnp.issubdtype(array.dtype, jnp.integer):
        raise ValueError(
            f"Argument `{name}` must be a whole number, or an array of them such as `jnp.arange(8)`, but got {value!r}."
        )
    # Noise knows 32 bits of them: beyond, two numbers would be one and the same.
    if not isinstance(array, Tracer) and np.size(array) and (np.min(array) < 0 or np.max(array) >= 2**32):
        raise ValueError(f"Argument `{name}` must be from 0 to 2³² − 1, but got {value!r}.")
    return jnp.asarray(array)
