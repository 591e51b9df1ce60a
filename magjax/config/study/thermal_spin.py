"""`kind = "thermal_spin"`: quantum spins at a temperature, in equilibrium and after a field has jumped."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Duration, Flag, Kelvin, number, three
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Field = Annotated[
    tuple[float, float, float],
    BeforeValidator(three(number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?"))),
]
Energy = Annotated[float, BeforeValidator(number("J"))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]


class ThermalSpin(AbstractStudy):
    """N spins with H = ħγ ΣS·B − 2J ΣS·S of neighbours, in equilibrium at T in one field, left alone in another.

    - `S`, `spins`: length and number. `J`: exchange, > 0 is ferromagnetic. `ring`: closed, or an open chain.
    - `T`: temperature of the start. `start_B`: the field before, `B`: from t = 0 on.
    - `duration`, `points`: of what is saved. `temperatures`: lowest and highest of the magnetisation curve.
    """

    kind: Literal["thermal_spin"] = "thermal_spin"
    S: HalfInteger = 0.5
    spins: Count = 2
    J: Energy = 0.0
    ring: Flag = False
    T: Kelvin
    start_B: Field
    B: Field
    duration: Duration
    points: Annotated[Count, pydantic.Field(ge=2)] = 101
    temperatures: tuple[Kelvin, Kelvin] = (0.05, 5.0)

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import spin_half
        from magjax.results import check

        spins = quantum.Spins(self.S, n=self.spins)
        H, before = self._hamiltonian(spins, self.B), self._hamiltonian(spins, self.start_B)
        say("equilibrium and the Liouville superoperator")
        L = quantum.liouvillian(H)
        resting = float(jnp.abs(L @ quantum.thermal_state(H, self.T).ravel()).max() / jnp.abs(L).max())
        rho0, t = quantum.thermal_state(before, self.T), np.linspace(0, self.duration, self.points)
        say("Liouville and von Neumann's equation")
        run = quantum.liouville(H, rho0, t)
        check(run.outcome, "liouville")
        step = quantum.liouville_propagator(H, t[1])
        _, by_operator = jax.lax.scan(lambda r, _: (step @ r, step @ r), rho0.ravel(), None, length=len(t) - 1)
        by_operator = jnp.concatenate([rho0.ravel()[None], by_operator]).reshape(run.states.shape)
        apart = float(jnp.abs(run.states - by_operator).max())
        fine = jax.vmap(quantum.von_neumann_entropy)(by_operator)
        coarse = jax.vmap(lambda rho: quantum.coarse_grained_entropy(rho, _first_spin(spins)))(by_operator)
        m = np.asarray(-run.spin_vectors.sum(axis=1)) / (self.S * self.spins)
        # Isotropic exchange commutes with the total spin, which turns as one alone does.
        exact = np.linalg.norm(m[0]) * np.asarray(
            spin_half.precession(t, m[0] / np.linalg.norm(m[0]), np.array(self.B))
        )
        T = np.geomspace(*self.temperatures, 40)
        strength = float(np.linalg.norm(self.B))
        curve, alone = (self._curve(T, J) for J in (self.J, 0.0))
        brillouin = np.asarray(spin_half.brillouin(strength, T, self.S))
        k, dims = constants.KB, ("t", "component")
        data = xr.Dataset(
            {
                "m": (dims, m, about("mean moment over its maximum")),
                "m_exact": (dims, exact, about("the same, by the closed form of precession")),
                "entropy": ("t", np.asarray(fine), about("fine-grained entropy", "J/K")),
                "entropy_coarse": ("t", np.asarray(coarse), about("entropy of looking at S_z of one spin", "J/K")),
                "curve": ("T", curve, about("thermal moment along the field over its maximum")),
                "curve_free": ("T", alone, about("the same without exchange")),
                "brillouin": ("T", brillouin, about("Brillouin's function")),
            },
            {
                "t": ("t", t, about("time", "s")),
                "T": ("T", T, about("temperature", "K")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        drift, rise = float(abs(fine - fine[0]).max()) / k, float(coarse.max() - coarse[0]) / k
        notes = (
            f"in equilibrium the largest element of Lρ is {resting:.1e} of L's: it rests",
            f"Liouville's equation and the exponential of the superoperator differ by {apart:.1e}",
            f"the moment differs from the closed form of precession by {float(np.abs(m - exact).max()):.1e}",
            f"the fine-grained entropy {float(fine[0]) / k:.4f} k changes by {drift:.1e} k; that of looking at one "
            f"spin rises by {rise:.3f} k",
            f"free spins differ from Brillouin's function by {np.abs(alone - brillouin).max():.1e}",
        )
        return Findings(data, notes)

    def _hamiltonian(self, spins: Any, B: Any, J: float | None = None) -> Any:
        from magjax import quantum

        J = self.J if J is None else J
        H: quantum.AbstractHamiltonian = quantum.Zeeman(spins, B=B)
        pairs = quantum.ring(self.spins) if self.ring else quantum.chain(self.spins)
        return H + quantum.Exchange(spins, J=J, pairs=pairs) if pairs and J else H

    def _curve(self, T: Any, J: float) -> Any:
        """⟨m⟩ along the field at each temperature, from ρ = exp(−H/kT)/Z."""
        import jax
        import jax.numpy as jnp
        import numpy as np

        from magjax import quantum

        spins = quantum.Spins(self.S, n=self.spins)
        H = self._hamiltonian(spins, (0.0, 0.0, float(np.linalg.norm(self.B))), J)

        def moment(T: Any) -> Any:
            return -jnp.sum(quantum.spin_vectors(spins, quantum.thermal_state(H, T))[:, 2])

        return np.asarray(jax.vmap(moment)(jnp.asarray(T))) / (self.S * self.spins)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax import constants
        from magjax.plot import figure as fig

        figure = fig.new_figure(8.0, 2.7)
        left, middle, right = figure.subplots(1, 3)
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t = data["t"] * factor
        for k, name in enumerate("xyz"):
            left.plot(t, data["m_exact"][:, k], color=fig.LINE_COLORS[k], label=f"$m_{name}$")
            left.plot(t[::4], data["m"][::4, k], "o", markersize=2.5, color=fig.LINE_COLORS[k])
        left.set(xlabel=fig.label("t", unit), ylabel="moment; dots: simulated")
        left.set_ylim(-1.05, 1.4)
        left.legend(fontsize=7, frameon=False, loc="upper right", ncols=3)
        middle.plot(t, data["entropy"] / constants.KB, color=fig.LINE_COLORS[0], label="fine-grained")
        middle.plot(t, data["entropy_coarse"] / constants.KB, color=fig.LINE_COLORS[1], label="$S_z$ of one spin")
        middle.set(xlabel=fig.label("t", unit), ylabel="entropy (k)")
        middle.set_ylim(0, 1.35 * float(data["entropy_coarse"].max()) / constants.KB)
        middle.legend(fontsize=7, frameon=False, loc="upper right")
        right.plot(data["T"], data["brillouin"], "k:", linewidth=1, label="Brillouin")
        right.plot(data["T"], data["curve_free"], "o", markersize=2.5, color=fig.LINE_COLORS[0], label="free spins")
        if self.J:
            right.plot(data["T"], data["curve"], color=fig.LINE_COLORS[1], label="coupled")
        right.set(xlabel="T (K)", ylabel="thermal moment")
        right.legend(fontsize=7, frameon=False)
        for axes in (left, middle, right):
            axes.margins(x=0)
            fig.tidy(axes)
        return figure


def _first_spin(spins: Any) -> Any:
    """Projectors on the levels of S_z of the first spin."""
    import jax.numpy as jnp
    import numpy as np

    first, rest = spins.levels[0], spins.dim // spins.levels[0]
    grains = np.repeat(np.eye(first), rest, axis=1)
    return jnp.stack([jnp.diag(jnp.asarray(grain)) for grain in grains])
