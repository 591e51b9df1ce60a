"""`kind = "magnetisation_algebra"`: for which radiation fields the whole moments are an SU(2) algebra again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Direction, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Damping = Annotated[float, BeforeValidator(number("", above=0))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]


class MagnetisationAlgebra(AbstractStudy):
    """Moments M̂ = M̂0 + M̂0 A(m) of spins whose radiation field has a part κλ0 m(m·B) that exerts no torque.

    - `S`: lengths of the spins, one each. `m`: direction of the magnetisation.
    - `alphas`: dampings. `points`: values of κ in the picture.
    """

    kind: Literal["magnetisation_algebra"] = "magnetisation_algebra"
    S: Annotated[tuple[HalfInteger, ...], pydantic.Field(min_length=1)] = (0.5, 1.0)
    m: Direction = (1.0, 2.0, 2.0)
    alphas: Annotated[tuple[Damping, ...], pydantic.Field(min_length=1)]
    points: Annotated[Count, pydantic.Field(ge=3)] = 401

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import magnetisation_algebra as algebra

        spins, m = quantum.Spins(self.S), np.array(self.m) / np.linalg.norm(self.m)
        rho = quantum.invariant_state(spins, m)
        bare = jnp.einsum("pq,aqp->a", rho, quantum.moment_operators(spins)).real

        def moments(alpha: Any, kappa: Any) -> tuple[Any, Any]:
            own = quantum.Radiation(alpha, kappa=kappa)
            return own.moments(spins, m), own.along * constants.GAMMA

        @jax.jit
        @jax.vmap
        def at_root(alpha: Any, kappa: Any) -> tuple[Any, Any, Any]:
            M, along = moments(alpha, kappa)
            whole = jnp.einsum("pq,aqp->a", rho, M).real
            # The ratio that fits [M_x, M_y] = −iħγ M_z best, and the same by turns.
            C = quantum.commutators(M)
            turns = 1j / constants.HBAR * jnp.stack([C[1, 2], C[2, 0], C[0, 1]])
            fitted = jnp.sum((M.conj() * turns).real) / jnp.sum(jnp.abs(M) ** 2)
            return quantum.algebra_defect(M, along), fitted, jnp.sum(bare * whole) / jnp.sum(whole**2)

        say("the two values of κ of each damping")
        alphas = jnp.asarray(self.alphas)
        roots = jnp.stack([algebra.nondissipative_parameter(alphas, b) for b in (1, -1)])
        ratios = np.stack([algebra.total_gyromagnetic_ratio(alphas, b) for b in (1, -1)])
        share, share_seed = (np.stack([f(alphas, k) for k in roots]) for f in (algebra.bare_moment, _printed))
        defect, fitted, found = (np.stack(x) for x in zip(*(at_root(alphas, k) for k in roots), strict=True))
        say("other values of κ")
        kappa = jnp.linspace(-8.0, 8.0, self.points)
        grid = jax.jit(
            jax.vmap(lambda a: jax.vmap(lambda k: quantum.algebra_defect(*moments(a, k)))(kappa))
        )(alphas)  # fmt: skip
        dims = ("branch", "alpha")
        data = xr.Dataset(
            {
                "kappa_root": (dims, np.asarray(roots), about("κ± = (−1 ± √(1+α²))/α")),
                "defect_root": (dims, defect, about("distance of the moments at κ± from an algebra")),
                "gamma_tot": (dims, fitted, about("gyromagnetic ratio of the commutators", "rad/(s T)")),
                "gamma_tot_exact": (dims, ratios, about("±γ/√(1+α²)", "rad/(s T)")),
                "bare": (dims, found, about("⟨M̂0⟩ over the whole moment")),
                "bare_exact": (dims, share, about("1/(1 − λ0(α0 − κ))")),
                "bare_printed": (dims, share_seed, about("1/(1 − λ0(α0 + κ)), as printed")),
                "defect": (("alpha", "kappa"), np.asarray(grid), about("distance of the moments from an algebra")),
            },
            {
                "branch": ("branch", [1, -1], about("sign of κ±")),
                "alpha": ("alpha", np.asarray(alphas), about("Gilbert damping")),
                "kappa": ("kappa", np.asarray(kappa), about("κ")),
            },
        )
        listed = ", ".join(
            f"{float(k):.4f} and {float(q):.4f} (α = {a:g})" for a, k, q in zip(self.alphas, *roots, strict=True)
        )
        notes = (
            f"the moments close to an algebra at κ = {listed}, within {np.abs(defect).max():.1e}",
            f"their gyromagnetic ratio differs from ±γ/√(1+α²) by {np.abs(fitted / ratios - 1).max():.1e} of it",
            f"⟨M̂0⟩/M differs from 1/(1 − λ0(α0 − κ)) by {np.abs(found / share - 1).max():.1e} of it; with κ as printed "
            f"by up to {np.abs(share_seed / share - 1).max():.2g}",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.4, 3.0)
        axes = figure.subplots()
        for i, alpha in enumerate(data["alpha"].values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            axes.semilogy(data["kappa"], data["defect"][i], color=color, label=f"α = {alpha:g}")
            for branch in range(2):
                axes.axvline(float(data["kappa_root"][branch, i]), color=color, linestyle=":", linewidth=0.8)
        low, high = float(data["kappa"][0]), float(data["kappa"][-1])
        axes.set(xlabel="κ", ylabel="distance from an algebra", xlim=(low, high), ylim=(1e-3, 1e3))
        axes.legend(
            title="dotted: κ±",
            title_fontsize=7,
            fontsize=7,
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(1.0, 1.02),
        )
        fig.tidy(axes)
        return figure


def _printed(alpha: Any, kappa: Any) -> Any:
    from magjax.analytic.magnetisation_algebra import bare_moment_seed

    return bare_moment_seed(alpha, kappa)
