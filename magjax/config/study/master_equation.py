"""Study `master_equation`: populations of states that hop over barriers, at rest or driven."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.course import Course, course
from magjax.config.errors import Problem
from magjax.config.model import Count, Model, Seconds, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J", minimum=-1e-12, maximum=1e-12, hint="did you mean eV?"))]
Moment = Annotated[float, BeforeValidator(number("A m2"))]
Rate = Annotated[float, BeforeValidator(number("1/s", above=0))]
Share = Annotated[float, BeforeValidator(number("", minimum=0))]
Temperature = Annotated[Any, BeforeValidator(course(number("K", above=0, hint="temperatures are in kelvin")))]
Field = Annotated[Any, BeforeValidator(course(number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?")))]


class StateTable(Model):
    """One of `states`: its `name`, `energy`, `moment` along the field, and the part `start` that begins in it."""

    name: str
    energy: Energy = 0.0
    moment: Moment = 0.0
    start: Share = 0.0


class LinkTable(Model):
    """One of `links`, over a barrier whose top has the energy `top` and the `moment`, tried `prefactor` times a second.

    - `between`: the names of the two states.
    """

    between: tuple[str, str]
    top: Energy
    moment: Moment = 0.0
    prefactor: Rate = 1e9


class MasterEquationStudy(AbstractStudy):
    """`kind = "master_equation"`: dP/dt = W P of any graph of states, with detailed balance.

    - `states`, `links`: the graph. `temperature`, `field`: a quantity, or a table of `times` and `values`.
    - `until`: the last time. `since`: the first; times are spaced evenly in their logarithm from it, else in time from
      0. `points`: how many.
    """

    kind: Literal["master_equation"]
    states: tuple[StateTable, ...] = pydantic.Field(min_length=2)
    links: tuple[LinkTable, ...] = pydantic.Field(min_length=1)
    temperature: Temperature
    field: Field = 0.0
    until: Seconds
    since: Seconds | None = None
    points: Count = 201

    @pydantic.model_validator(mode="after")
    def _fits(self) -> "MasterEquationStudy":
        names = [state.name for state in self.states]
        if len(set(names)) < len(names):
            raise Problem(f"must have a name of its own for each state, but got {names}.", "states")
        for link in self.links:
            for name in link.between:
                if name not in names:
                    raise Problem(f"must join states among {', '.join(names)}, but got {name!r}.", "links")
        if not abs(sum(state.start for state in self.states) - 1) < 1e-6:
            raise Problem("must have shares `start` that add up to 1.", "states")
        if self.since is not None and not self.since < self.until:
            raise Problem(f"must be before `until`, but got {self.since:g} s.", "since")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        """Evolve the populations; take Boltzmann's, free energy and entropy production beside them."""
        import jax
        import xarray as xr

        from magjax import results
        from magjax.kinetics import MasterEquation, entropy_production, evolve_populations, free_energy, stationary

        names = [state.name for state in self.states]
        equation = MasterEquation(
            [state.energy for state in self.states],
            [(names.index(a), names.index(b)) for a, b in (link.between for link in self.links)],
            [link.top for link in self.links],
            [link.prefactor for link in self.links],
            [state.moment for state in self.states],
            [link.moment for link in self.links],
        )
        T, B = (x.build() if isinstance(x, Course) else x for x in (self.temperature, self.field))
        t = np.linspace(0, self.until, self.points)
        t = t if self.since is None else np.geomspace(self.since, self.until, self.points)
        run = evolve_populations(equation, [state.start for state in self.states], t, T, B)
        results.check(run.outcome, "evolve_populations")
        kelvin, field = (np.broadcast_to(np.asarray(x(t) if callable(x) else x), t.shape) for x in (T, B))
        rest = jax.vmap(lambda T, B: stationary(equation, T, B))(kelvin, field)
        F = jax.vmap(lambda p, T, B: free_energy(equation, p, T, B))(run.p, kelvin, field)
        made = jax.vmap(lambda p, T, B: entropy_production(equation, p, T, B))(run.p, kelvin, field)
        p = np.asarray(run.p)
        columns = {
            "M": (p @ np.asarray(equation.moments), "A m2", "average moment along the field"),
            "T": (kelvin, "K", "temperature"),
            "B": (field, "T", "field"),
            "F": (F, "J", "free energy"),
            "entropy_production": (np.where(np.isfinite(made), made, np.nan), "W/K", "entropy production"),
        }
        both = {"p": (p, "population"), "p_rest": (np.asarray(rest), "population in equilibrium")}
        data = xr.Dataset(
            {
                **{n: (("t", "state"), x, {"units": "", "long_name": text}) for n, (x, text) in both.items()},
                **{n: ("t", np.asarray(x), {"units": u, "long_name": text}) for n, (x, u, text) in columns.items()},
            },
            {
                "t": ("t", t, {"units": "s", "long_name": "time"}),
                "state": ("state", names, {"units": "", "long_name": "state"}),
            },
        )
        return Findings(data, self._notes(equation, kelvin, field, p))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Populations along time, with those of equilibrium dashed."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(5.4, 3.2)
        axes = figure.subplots()
        factor, unit = (1.0, "s") if self.since else fig.prefixed(float(data.t.max()), "s")
        for i, name in enumerate(data.state.values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            axes.plot(data.t * factor, data.p[:, i], color=color, linewidth=1.1, label=str(name))
            axes.plot(data.t * factor, data.p_rest[:, i], "--", color=color, linewidth=0.7)
        if self.since:
            axes.set_xscale("log")
        axes.set(xlabel=fig.label("t", unit), ylabel="population", ylim=(-0.02, 1.02))
        axes.margins(x=0)
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure

    def _notes(self, equation: Any, kelvin: Any, field: Any, p: Any) -> tuple[str, ...]:
        from magjax.kinetics import mean_first_passage, relaxation_rates

        rates = np.asarray(relaxation_rates(equation, kelvin[0], field[0]))
        times = " s, ".join(f"{1 / rate:.4g}" for rate in rates if rate > 0)
        first, last = self.states[0].name, self.states[-1].name
        passage = float(mean_first_passage(equation, len(self.states) - 1, kelvin[0], field[0])[0])
        ends = ", ".join(f"{100 * x:.2f} % {s.name}" for x, s in zip(p[-1], self.states, strict=True))
        return (
            f"at the start the relaxation times are {times} s",
            f"and {last} is reached from {first} after {passage:.4g} s in the mean",
            f"in the end there are {ends}",
        )
