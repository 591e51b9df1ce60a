"""Study `fokker_planck`: a density of moments in time, and its slowest rate against the barrier."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.model import Count, Duration, Model, Number, Positive, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Kelvin = Annotated[float, BeforeValidator(number("K", above=0, hint="did you mean °C?"))]
Moment = Annotated[float, BeforeValidator(number("A*m^2", above=0))]
Energy = Annotated[float, BeforeValidator(number("J"))]
Field = Annotated[float, BeforeValidator(number("T"))]


class RangeTable(Model):
    """`[study.barriers]`: KV/kT from `start` to `stop`, `count` values evenly spaced."""

    start: Number = 0.0
    stop: Positive = 40.0
    count: Count = 41


class FokkerPlanckStudy(AbstractStudy):
    """`kind = "fokker_planck"`: a uniaxial moment in a heat bath and a field at any angle to its axis.

    - `KV`: anisotropy energy. `moment`: μ = Ms V. `T`: temperature. `alpha`: Gilbert damping.
    - `B`: field, `angle` off the axis. Along the axis s = cos θ suffices; else both angles are kept, and precession.
    - `duration`: of the evolution from the upper half of the sphere; `saves` times. `cells`: in θ; twice as many in φ.
    - `barriers`: KV/kT for which the slowest rate is found, at the same field over anisotropy field.
    """

    kind: Literal["fokker_planck"]
    KV: Energy
    moment: Moment
    T: Kelvin
    alpha: Positive
    B: Field = 0.0
    angle: Annotated[float, BeforeValidator(number("rad"))] = 0.0
    duration: Duration
    saves: Count = 6
    cells: Count = 64
    barriers: RangeTable = RangeTable()

    def run(self, say: Callable[[str], None]) -> Findings:
        """Evolve the density, and find the rates."""
        import xarray as xr

        say("fokker_planck: density in time")
        times = np.linspace(0, self.duration, self.saves + 1)[1:]
        s, P, mean, rate, tau = self._tilted(times) if self._is_tilted else self._axial(times)
        say("fokker_planck: slowest rates")
        sigma = np.linspace(self.barriers.start, self.barriers.stop, self.barriers.count)
        eigenvalue, asymptote, flat = self._rates(sigma)
        one = "in units of the rate of free diffusion 1/τ_N, field along the axis"
        data = xr.Dataset(
            {
                "P": (("t", "s"), P, {"units": "", "long_name": "density of s = cos θ"}),
                "mean_s": ("t", mean, {"units": "", "long_name": "⟨cos θ⟩"}),
                "rate": ("sigma", eigenvalue, {"units": "", "long_name": f"smallest eigenvalue λ₁ {one}"}),
                "brown": ("sigma", asymptote, {"units": "", "long_name": f"Brown's asymptote of λ₁ {one}"}),
                "flat": ("sigma", flat, {"units": "", "long_name": "λ₁ with D the same everywhere"}),
            },
            {
                "t": ("t", times, {"units": "s", "long_name": "time"}),
                "s": ("s", s, {"units": "", "long_name": "s = cos θ"}),
                "sigma": ("sigma", sigma, {"units": "", "long_name": "barrier KV/kT"}),
            },
        )  # fmt: skip
        deep = int(np.argmin(abs(sigma - 5)))
        notes = (
            f"KV/kT = {self.KV / (constants.KB * self.T):.4g}, τ_N = {tau:.4g} s, slowest rate λ₁ = {rate:.6g} 1/s",
            f"⟨cos θ⟩ = {mean[-1]:.6f} after {self.duration:g} s",
            f"Brown's asymptote is {100 * (asymptote[deep] / eigenvalue[deep] - 1):.1f} % high at {sigma[deep]:g} kT",
        )
        return Findings(data, notes)

    @property
    def _is_tilted(self) -> bool:
        return bool(self.B) and abs(np.sin(self.angle)) > 1e-12

    def _axial(self, times: np.ndarray) -> tuple[Any, ...]:
        """Middles, densities, ⟨s⟩, λ₁ and τ_N with the field along the axis."""
        import jax.numpy as jnp

        from magjax.kinetics import FokkerPlanck, UniaxialEnergy, evolve_density, slow_mode
        from magjax.results import check

        along = self.B * np.cos(self.angle)
        spin = FokkerPlanck(UniaxialEnergy(self.KV), self.moment, self.T, self.alpha, B=along)
        run = evolve_density(spin, lambda s: jnp.where(s > 0, 1.0, 0.0), times, cells=self.cells)
        mode = slow_mode(spin)
        check(run.outcome, "evolve_density")
        check(mode.outcome, "slow_mode")
        return (*map(np.asarray, (run.s, run.P, run.average())), float(mode.rate), float(spin.free_time()))

    def _tilted(self, times: np.ndarray) -> tuple[Any, ...]:
        """The same from both angles, summed over φ."""
        import jax.numpy as jnp

        from magjax.kinetics import SphereFokkerPlanck, evolve_sphere, sphere_slow_mode
        from magjax.results import check

        B = self.B * np.array([np.sin(self.angle), 0.0, np.cos(self.angle)])
        spin = SphereFokkerPlanck(lambda m: -self.KV * m[2] ** 2, self.moment, self.T, self.alpha, B=B)
        run = evolve_sphere(spin, lambda m: jnp.where(m[2] > 0, 1.0, 0.0), times, cells=(self.cells, 2 * self.cells))
        mode = sphere_slow_mode(spin)
        check(run.outcome, "evolve_sphere")
        check(mode.outcome, "sphere_slow_mode")
        edges = np.cos(np.linspace(0, np.pi, self.cells + 1))
        P = np.asarray(run.probability.sum(2)) / -np.diff(edges)
        middles = (edges[1:] + edges[:-1]) / 2
        mean = np.asarray(run.average()[:, 2])
        return middles[::-1], P[:, ::-1], mean, float(mode.rate), float(spin.free_time())

    def _rates(self, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """λ₁τ_N, Brown's asymptote and the seed paper's flat form; NaN where the asymptote has no barrier."""
        import jax
        import jax.numpy as jnp

        from magjax.analytic import brown
        from magjax.kinetics import FlatFokkerPlanck_seed, FokkerPlanck, UniaxialEnergy, relaxation_rate

        h = self.moment * self.B * np.cos(self.angle) / (2 * self.KV) if self.KV > 0 else 0.0
        thermal = constants.KB * self.T

        def both(sigma: Any) -> tuple[Any, Any]:
            B = 2 * sigma * h * thermal / self.moment
            energy = UniaxialEnergy(sigma * thermal)
            spin = FokkerPlanck(energy, self.moment, self.T, self.alpha, B=B)
            flat = FlatFokkerPlanck_seed(energy, self.T, spin.pace(), B=B, moment=self.moment)
            return relaxation_rate(spin) * spin.free_time(), relaxation_rate(flat) * spin.free_time()

        exact, flat = jax.jit(jax.vmap(both))(jnp.asarray(sigma))
        asymptote = np.where(sigma > 0, brown.high_barrier_rate(np.where(sigma > 0, sigma, 1.0), h), np.nan)
        return np.asarray(exact), asymptote if abs(h) < 1 else np.full_like(sigma, np.nan), np.asarray(flat)

    def draw(self, data: "xr.Dataset") -> "Figure":
        """The density at each save, and the rates on a logarithmic scale with the ratio to Brown's asymptote."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        factor, unit = fig.prefixed(float(data.t.max()), "s")
        for i, t in enumerate(data.t.values):
            left.plot(
                data.s, data.P[i], color=fig.LINE_COLORS[i % len(fig.LINE_COLORS)], label=f"{t * factor:.3g} {unit}"
            )
        left.set(xlabel="s = cos θ", ylabel="P(s)", xlim=(-1, 1))
        left.legend(fontsize=7, frameon=False)
        right.semilogy(data.sigma, data.rate, color=fig.LINE_COLORS[0], label="smallest eigenvalue")
        right.semilogy(data.sigma, data.brown, "--", color=fig.LINE_COLORS[1], label="Brown's asymptote")
        right.semilogy(data.sigma, data.flat, ":", color=fig.LINE_COLORS[2], label="flat form")
        right.set(xlabel="KV/kT", ylabel=r"$\lambda_1 \tau_N$")
        right.legend(fontsize=7, frameon=False)
        for axes in (left, right):
            fig.tidy(axes)
        return figure
