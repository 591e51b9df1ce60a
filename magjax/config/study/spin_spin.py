"""`kind = "spin_spin"`: spins that couple by their magnetisation, which turns in the field of their correlations."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Duration, Tesla, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J"))]
Share = Annotated[float, BeforeValidator(number("", above=0, maximum=1))]
Correlation = Annotated[float, BeforeValidator(number("", minimum=-1, maximum=1))]


class SpinSpin(AbstractStudy):
    """A pair of spins ½ with H = ħγ S·B + Λ (m·S)², m the direction of its magnetisation, in states of every M_z.

    - `B`: field along z. `coupling`: Λ. `polarisation`: |⟨σ⟩| of each spin. `correlation`: ⟨σ_z σ_z⟩ of the pair.
    - `angles`: number of directions of m, from near z to near −z. `duration`, `points`: of the trajectories.
    """

    kind: Literal["spin_spin"] = "spin_spin"
    B: Tesla
    coupling: Energy
    polarisation: Share = 0.3
    correlation: Correlation = 0.3
    angles: Annotated[Count, pydantic.Field(ge=2)] = 15
    duration: Duration = 1e-10
    points: Annotated[Count, pydantic.Field(ge=3)] = 101

    @pydantic.model_validator(mode="after")
    def _is_a_state(self) -> "SpinSpin":
        import numpy as np

        lowest = min(np.linalg.eigvalsh(_pair(m, self.correlation))[0] for m in self._moments())
        if lowest < -1e-12:
            given = f"but got {self.polarisation:g} and {self.correlation:g}"
            raise Problem(f"must be those of a state: no pair of spins has such a correlation, {given}.", "correlation")
        return self

    def _moments(self) -> Any:
        """−⟨σ⟩ of either spin, `(angles, 3)`."""
        import numpy as np

        theta = np.linspace(0, np.pi, self.angles + 2)[1:-1]
        return self.polarisation * np.stack([np.sin(theta), 0 * theta, np.cos(theta)], axis=1)

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax import constants
        from magjax.analytic import spin_spin

        moments = self._moments()
        m = moments / self.polarisation
        say("D-terms from the operators")
        parts = [self._d_term(p, n) for p, n in zip(moments, m, strict=True)]
        size = np.array([np.linalg.norm(part.moment) for part in parts])
        # The rate of the azimuth, from the rate of the moment along y, for a moment in the plane of x and z.
        omega = np.array([float(p.rate[1] / p.moment[0]) for p in parts])
        damping = max(float(abs(p.D[2])) / float(np.linalg.norm(p.D) + 1e-300) for p in parts if np.any(p.D))
        field = float(spin_spin.correlation_field(self.coupling, self.correlation / 2, size[0]))
        say("trajectories")
        t, path = self._trajectories(m, field)
        phase = np.unwrap(np.arctan2(path[..., 1], path[..., 0]), axis=1)
        found = (phase[:, -1] - phase[:, 0]) / t[-1]
        exact, printed = (
            np.asarray(f(self.B, field, m[:, 2]))
            for f in (spin_spin.precession_frequency, spin_spin.precession_frequency_seed)
        )
        closed = np.stack([spin_spin.magnetisation(t, n, self.B, field) for n in m])
        along = {
            "omega_operators": (omega, "angular frequency from the spin operators"),
            "omega_trajectory": (found, "angular frequency of the trajectory"),
            "omega_exact": (exact, "γ(B + B_c m_z)"),
            "omega_printed": (printed, "γ(B − B_c m_z), as printed"),
        }
        data = xr.Dataset(
            {
                **{name: ("m_z", values, about(text, "rad/s")) for name, (values, text) in along.items()},
                "m": (("m_z", "t", "component"), path, about("direction of the magnetisation")),
                "m_exact": (("m_z", "t", "component"), closed, about("the same, closed form")),
            },
            {
                "m_z": ("m_z", m[:, 2], about("M_z/M")),
                "t": ("t", t, about("time", "s")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        scale = constants.GAMMA * (abs(self.B) + abs(field))
        notes = (
            f"field of the correlations B_c = 2ΛI/μ = {field * 1e3:.6g} mT, beside {self.B * 1e3:.6g} mT",
            f"frequencies from the operators differ from γ(B + B_c m_z) by {np.abs(omega - exact).max() / scale:.1e} "
            f"of γ(B + B_c), those of the trajectories by {np.abs(found - exact).max() / scale:.1e}; with the sign as "
            f"printed the difference is {np.abs(printed - exact).max() / scale:.2g}",
            f"trajectories differ from the closed form by {np.abs(path - closed).max():.1e}",
            f"no damping: D along the field is {damping:.1e} of D, and M_z changes by "
            f"{np.abs(path[..., 2] - m[:, None, 2]).max():.1e}",
        )
        return Findings(data, notes)

    def _d_term(self, moment: Any, m: Any) -> Any:
        """The D-term of Λ (m·S)², from the operators."""
        import numpy as np

        from magjax import quantum

        pair = quantum.Spins(0.5, n=2)
        H = quantum.Collective(pair, self.coupling * np.outer(m, m))
        return quantum.d_term(pair, _pair(moment, self.correlation), H, (0.0, 0.0, self.B))

    def _trajectories(self, m: Any, field: float) -> tuple[Any, Any]:
        """Of every direction with D = −γ m×ẑ B_c m_z added to the precession, `(angles, points, 3)`."""
        import equinox as eqx
        import jax
        import jax.numpy as jnp
        import numpy as np

        import magjax as mj
        from magjax import constants
        from magjax.results import check

        def D(t: Any, m: Any, B: Any, parameters: Any) -> Any:
            x, y, z = m
            return -constants.GAMMA * parameters * jnp.stack([y * z, -x * z, 0 * z])

        mesh, t = mj.Mesh((1, 1, 1), 5e-9), np.linspace(0, self.duration, self.points)
        system = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0.0, 0.0, self.B)))
        equation = mj.dynamics.DTerm(D, field)

        @eqx.filter_jit
        @jax.vmap
        def trajectory(m0: Any) -> Any:
            start = m0.reshape(3, 1, 1, 1)
            run = mj.evolve(
                system, start, self.duration, save_at=t[1:], dynamics=equation, tolerance=1e-10, adjoint="forward"
            )
            return jnp.concatenate([m0[None], run.average]), run.outcome

        path, outcome = trajectory(jnp.asarray(m))
        check(outcome, "evolve")
        return t, np.asarray(path)

    def draw(self, data: "xr.Dataset") -> "Figure":
        import numpy as np

        from magjax.plot import figure as fig

        figure = fig.new_figure(5.4, 3.0)
        axes = figure.subplots()
        giga = 1e-9 / (2 * np.pi)
        axes.plot(data["m_z"], data["omega_exact"] * giga, color=fig.LINE_COLORS[0], label="$γ(B + B_c m_z)$")
        axes.plot(data["m_z"], data["omega_printed"] * giga, ":", color=fig.LINE_COLORS[1], label="as printed")
        axes.plot(
            data["m_z"], data["omega_operators"] * giga, "o", markersize=4, mfc="none", color="k", label="operators"
        )
        axes.plot(data["m_z"], data["omega_trajectory"] * giga, "+", color=fig.LINE_COLORS[2], label="trajectories")
        axes.set(xlabel="$M_z/M$", ylabel="precession (GHz)")
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure


def _pair(moment: Any, correlation: float) -> Any:
    """Two spins ½ with ⟨σ⟩ = −`moment` each, whose only correlation is ⟨σ_z σ_z⟩."""
    import numpy as np

    from magjax import quantum

    sigma = [2 * np.asarray(S) for S in quantum.spin_matrices(0.5)]
    one = np.eye(2)
    alone = sum(moment[a] * (np.kron(sigma[a], one) + np.kron(one, sigma[a])) for a in range(3))
    return (np.eye(4) - alone + correlation * np.kron(sigma[2], sigma[2])) / 4
