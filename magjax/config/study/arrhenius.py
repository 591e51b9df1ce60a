"""`kind = "arrhenius"`: rates over a barrier at many temperatures, from the Fokker–Planck equation and by theory."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Kelvin, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J", above=0, maximum=1e-12, hint="did you mean eV?"))]
Entropy = Annotated[float, BeforeValidator(number("", hint="it is in units of k"))]
Moment = Annotated[float, BeforeValidator(number("A m2", above=0))]
Damping = Annotated[float, BeforeValidator(number("", above=0))]


class Arrhenius(AbstractStudy):
    """A uniaxial particle whose barrier is a free energy, F(T) = KV − T S_a.

    - `KV`: barrier at T = 0. `entropy`: S_a/k. `moment`, `alpha`: of the particle.
    - `temperatures`: lowest and highest, `points`: how many.
    """

    kind: Literal["arrhenius"] = "arrhenius"
    KV: Energy
    entropy: Entropy = 0.0
    moment: Moment
    alpha: Damping
    temperatures: tuple[Kelvin, Kelvin]
    points: Annotated[Count, pydantic.Field(ge=4)] = 31

    @pydantic.model_validator(mode="after")
    def _is_a_barrier(self) -> "Arrhenius":
        from magjax import constants

        if self.KV / (constants.KB * max(self.temperatures)) - self.entropy < 0.5:
            raise Problem("must leave a barrier of kT/2 at the highest temperature: F = KV − T S_a.", "entropy")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants
        from magjax.analytic import brown
        from magjax.kinetics import (
            FokkerPlanck,
            UniaxialEnergy,
            apparent_barrier,
            diffusion_time,
            entropic_time,
            relaxation_rate,
        )
        from magjax.kinetics import activation_entropy as entropy_of

        k, T = constants.KB, jnp.linspace(min(self.temperatures), max(self.temperatures), self.points)

        def barrier(T: Any) -> Any:
            return self.KV - T * self.entropy * k

        def particle(T: Any, F: Any) -> Any:
            return FokkerPlanck(UniaxialEnergy(F), self.moment, T, self.alpha)

        say("smallest eigenvalues of Brown's equation")
        exact, without = (
            np.asarray(jax.jit(jax.vmap(lambda T, f=f: relaxation_rate(particle(T, f(T)))))(T))
            for f in (barrier, lambda _: self.KV)
        )
        say("prefactors from second derivatives of the energy")
        langer = np.asarray(jax.jit(jax.vmap(lambda T: 2 * self._langer(T, barrier(T))))(T))
        sigma = np.asarray(barrier(T) / (k * T))
        limit = np.asarray(brown.high_barrier_rate(sigma) / diffusion_time(T, self.moment, self.alpha))
        # The slope of ln(λ₁ σ^(-3/2) τ_N) over 1/T, less what the correction of Brown's limit still changes.
        reduced = np.log(exact * np.asarray(jax.vmap(lambda T: particle(T, self.KV).free_time())(T)) / sigma**1.5)
        slope = -np.gradient(reduced, 1 / np.asarray(T), edge_order=2) * k
        Sa, Ea = (np.asarray(jax.vmap(lambda T, f=f: f(barrier, T))(T)) for f in (entropy_of, apparent_barrier))
        # The same attempts, e^(S_a/k) times as often.
        shorter = float(entropic_time(1e-9, self.entropy * k)) / 1e-9
        shifted = without * (sigma / (self.KV / (k * np.asarray(T)))) ** 1.5 / shorter
        columns = {
            "rate": (exact, "smallest eigenvalue", "1/s"),
            "rate_langer": (langer, "Langer's rate, both ways", "1/s"),
            "rate_limit": (limit, "Brown's high-barrier limit", "1/s"),
            "rate_energy": (without, "smallest eigenvalue with F = KV", "1/s"),
            "slope": (slope, "barrier from the slope of the Arrhenius plot", "J"),
            "sigma": (sigma, "F/kT", ""),
        }
        data = xr.Dataset(
            {name: ("T", np.asarray(v), about(text, unit)) for name, (v, text, unit) in columns.items()},
            {"T": ("T", np.asarray(T), about("temperature", "K"))},
        )
        cold = {"T": 0}
        notes = (
            f"F/kT from {sigma.min():.3g} to {sigma.max():.3g}; Langer's rate from Hessians is "
            f"{100 * (langer[0] / exact[0] - 1):.2f} % above the eigenvalue at the highest barrier, "
            f"{100 * (langer[-1] / exact[-1] - 1):.2f} % at the lowest",
            f"it differs from Brown's limit by {np.abs(langer / limit - 1).max():.1e}",
            f"slope of the Arrhenius plot at the lowest temperature {float(data['slope'][cold]) / self.KV:.5f} KV: the "
            f"energy {Ea[0] / self.KV:.5f} KV, not F = {float(barrier(T[0])) / self.KV:.5f} KV",
            f"S_a = −dF/dT = {Sa[0] / k:.6g} k goes into the prefactor: τ0 exp(−S_a/k) is {shorter:.4g} τ0, and "
            f"gives the rates with entropy to {100 * np.abs(shifted / exact - 1)[0]:.2g} % at the lowest temperature",
        )
        return Findings(data, notes)

    def _langer(self, T: Any, F: Any) -> Any:
        """The rate out of one well, its Hessians from the energy; the saddle is a circle of 2π."""
        import jax.numpy as jnp

        from magjax import constants
        from magjax.kinetics import langer_rate, tangent_hessian

        def energy(m: Any) -> Any:
            return -F * jnp.sum(m[:, 2] ** 2)

        pole, equator = (tangent_hessian(energy, jnp.asarray([m])) for m in ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)))
        return langer_rate(
            pole, equator, F, T, self.moment, self.alpha, zero_modes=(0, 1), volumes=(1.0, 2 * constants.PI)
        )

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        inverse = 1000 / data["T"]
        left.semilogy(inverse, data["rate"], color=fig.LINE_COLORS[0], label="eigenvalue")
        left.semilogy(inverse, data["rate_langer"], "--", color=fig.LINE_COLORS[1], label="Langer")
        if self.entropy:
            left.semilogy(inverse, data["rate_energy"], ":", color=fig.LINE_COLORS[0], label="eigenvalue, no entropy")
        left.set(xlabel="1000 / T (1/K)", ylabel="rate (1/s)")
        left.legend(fontsize=7, frameon=False)
        right.plot(data["sigma"], data["rate_langer"] / data["rate"], color=fig.LINE_COLORS[1])
        right.axhline(1, color="0.7", linewidth=0.8)
        right.set(xlabel="F/kT", ylabel="Langer / eigenvalue")
        for axes in (left, right):
            axes.margins(x=0)
            fig.tidy(axes)
        return figure
