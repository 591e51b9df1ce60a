"""Study `sharrock_sweep`: coercivity against sweep rate, by simulation and by every law for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.model import Count, Kelvin, Natural, Positive, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from magjax.kinetics import FokkerPlanck
    from magjax.solve.sweep import Sweep

Rate = Annotated[float, BeforeValidator(number("T/s", above=0))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3", above=0))]
Volume = Annotated[float, BeforeValidator(number("m3", above=0, maximum=1e-15, hint="did you mean nm3?"))]
Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]

#: Fields between which the hazard is summed.
_GRID = 400


class SharrockSweep(AbstractStudy):
    """`kind = "sharrock_sweep"`: uniaxial grains, turning coherently, in a field swept from 0 against them.

    - `K`, `V`, `Ms`, `alpha`: anisotropy, volume, magnetisation, damping. `T`: temperature.
    - `rates`: dB/dt of the sweeps. `replicas`: grains in each. `seed`: says which noise.
    - `samples`: points of each branch M(B).
    """

    kind: Literal["sharrock_sweep"]
    K: Anisotropy
    V: Volume
    Ms: Magnetisation
    alpha: Positive
    T: Kelvin = 300.0
    rates: Annotated[tuple[Rate, ...], pydantic.Field(min_length=2)]
    replicas: Annotated[int, pydantic.Field(ge=20, strict=True)] = 300
    seed: Natural = 0
    samples: Count = 120

    @property
    def saturating(self) -> float:
        """2K/Ms, T: the field in which the barrier vanishes."""
        return 2 * self.K / self.Ms

    @property
    def xi(self) -> float:
        """KV/kT."""
        return self.K * self.V / (constants.KB * self.T)

    def particle(self, B: Any) -> "FokkerPlanck":
        """One grain in a field against it, T."""
        from magjax.kinetics import FokkerPlanck, UniaxialEnergy

        return FokkerPlanck(UniaxialEnergy(self.K * self.V), self.Ms * self.V, self.T, self.alpha, B=-B)

    def run(self, say: Callable[[str], None]) -> Findings:
        """Sweep the grains at each rate; the laws beside it."""
        import xarray as xr

        from magjax.analytic import sharrock
        from magjax.kinetics import PowerBarrier, sweep_coercivity
        from magjax.observe import coercivity
        from magjax.results import check

        rates = np.asarray(self.rates)
        exact, tau0 = self._hazard(rates)
        sweeps = []
        simulate = self._program()
        for rate, expected in zip(rates, exact, strict=True):
            say(f"sharrock_sweep: {self.replicas} grains at {rate:.3g} T/s")
            # Beyond the field that switches them, what is left needs time to fall.
            end = min(self.saturating, 1.3 * expected) + rate * 10 / (constants.GAMMA * self.alpha * self.saturating)
            sweeps.append(simulate(rate, end))
            check(sweeps[-1].outcome, "sweep_field")
        found = np.array([coercivity(sweep.switching_fields) for sweep in sweeps])
        H0, scale = self.saturating / constants.MU0, rates / constants.MU0
        barrier = PowerBarrier(H0, self.K * self.V, m=2.0)
        arrhenius = [float(sweep_coercivity(barrier, rate, self.T, tau0=tau0).H) for rate in scale]
        law = sharrock.sweep(scale, H0, self.xi, tau0, 2.0)
        seed = sharrock.sweep_seed(scale, H0, self.xi, tau0, 2.0)
        columns = {
            "Bc": (found[:, 0], "coercivity, simulated"),
            "Bc_error": (found[:, 1], "standard error of it"),
            "Bc_eigenvalue": (exact, "hazard of the exact rate"),
            "Bc_hazard": (constants.MU0 * np.asarray(arrhenius), "hazard of exp(−E/kT)/τ0"),
            "Bc_sharrock": (constants.MU0 * np.asarray(law), "Sharrock's law, effective time"),
            "Bc_seed": (constants.MU0 * np.asarray(seed), "Sharrock's law, inverse rate"),
        }
        data = xr.Dataset(
            {name: ("rate", x, {"units": "T", "long_name": text}) for name, (x, text) in columns.items()},
            {"rate": ("rate", rates, {"units": "T/s", "long_name": "sweep rate dB/dt"})},
        )
        along = ("rate", "sample")
        data["B"] = (along, np.stack([-s.B[:, 2] for s in sweeps]), {"units": "T", "long_name": "field against m"})
        data["m"] = (
            along,
            np.stack([s.average[:, 2] for s in sweeps]),
            {"units": "", "long_name": "⟨m⟩ of the grains"},
        )
        return Findings(data, self._notes(data, tau0))

    def _program(self) -> "Callable[[float, float], Sweep]":
        """A compiled sweep of all grains at a rate, T/s, to a field, T."""
        import jax
        import jax.numpy as jnp

        import magjax as mj

        mesh = mj.Mesh((self.replicas, 1, 1), self.V ** (1 / 3))
        easy = mj.UniaxialAnisotropy(K=self.K, axis=(0, 0, 1))
        system = mj.System(mesh, Ms=self.Ms, alpha=self.alpha, energy=easy)
        up = mj.textures.uniform(mesh, "z", dtype=jnp.float32)
        bath = mj.Langevin(T=self.T, seed=self.seed)

        def sweep(rate: Any, end: Any) -> "Sweep":
            fields = jnp.zeros((2, 3)).at[1, 2].set(-end)
            return mj.sweep_field(
                system, up, fields, rate, samples=self.samples, direction=(0, 0, -1), dynamics=bath
            )  # fmt: skip

        return jax.jit(sweep)

    def _hazard(self, rates: np.ndarray) -> tuple[np.ndarray, float]:
        """Fields, T, at which ∫Γ dB/r = ln 2 with Γ the smallest eigenvalue λ₁(B); τ0 = exp(−E/kT)/λ₁ amid them."""
        import jax
        import jax.numpy as jnp

        from magjax.kinetics import relaxation_rate

        B = np.linspace(0, 1.2 * self.saturating, _GRID + 1)
        slow = np.asarray(jax.jit(jax.vmap(lambda B: relaxation_rate(self.particle(B))))(jnp.asarray(B)))
        gathered = np.concatenate([[0], np.cumsum((slow[1:] + slow[:-1]) / 2 * np.diff(B))])
        fields = np.interp(np.log(2) * rates, gathered, B)
        middle = float(np.median(fields))
        rest = max(1 - middle / self.saturating, 0.0)
        return fields, float(np.exp(-self.xi * rest**2) / np.exp(np.interp(middle, B, np.log(slow))))

    def _notes(self, data: "xr.Dataset", tau0: float) -> tuple[str, ...]:
        off = float(abs(data.Bc / data.Bc_eigenvalue - 1).max())
        first = data.isel(rate=0)
        return (
            f"2K/Ms = {self.saturating:.4g} T, KV/kT = {self.xi:.4g}, τ0 = {tau0:.3g} s",
            f"simulated and exact hazard differ by at most {100 * off:.2g} %",
            f"at {float(first.rate):.3g} T/s: Bc = {float(first.Bc):.4f} ± {float(first.Bc_error):.4f} T simulated, "
            f"{float(first.Bc_eigenvalue):.4f} T by the hazard, {float(first.Bc_sharrock):.4f} T by Sharrock's law "
            f"with the effective time, {float(first.Bc_seed):.4f} T with the inverse rate",
        )

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Coercivity against rate, and the branches."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.2, 2.9)
        left, right = figure.subplots(1, 2)
        left.errorbar(
            data.rate, data.Bc, 2 * data.Bc_error, fmt="o", markersize=4, color=fig.INK, label="simulated, 2 errors"
        )
        styles = {"Bc_eigenvalue": "-", "Bc_hazard": "--", "Bc_sharrock": "-.", "Bc_seed": ":"}
        for i, (name, style) in enumerate(styles.items()):
            text = data[name].attrs["long_name"]
            left.plot(data.rate, data[name], style, linewidth=1.0, color=fig.LINE_COLORS[i], label=text)
        left.set(xlabel="sweep rate dB/dt (T/s)", ylabel="$B_c$ (T)", xscale="log", ylim=(0, None))
        for i, rate in enumerate(data.rate.values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            right.plot(data.B[i], data.m[i], color=color, linewidth=1.0, label=f"{rate:.1e} T/s")
        right.set(xlabel="field against the grains (T)", ylabel="⟨m⟩")
        for axes in (left, right):
            axes.legend(fontsize=7, frameon=False)
            fig.tidy(axes)
        return figure
