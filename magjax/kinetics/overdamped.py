"""One overdamped coordinate in a heat bath, trajectory by trajectory."""

from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import floats, positive, temperature
from magjax.kinetics.fokker_planck import function_of
from magjax.results import Outcome


class Overdamped(eqx.Module):
    """The Langevin equation of one coordinate, ds/dt = −(Γ0/kT) ∂E/∂s + √(2Γ0) ξ(t), ⟨ξ(t)ξ(t′)⟩ = δ(t − t′).

    Its density obeys ∂P/∂t = ∂s[(Γ0/kT) P ∂sE] + Γ0 ∂²P/∂s², and comes to rest at exp(−E/kT).

    - `energy`: a function of s that works on arrays and can be differentiated, J. `T`: temperature, K.
    - `prefactor`: Γ0, 1/s (times the square of what s is measured in).
    - `walls`: two values of s that reflect, or `None`.
    - `noise`: "standard", √(2Γ0); "seed", the 2Γ0 that the seed paper prints in Eq. 18, for comparison only: its unit
      is wrong, and the coordinate comes to rest at the temperature 2Γ0 T, Γ0 being the bare number in 1/s.

    **Raises** `ValueError` for a temperature or Γ0 that is not positive, walls that do not rise and another noise.

    >>> from magjax.kinetics import Overdamped
    >>> spring = Overdamped(lambda s: 2e-21 * s**2, T=300.0, prefactor=1e9)
    >>> spring.strength().shape
    ()
    """

    energy: Callable[[Array], Array]
    T: Array
    prefactor: Array
    walls: tuple[float, float] | None = eqx.field(static=True)
    noise: Literal["standard", "seed"] = eqx.field(static=True)

    def __init__(
        self,
        energy: Callable[[Array], Array],
        T: Any,
        prefactor: Any,
        *,
        walls: tuple[float, float] | None = None,
        noise: Literal["standard", "seed"] = "standard",
    ):
        self.energy, self.T = function_of("energy", energy, "s"), temperature(T)
        self.prefactor = positive("prefactor", prefactor, "a rate Γ0 in 1/s", "Did you give the time 1/Γ0?")
        if walls is not None and not walls[0] < walls[1]:
            raise ValueError(f"Argument `walls` must be two rising values of s, but got {walls!r}.")
        if noise not in ("standard", "seed"):
            raise ValueError(f"Argument `noise` must be 'standard' or 'seed', but got {noise!r}.")
        self.walls, self.noise = walls, noise

    def drift(self, s: Array) -> Array:
        """−(Γ0/kT) ∂E/∂s, 1/s."""
        _, slope = jax.jvp(self.energy, (s,), (jnp.ones_like(s),))
        return -self.prefactor * (slope / (constants.KB * self.T))

    def strength(self) -> Array:
        """What multiplies ξ: √(2Γ0)."""
        return 2 * self.prefactor if self.noise == "seed" else jnp.sqrt(2 * self.prefactor)

    def reflect(self, s: Array) -> Array:
        """`s` folded back between the walls."""
        if self.walls is None:
            return s
        low, high = self.walls
        way = jnp.mod(s - low, 2 * (high - low))
        return low + jnp.minimum(way, 2 * (high - low) - way)


class Walk(eqx.Module):
    """What `walk` returns.

    - `t`: `(n,)` save times, s. `s`: `(n, …)` coordinates of the ensemble at each. `outcome`: an `Outcome` code.

    >>> import jax, jax.numpy as jnp
    >>> from magjax.kinetics import Overdamped, walk
    >>> free = Overdamped(lambda s: 0.0 * s, T=300.0, prefactor=1e9)
    >>> run = walk(free, jnp.zeros(10), dt=1e-12, steps=20, key=jax.random.key(1), save_every=10)
    >>> run.s.shape, run.result.name
    ((2, 10), 'SUCCESS')
    """

    t: Array
    s: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the run ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def walk(
    equation: Overdamped,
    s0: Any,
    dt: Any,
    steps: int,
    key: Array,
    *,
    save_every: int | None = None,
    method: Literal["heun", "euler"] = "heun",
    first_step: int = 0,
) -> Walk:
    """Follow an ensemble of overdamped coordinates: pure, so that `jit`, `grad` and `vmap` apply.

    Heun: s₁ = s + f(s) dt + g √dt ξ, then s ← s + ½(f(s) + f(s₁)) dt + g √dt ξ, weakly of second order for drifts;
    Euler–Maruyama keeps s₁ and is weakly of first order. The noise is constant, so Itô and Stratonovich agree. Averages
    over N trajectories have statistical errors of their standard deviation over √N.

    - `equation`: the coordinate. `s0`: where the trajectories start, any shape: the ensemble is one array.
    - `dt`: step, s. `steps`: how many. `save_every`: steps between saves; only the end is saved unless given.
    - `key`: a key of `jax.random`. Step i draws from `fold_in(key, i)`: with `first_step` a run goes on bit for bit.
    - `method`: "heun" or "euler".

    **Returns** a `Walk`.

    **Raises** `ValueError` for steps that are not positive or not a multiple of `save_every`.

    >>> import jax, jax.numpy as jnp
    >>> from magjax.kinetics import Overdamped, walk
    >>> free = Overdamped(lambda s: 0.0 * s, T=300.0, prefactor=1e9)
    >>> run = walk(free, jnp.zeros(4000), dt=1e-11, steps=10, key=jax.random.key(1))
    >>> bool(abs(run.s.var() - 0.2) < 0.02)  # 2 Γ0 t
    True
    """
    s0 = floats("s0", s0)
    every = steps if save_every is None else save_every
    if steps < 1 or every < 1 or steps % every:
        raise ValueError(f"Argument `steps` must be a multiple ≥ 1 of `save_every` = {every}, but got {steps!r}.")
    dt = positive("dt", dt, "a time in s", "Diffusion cannot be run backwards.").astype(s0.dtype)
    if method not in ("heun", "euler"):
        raise ValueError(f"Argument `method` must be 'heun' or 'euler', but got {method!r}.")
    kick = (equation.strength() * jnp.sqrt(dt)).astype(s0.dtype)

    def step(s: Array, i: Array) -> tuple[Array, None]:
        noise = kick * jax.random.normal(jax.random.fold_in(key, i), s.shape, s.dtype)
        drift = equation.drift(s)
        if method == "heun":
            drift = (drift + equation.drift(equation.reflect(s + drift * dt + noise))) / 2
        return equation.reflect(s + (drift * dt + noise).astype(s.dtype)), None

    def chunk(s: Array, numbers: Array) -> tuple[Array, Array]:
        s, _ = lax.scan(step, s, numbers)
        return s, s

    numbers = first_step + jnp.arange(steps).reshape(-1, every)
    _, saved = lax.scan(chunk, s0, numbers)
    finite = jnp.all(jnp.isfinite(saved))
    outcome = jnp.where(finite, int(Outcome.SUCCESS), int(Outcome.NOT_FINITE))
    return Walk((numbers[:, -1] + 1).astype(s0.dtype) * dt, saved, outcome)
