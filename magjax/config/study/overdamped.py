"""`kind = "overdamped"`: an ensemble of overdamped coordinates in a double well, beside its density."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Joules, Kelvin, Natural, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Rate = Annotated[float, BeforeValidator(number("1/s", above=0))]


class OverdampedStudy(AbstractStudy):
    """ds/dt = −(Γ0/kT) ∂E/∂s + √(2Γ0) ξ(t) with E = −KV s² between walls at s = ±1, all started in the upper half.

    - `KV`: height of the barrier. `T`: temperature. `prefactor`: Γ0.
    - `trajectories`, `seed`: how many, and which noise. `step`: dt Γ0, dimensionless. `steps`: how many.
    """

    kind: Literal["overdamped"] = "overdamped"
    KV: Joules
    T: Kelvin
    prefactor: Rate = 1e9
    trajectories: Count = 20_000
    step: Annotated[float, BeforeValidator(number("", above=0, maximum=0.1))] = 1e-3
    steps: Annotated[Count, pydantic.Field(ge=20)] = 4000
    seed: Natural = 1

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants
        from magjax.kinetics import FlatFokkerPlanck_seed, Overdamped, UniaxialEnergy, evolve_density, relaxation_rate
        from magjax.kinetics import walk as follow
        from magjax.results import check

        energy, walls = UniaxialEnergy(self.KV), (-1.0, 1.0)
        dt, every = self.step / self.prefactor, max(1, self.steps // 40)
        steps = every * (self.steps // every)
        flat = FlatFokkerPlanck_seed(energy, self.T, self.prefactor)
        say(f"{self.trajectories} trajectories of {steps} steps")
        # Starts that fill the upper half evenly, as the density does.
        s0 = (jnp.arange(self.trajectories) + 0.5) / self.trajectories
        key = jax.random.key(self.seed)
        equation = Overdamped(energy, self.T, self.prefactor, walls=walls)
        run = jax.jit(lambda s: follow(equation, s, dt, steps, key, save_every=every))(s0)
        check(run.outcome, "walk")
        s, t = np.asarray(run.s), np.asarray(run.t)
        say("density")
        density = evolve_density(flat, lambda s: jnp.where(s > 0, 1.0, 0.0), t)
        check(density.outcome, "evolve_density")
        mean, expected = s.mean(axis=1), np.asarray(density.average())
        error = s.std(axis=1) / self.trajectories**0.5
        edges = np.linspace(-1, 1, 41)
        middles = (edges[1:] + edges[:-1]) / 2
        histogram = np.histogram(s[-1], edges, density=True)[0]
        fine = np.linspace(-1, 1, 4001)
        weights = np.exp(self.KV * (fine**2 - 1) / (constants.KB * self.T))
        boltzmann = np.exp(self.KV * (middles**2 - 1) / (constants.KB * self.T)) / np.trapezoid(weights, fine)
        second, at_rest = (s[-1] ** 2).mean(), np.trapezoid(fine**2 * weights, fine) / np.trapezoid(weights, fine)
        free, ratio = self._diffusion(key, dt, steps, every)
        data = xr.Dataset(
            {
                "mean": ("t", mean, about("average of s over the trajectories")),
                "mean_error": ("t", error, about("its statistical error")),
                "mean_density": ("t", expected, about("the same from the density")),
                "histogram": ("s", histogram, about("density of the trajectories at the end")),
                "boltzmann": ("s", boltzmann, about("Boltzmann's density")),
            },
            {"t": ("t", t, about("time", "s")), "s": ("s", middles, about("coordinate s"))},
        )
        apart = np.abs(mean - expected)
        notes = (
            f"slowest rate of the density {float(relaxation_rate(flat)):.6g} 1/s",
            f"⟨s⟩ of the trajectories is {apart.max():.1e} from that of the density at most, "
            f"{(apart / error).max():.1f} statistical errors",
            f"⟨s²⟩ at the end {second:.4f} ± {(s[-1] ** 2).std() / self.trajectories**0.5:.4f}, in equilibrium "
            f"{at_rest:.4f}; the walls are met in steps of √(2Γ0dt) = {(2 * self.step) ** 0.5:.3f}",
            f"free diffusion: ⟨Δs²⟩/2Γ0t = {free:.4f}; noise 2Γ0 as printed instead of √(2Γ0), Γ0 a bare number in "
            f"1/s, makes it {ratio:.3g} times as large",
        )
        return Findings(data, notes)

    def _diffusion(self, key: Any, dt: float, steps: int, every: int) -> tuple[float, float]:
        """⟨Δs²⟩/2Γ0t without energy and walls, and how many times larger it is with the noise that is printed."""
        import jax
        import jax.numpy as jnp

        from magjax.kinetics import Overdamped
        from magjax.kinetics import walk as follow

        start = jnp.zeros(self.trajectories)

        def spread(noise: Literal["standard", "seed"]) -> float:
            equation = Overdamped(lambda s: 0 * s, self.T, self.prefactor, noise=noise)
            run = jax.jit(lambda s: follow(equation, s, dt, every, key))(start)
            return float(jnp.mean(run.s[-1] ** 2) / (2 * self.prefactor * run.t[-1]))

        standard = spread("standard")
        return standard, spread("seed") / standard

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t = data["t"] * factor
        left.plot(t, data["mean_density"], color=fig.LINE_COLORS[0], label="density")
        left.errorbar(
            t, data["mean"], data["mean_error"], fmt="o", markersize=2.5, linewidth=0.8, color=fig.LINE_COLORS[1],
            label="trajectories",
        )  # fmt: skip
        left.set(xlabel=fig.label("t", unit), ylabel="⟨s⟩", ylim=(0, None))
        right.plot(data["s"], data["boltzmann"], color=fig.LINE_COLORS[0], label="Boltzmann")
        right.plot(data["s"], data["histogram"], "o", markersize=2.5, color=fig.LINE_COLORS[1], label="trajectories")
        right.set(xlabel="s", ylabel="density", xlim=(-1, 1), ylim=(0, None), xticks=(-1, -0.5, 0, 0.5, 1))
        for axes in (left, right):
            axes.legend(fontsize=7, frameon=False)
            fig.tidy(axes)
        return figure
