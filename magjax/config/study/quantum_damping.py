"""`kind = "quantum_damping"`: spins in the radiation of their own precession, from operators to Gilbert's equation."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Direction, Duration, Natural, Number, number, three
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FieldVector = Annotated[
    tuple[float, float, float],
    BeforeValidator(three(number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?"))),
]
Damping = Annotated[float, BeforeValidator(number("", minimum=0))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]


class QuantumDamping(AbstractStudy):
    """Spins with H = −M̂0·(B + B_r): a density matrix, a D-term in the micromagnetic engine, and the closed form.

    B_r = λ0 [(1+a) m×B − α0 B] − λ̄ B is the radiation field of a magnetisation along m, λ0 = α0/(1+α0²).

    - `S`: lengths of the spins, one each. `B`: field. `alpha0`: α0, `extra_torque`: a, `extra_field`: λ̄.
    - `start`: direction of the magnetisation, `polarisation`: β|R| of its state exp(−βS·R)/Z.
    - `states`, `seed`: random states in which the D-term is taken from the operators.
    - `duration`, `points`: of what is saved.
    """

    kind: Literal["quantum_damping"] = "quantum_damping"
    S: Annotated[tuple[HalfInteger, ...], pydantic.Field(min_length=1)] = (0.5, 0.5)
    B: FieldVector
    alpha0: Damping
    extra_torque: Number = 0.0
    extra_field: Number = 0.0
    start: Direction
    polarisation: Annotated[float, BeforeValidator(number("", above=0))] = 1.0
    states: Count = 20
    seed: Natural = 1
    duration: Duration
    points: Annotated[Count, pydantic.Field(ge=2)] = 101

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import radiation
        from magjax.results import check

        spins, t = quantum.Spins(self.S), np.linspace(0, self.duration, self.points)
        own = quantum.Radiation(self.alpha0, self.extra_field, self.extra_torque)
        m0 = np.array(self.start) / np.linalg.norm(self.start)
        # Spins point against the bare moment, and that against the whole one where the radiation outweighs it.
        sense = float(np.sign(own.along))
        say("the density matrix")
        run = quantum.radiating(spins, own, quantum.invariant_state(spins, sense * self.polarisation * m0), self.B, t)
        check(run.outcome, "radiating")
        m = np.asarray(quantum.radiating_directions(run, own))
        say("the micromagnetic engine with a D-term")
        engine = self._engine(m0, t)
        exact = np.asarray(
            radiation.magnetisation(t, m0, np.array(self.B), self.alpha0, self.extra_field, self.extra_torque)
        )
        say("D-terms from the operators")
        missed, cancel = self._d_terms(spins)
        entropy = [float(quantum.von_neumann_entropy(run.states[i])) / constants.KB for i in (0, -1)]
        dims = ("t", "component")
        data = xr.Dataset(
            {
                "m": (dims, m, about("direction of the magnetisation of the density matrix")),
                "m_engine": (dims, engine, about("the same, by the engine with a D-term")),
                "m_exact": (dims, exact, about("the same, closed form")),
            },
            {
                "t": ("t", t, about("time", "s")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        notes = (
            f"λ0 = {float(own.strength):.6g}, at most ½; Gilbert damping of the whole "
            f"{float(radiation.effective_damping(self.alpha0, self.extra_field, self.extra_torque)):.6g}",
            f"in {self.states} random states D from the operators differs from α0 m×dM/dt by {missed:.1e} of it; the "
            f"moment's own part cancels the other by {cancel:.1e} where M stands still",
            f"the density matrix differs from the closed form by {np.abs(m - exact).max():.1e}, the engine with a "
            f"D-term by {np.abs(engine - exact).max():.1e}",
            f"its entropy {entropy[0]:.6f} k, {abs(entropy[1] - entropy[0]):.1e} k off at last; there is no heat bath",
        )
        return Findings(data, notes)

    def _engine(self, m0: Any, t: Any) -> Any:
        """The trajectory of one cell whose only torque beyond precession is D = −γ m×B_r."""
        import jax.numpy as jnp
        import numpy as np

        import magjax as mj
        from magjax import constants
        from magjax.numerics.sphere import cross
        from magjax.results import check

        def D(t: Any, m: Any, B: Any, p: Any) -> Any:
            radiated = p["strength"] * ((1 + p["torque"]) * cross(m, B) - p["alpha0"] * B) - p["field"] * B
            return -constants.GAMMA * cross(m, radiated)

        strength = self.alpha0 / (1 + self.alpha0**2)
        parameters = {
            "strength": strength, "alpha0": self.alpha0, "torque": self.extra_torque, "field": self.extra_field
        }  # fmt: skip
        cell = mj.Mesh((1, 1, 1), 5e-9)
        run = mj.evolve(
            mj.System(cell, Ms=8e5, energy=mj.Zeeman(B=self.B)),
            mj.textures.uniform(cell, m0),
            self.duration,
            save_at=t[1:],
            dynamics=mj.dynamics.DTerm(D, parameters),
            tolerance=1e-10,
            adjoint="forward",
        )
        check(run.outcome, "evolve")
        return np.asarray(jnp.concatenate([jnp.asarray(m0)[None], run.average]))

    def _d_terms(self, spins: Any) -> tuple[float, float]:
        """How far D is from α0 m×dM/dt in random states and for random motions, and from 0 for a moment at rest."""
        import jax
        import jax.numpy as jnp
        import numpy as np

        from magjax import quantum

        own, bare = quantum.Radiation(self.alpha0), quantum.moment_operators(spins)

        @jax.jit
        def compare(R: Any, velocity: Any) -> tuple[Any, Any]:
            rho = quantum.invariant_state(spins, R)
            moment = jnp.einsum("pq,aqp->a", rho, bare).real
            m = moment / jnp.linalg.norm(moment)
            turning = velocity - m * (m @ velocity)
            moving, resting = (
                quantum.d_term(spins, rho, own.interaction(spins, lambda t, v=v: m + t * v), self.B)
                for v in (turning, 0 * turning)
            )
            expected = self.alpha0 * jnp.cross(m, jnp.linalg.norm(moving.moment) * turning)
            apart = jnp.linalg.norm(moving.D - expected) / jnp.maximum(jnp.linalg.norm(expected), 1e-300)
            left = jnp.linalg.norm(resting.D) / jnp.maximum(jnp.linalg.norm(resting.density), 1e-300)
            return apart, left

        rng = np.random.default_rng(self.seed)
        found = [compare(rng.normal(size=3), 1e11 * rng.normal(size=3)) for _ in range(self.states)]
        return float(max(a for a, _ in found)), float(max(b for _, b in found))

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.8, 3.0)
        axes = figure.subplots()
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t = data["t"] * factor
        for k, name in enumerate("xyz"):
            axes.plot(t, data["m_exact"][:, k], color=fig.LINE_COLORS[k], label=f"$m_{name}$")
            axes.plot(t[::4], data["m"][::4, k], "o", markersize=3, color=fig.LINE_COLORS[k])
            axes.plot(t[2::4], data["m_engine"][2::4, k], "+", markersize=5, color=fig.LINE_COLORS[k])
        axes.set(xlabel=fig.label("t", unit), ylabel="magnetisation")
        axes.margins(x=0)
        axes.legend(
            title="closed form;\ndots: density matrix\n+: engine, D-term", fontsize=7, title_fontsize=7, frameon=False,
            loc="upper left", bbox_to_anchor=(1.0, 1.02),
        )  # fmt: skip
        fig.tidy(axes)
        return figure
