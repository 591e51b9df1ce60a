"""`kind = "cloning"`: unknown spins copied by machines that quantum mechanics allows, and how well."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic

from magjax.config.model import Count, Natural
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class Cloning(AbstractStudy):
    """Random spins ½ sent through a CNOT gate and through the optimal universal cloner of Bužek and Hillery.

    - `states`: how many, from `seed`, alike in all directions.
    """

    kind: Literal["cloning"] = "cloning"
    states: Annotated[Count, pydantic.Field(ge=2)] = 2000
    seed: Natural = 1

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import quantum
        from magjax.analytic import cloning

        rng = np.random.default_rng(self.seed)
        amplitudes = rng.normal(size=(self.states, 2, 2)) @ [1, 1j]
        psi = amplitudes / np.linalg.norm(amplitudes, axis=1, keepdims=True)
        theta = 2 * np.arccos(np.clip(np.abs(psi[:, 0]), 0, 1))
        phi = np.angle(psi[:, 1]) - np.angle(psi[:, 0])
        say(f"{self.states} states through two cloners")
        found, columns = {}, {}
        for name, cloner in (("cnot", quantum.cnot_cloner()), ("universal", quantum.universal_cloner())):
            measures = (quantum.copy_fidelity, quantum.joint_fidelity)
            for which, measure in zip(("copy", "joint"), measures, strict=True):
                values = np.asarray(jax.jit(jax.vmap(partial(measure, cloner)))(jnp.asarray(psi)))
                words = "one copy" if which == "copy" else "both copies as a pair"
                columns[f"{name}_{which}"] = ("state", values, about(f"fidelity of {words}, {name} cloner"))
                found[name, which] = values
        defect = np.asarray(jax.jit(jax.vmap(quantum.overlap_defect))(jnp.asarray(psi), jnp.asarray(psi[::-1])))
        overlap = np.abs(np.sum(psi.conj() * psi[::-1], axis=1))
        exact = {
            ("cnot", "copy"): cloning.cnot_copy_fidelity(theta),
            ("cnot", "joint"): cloning.cnot_joint_fidelity(theta, phi),
            ("universal", "copy"): cloning.optimal_fidelity(1, 2),
            ("universal", "joint"): 2 / 3,
        }
        missed = max(float(np.abs(found[key] - np.asarray(exact[key])).max()) for key in found)
        data = xr.Dataset(
            {
                **columns,
                "theta": ("state", theta, about("polar angle of the original", "rad")),
                "overlap": ("state", overlap, about("|⟨ψ|φ⟩| of two originals")),
                "overlap_defect": (
                    "state",
                    defect,
                    about("x − x² with x = |⟨ψ|φ⟩|, what cloning would take from it"),
                ),
            },
            {"state": ("state", np.arange(self.states), about("number of the state"))},
        )
        notes = (
            *(
                f"{label}: one copy {_mean(found[name, 'copy'])} (exactly {single}), both as a pair "
                f"{_mean(found[name, 'joint'])} (exactly {pair})"
                for name, label, single, pair in (("cnot", "CNOT", "⅔", "½"), ("universal", "universal", "⅚", "⅔"))
            ),
            f"each fidelity differs from its closed form by at most {missed:.1e}",
            f"a cloner would change overlaps by {defect.mean():.4f} in the mean (exactly ⅙), which no unitary map does",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        import numpy as np

        from magjax.analytic import cloning
        from magjax.plot import figure as fig

        figure = fig.new_figure(6.8, 2.8)
        left, right = figure.subplots(1, 2, sharey=True)
        degrees, dense = np.degrees(data["theta"]), np.linspace(0, np.pi, 181)
        for axes, which in ((left, "copy"), (right, "joint")):
            for k, name in enumerate(("cnot", "universal")):
                label = {"cnot": "CNOT", "universal": "Bužek–Hillery"}[name]
                axes.plot(degrees, data[f"{name}_{which}"], ".", markersize=2, color=fig.LINE_COLORS[k], label=label)
            axes.set(xlabel="polar angle of the original (°)", xlim=(0, 180), ylim=(-0.02, 1.05))
            fig.tidy(axes)
        left.plot(np.degrees(dense), cloning.cnot_copy_fidelity(dense), "k:", linewidth=1)
        for phi in (0.0, np.pi):
            right.plot(np.degrees(dense), cloning.cnot_joint_fidelity(dense, phi), "k:", linewidth=1)
        left.set(ylabel="fidelity; dotted: closed form")
        left.set_title("one copy", fontsize=9)
        right.set_title("both copies as a pair", fontsize=9)
        left.legend(fontsize=7, frameon=False, loc="lower right", markerscale=4)
        return figure


def _mean(values: "xr.DataArray") -> str:
    """A mean with its statistical error."""
    return f"{values.mean():.4f} ± {values.std() / len(values) ** 0.5:.4f}"
