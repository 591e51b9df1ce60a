"""`kind = "damping_forms"`: Gilbert's equation and Landau and Lifshitz', mapped exactly and as it was printed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Positive, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3, hint="did you mean mT?"))]
Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
_FORMS = ("gilbert", "landau_lifshitz", "printed")


class DampingForms(AbstractStudy):
    """One spin in a field along z by three equations, for several dampings α = λ_G Ms.

    Gilbert's dm/dt = −γ m×B + α m×dm/dt, solved for dm/dt at every step; Landau and Lifshitz' explicit form with the
    constants of the exact map, γ_L = γ_G/(1+α²) and λ_L = λ_G γ_L; and with the λ_L that the first seed paper prints.

    - `B`: field. `Ms`: magnetisation. `alphas`: dampings. `angle`: of the spin to the field at first.
    - `points`: saves within two of Gilbert's decay times.
    """

    kind: Literal["damping_forms"] = "damping_forms"
    B: Field
    Ms: Magnetisation = 8e5
    alphas: Annotated[tuple[Positive, ...], pydantic.Field(min_length=1)]
    angle: Annotated[float, BeforeValidator(number("rad", above=0, maximum=3.1))] = 1e-3
    points: Annotated[Count, pydantic.Field(ge=3)] = 101

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax import constants
        from magjax.analytic import damping_forms, macrospin

        alphas = np.asarray(self.alphas)
        gamma, damping = constants.GAMMA, alphas / self.Ms
        tau = np.asarray(damping_forms.decay_time_gilbert(self.B, gamma, damping, self.Ms))
        tau_printed = np.asarray(damping_forms.decay_time_seed(self.B, gamma, damping, self.Ms))
        mapped = macrospin.landau_lifshitz_from_gilbert(gamma, damping, self.Ms)
        printed = macrospin.landau_lifshitz_from_gilbert_seed(gamma, damping, self.Ms)
        share = np.linspace(0, 2, self.points)
        say(f"three equations, {len(alphas)} dampings")
        m = [
            self._trajectories("implicit", (np.full_like(alphas, gamma), alphas), 2 * tau),
            *(self._trajectories("explicit", (g, d * self.Ms / g), 2 * tau) for g, d in (mapped, printed)),
        ]
        exact = np.stack(
            [
                macrospin.relaxation(share * T, m[0][0, 0], np.array([0, 0, self.B]), a)
                for T, a in zip(tau, alphas, strict=True)
            ]
        )
        times = [_decay_times(x, share[None] * tau[:, None]) for x in m]
        forms = ("form", "alpha")
        data = xr.Dataset(
            {
                "m": ((*forms, "share", "component"), np.stack(m), about("direction of the spin")),
                "m_exact": (("alpha", "share", "component"), exact, about("closed form of Gilbert's equation")),
                "decay_time": (forms, np.stack(times), about("decay time found", "s")),
                "decay_time_exact": ("alpha", tau, about("(1+α²)/(αγB)", "s")),
                "decay_time_printed": ("alpha", tau_printed, about("(1+α²)²/(γB)", "s")),
            },
            {
                "form": ("form", list(_FORMS), about("equation")),
                "alpha": ("alpha", alphas, about("Gilbert damping")),
                "share": ("share", share, about("time over Gilbert's decay time")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        return Findings(data, _notes(data))

    def _trajectories(self, form: str, numbers: tuple[Any, Any], ends: Any) -> Any:
        """Of a spin with each pair of γ and α, `(alphas, points, 3)`."""
        import equinox as eqx
        import jax
        import jax.numpy as jnp
        import numpy as np

        import magjax as mj
        from magjax.numerics.sphere import cross
        from magjax.results import check

        mesh = mj.Mesh((1, 1, 1), 5e-9)
        m0 = mj.textures.uniform(mesh, (np.sin(self.angle), 0, np.cos(self.angle)))
        steps = np.linspace(0, 1, self.points)[1:]

        @eqx.filter_jit
        @jax.vmap
        def trajectory(gamma: Any, alpha: Any, end: Any) -> Any:
            own = 0.0 if form == "implicit" else alpha
            system = mj.System(mesh, Ms=self.Ms, alpha=own, gamma=gamma, energy=mj.Zeeman(B=(0, 0, self.B)))
            gilbert = mj.dynamics.DTerm(lambda t, m, v, B, a: a * cross(m, v), alpha, implicit=True)
            equation = gilbert if form == "implicit" else mj.LLG("landau-lifshitz")
            run = mj.evolve(system, m0, end, save_at=steps * end, dynamics=equation, tolerance=1e-10, adjoint="forward")
            return jnp.concatenate([m0[None, :, 0, 0, 0], run.average]), run.outcome

        m, outcome = trajectory(jnp.asarray(numbers[0]), jnp.asarray(numbers[1]), jnp.asarray(ends))
        check(outcome, "evolve")
        return np.asarray(m)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.2, 2.9)
        left, right = figure.subplots(1, 2)
        names = {"gilbert": "Gilbert", "landau_lifshitz": "Landau–Lifshitz, exact map", "printed": "$λ_L$ as printed"}
        which = len(data["alpha"]) // 2
        for k, form in enumerate(_FORMS):
            x = data["m"].sel(form=form)[which, :, 0]
            left.plot(data["share"], x / float(x[0]), ("-", "--", ":")[k], color=fig.LINE_COLORS[k], label=names[form])
            marks = ("o", "+", "s")[k]
            tau = data["decay_time"].sel(form=form) * 1e12
            right.loglog(
                data["alpha"], tau, marks, markersize=(5, 8, 4)[k], markerfacecolor="none", color=fig.LINE_COLORS[k]
            )
        right.loglog(data["alpha"], data["decay_time_exact"] * 1e12, "k", linewidth=0.7, label="(1+α²)/(αγB)")
        right.loglog(data["alpha"], data["decay_time_printed"] * 1e12, "k:", linewidth=0.9, label="(1+α²)²/(γB)")
        left.set(xlabel="time / decay time", ylabel=f"$m_x / m_x(0)$, α = {float(data['alpha'][which]):g}")
        left.margins(x=0)
        right.set(xlabel="α", ylabel="decay time (ps)")
        for axes in (left, right):
            axes.legend(fontsize=7, frameon=False)
            fig.tidy(axes)
        return figure


def _decay_times(m: Any, t: Any) -> Any:
    """Of trajectories `(alphas, points, 3)` at times `(alphas, points)`, s: ln tan(θ/2) falls at the rate 1/τ.

    It does so from any angle. The last point counts at which it has fallen by less than 8: what is left then is above
    the error of the steps.
    """
    import numpy as np

    depth = np.log(np.hypot(m[..., 0], m[..., 1]) / (1 + m[..., 2]))
    fallen = depth[:, :1] - depth
    # At least the second point, however coarse.
    last = np.maximum(np.sum(np.cumprod(fallen < 8, axis=1), axis=1) - 1, 1)
    each = np.arange(len(m))
    return t[each, last] / fallen[each, last]


def _notes(data: "xr.Dataset") -> tuple[str, ...]:
    forms = data["decay_time"].sel(form="gilbert"), data["decay_time"].sel(form="landau_lifshitz")
    both = data["m"].sel(form=["gilbert", "landau_lifshitz"])
    apart = float(abs(both[0] - both[1]).max())
    missed = float(abs(both - data["m_exact"]).max())
    tau = max(float(abs(found / data["decay_time_exact"] - 1).max()) for found in forms)
    ratio = data["decay_time"].sel(form="printed") / data["decay_time_exact"]
    alpha = data["alpha"]
    wrong = float(abs(ratio / (alpha * (1 + alpha**2)) - 1).max())
    listed = ", ".join(f"{float(r):.4g} (α = {float(a):g})" for r, a in zip(ratio, alpha, strict=True))
    return (
        f"both forms differ by at most {apart:.1e} under the exact map, and from the closed form by {missed:.1e}",
        f"decay times differ from (1+α²)/(αγB) by at most {tau:.1e} of them",
        f"with the λ_L that is printed, decay times are {listed} times the right ones: α(1+α²), to {wrong:.1e}",
    )
