"""Study `wire_nucleation`: the barrier of a magnetised wire of any length, found by paths, and how long it lasts."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic

from magjax import constants
from magjax.config.model import Count, Kelvin, Length, Positive
from magjax.config.study.base import AbstractStudy, Findings
from magjax.config.study.wire_lifetime import Anisotropy, Attempt, Stiffness, duration
from magjax.results import SolveError

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_BARRIER = "barrier over D²√(AK)"


class WireNucleation(AbstractStudy):
    """`kind = "wire_nucleation"`: a wire reverses as a whole where it is short, and by a domain where it is long.

    Barriers are found by `mj.find_path` on rings as long as `lengths` says in units of Δ = √(A/K), and on wires of half
    of that with free ends, along which a single wall sees what each of two sees in the ring. A wire one cell thick has
    energies of D²√(AK) times a function of L/Δ alone: the mesh is that of the longest wire, which has the given A, and
    stands for shorter ones with a larger A.

    - `A`, `K`: exchange stiffness, and anisotropy along the wire. `cells`: along the longest wire.
    - `lengths`: L/Δ. `edges`: D of the square cross sections whose lifetimes follow from the barrier of the longest
      ring, at `temperature`. `tau0`: time between attempts. `images`: states on each path.
    """

    kind: Literal["wire_nucleation"]
    A: Stiffness
    K: Anisotropy
    temperature: Kelvin
    edges: tuple[Length, ...] = pydantic.Field(min_length=1)
    lengths: Annotated[tuple[Positive, ...], pydantic.Field(min_length=1)] = (2, 4, 6, 7, 9, 12, 24)
    cells: Annotated[int, pydantic.Field(ge=16, strict=True)] = 480
    images: Annotated[int, pydantic.Field(ge=5, strict=True)] = 11
    tau0: Attempt = 1e-9
    points: Count = 200

    def run(self, say: Callable[[str], None]) -> Findings:
        """A path for each length and kind of end; the longest ring's barrier gives lifetimes."""
        import xarray as xr

        from magjax.analytic import lifetime

        rings = np.sort(np.asarray(self.lengths, float))
        L = np.stack([rings, rings / 2])
        found = np.zeros(L.shape)
        for row, ring in enumerate((True, False)):
            for i, length in enumerate(L[row]):
                found[row, i] = self._barrier(length, float(L[row, -1]), ring)
                say(f"{'ring' if ring else 'free ends'}, L = {length:g} Δ: {found[row, i]:.4f} D²√(AK)")
        fine = np.linspace(L.min(), L.max(), self.points)
        exact = np.array([lifetime.ring_barrier(1.0, 1.0, 1.0, x) for x in fine])
        halves = np.array([lifetime.ring_barrier(1.0, 1.0, 1.0, 2 * x) / 2 for x in fine])
        edges = np.asarray(self.edges)
        barriers = found[0, -1] * edges**2 * np.sqrt(self.A * self.K)
        times = np.asarray(lifetime.arrhenius_time(barriers, self.temperature, self.tau0))
        data = xr.Dataset(
            {
                "L": (("ends", "wire"), L, {"units": "", "long_name": "length over √(A/K)"}),
                "found": (("ends", "wire"), found, {"units": "", "long_name": f"{_BARRIER}, found"}),
                "exact": (("ends", "L_fine"), np.stack([exact, halves]), {"units": "", "long_name": _BARRIER}),
                "barrier": ("edge", barriers, {"units": "J", "long_name": "barrier of the longest ring"}),
                "lifetime": ("edge", times, {"units": "s", "long_name": "mean time until a domain appears"}),
            },
            {
                "ends": ("ends", [0, 1], {"units": "", "long_name": "0 for a ring, 1 for free ends"}),
                "L_fine": ("L_fine", fine, {"units": "", "long_name": "length over √(A/K)"}),
                "edge": ("edge", edges, {"units": "m", "long_name": "edge of the cross section"}),
            },
        )
        notes = [f"long wires: {found[0, -1]:.4f} D²√(AK) in a ring (theory: 8), {found[1, -1]:.4f} at an end (4)"]
        for D, E, time in zip(edges, barriers, times, strict=True):
            kT = E / (constants.KB * self.temperature)
            notes.append(f"D = {D * 1e9:.3g} nm: {E:.4g} J ({kT:.2f} kT), lasts {duration(float(time))}")
        return Findings(data, tuple(notes))

    def _barrier(self, length: float, longest: float, ring: bool) -> float:
        """Of one wire, over D²√(AK)."""
        import jax.numpy as jnp

        import magjax as mj

        D, width = self.edges[0], np.sqrt(self.A / self.K)
        d = longest * width / self.cells
        mesh = mj.Mesh((self.cells, 1, 1), (d, D, D), periodic="x" if ring else "")
        A = self.A * (longest / length) ** 2
        easy = mj.UniaxialAnisotropy(K=self.K, axis=(1, 0, 0))
        # Ms scales torques, and cancels.
        wire = mj.System(mesh, Ms=1e6, energy=mj.Exchange(A=A) + easy)
        ends = [mj.textures.uniform(mesh, (sign, 0, 0)) for sign in (1.0, -1.0)]
        via = [] if length < (2 if ring else 1) * np.pi else [jnp.asarray(_domain(mesh, np.sqrt(A / self.K), ring))]
        path = mj.find_path(wire, *ends, via=via, images=self.images)
        if not path.result.succeeded:
            raise SolveError(path.result, "find_path", f"for L = {length:g} Δ at a force of {float(path.force):.3g} T")
        return path.barrier / (D**2 * np.sqrt(A * self.K))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Barriers found against length, on the closed form, beside the lifetimes."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.2, 2.9)
        left, right = figure.subplots(1, 2)
        for row, name in enumerate(("ring", "free ends")):
            color = fig.LINE_COLORS[row]
            left.plot(data.L_fine, data.exact[row], color=color, linewidth=1.1, label=f"{name}, exact")
            left.plot(data.L[row], data.found[row], "o", color=color, mfc="white", markersize=4, label=f"{name}, found")
            left.axvline((2 - row) * np.pi, color=color, linewidth=0.6, linestyle=":")
        left.annotate("coherent | domain", (2 * np.pi, 0.4), fontsize=6, ha="center")
        left.set(xlabel=r"$L\,/\sqrt{A/K}$", ylabel=r"barrier / $D^2\sqrt{AK}$", ylim=(0, None))
        D = np.linspace(float(data.edge[0]) * 0.5, float(data.edge[-1]) * 1.1, 100)
        theory = self.tau0 * np.exp(8 * D**2 * np.sqrt(self.A * self.K) / (constants.KB * self.temperature))
        right.semilogy(D * 1e9, theory, color=fig.LINE_COLORS[0], linewidth=1.1, label=r"$8D^2\sqrt{AK}$")
        color = fig.LINE_COLORS[1]
        right.semilogy(data.edge * 1e9, data.lifetime, "o", color=color, mfc="white", markersize=5, label="found")
        for D_, time in zip(data.edge.values, data.lifetime.values, strict=True):
            right.annotate(
                duration(time), (D_ * 1e9, time), fontsize=7, xytext=(-7, 5), textcoords="offset points", ha="right"
            )
        right.set(xlabel="$D$ (nm)", ylabel="lifetime (s)", xlim=(0, None))
        for axes in (left, right):
            axes.legend(fontsize=7, frameon=False, loc="lower right")
            fig.tidy(axes)
        return figure


def _domain(mesh: Any, width: float, ring: bool) -> np.ndarray:
    """Half of the wire reversed: between two walls in a ring, behind one else."""
    x, length = mesh.centers()[0], mesh.extent[0]
    places = (length / 4, 3 * length / 4) if ring else (length / 2, 10 * length)
    first, second = (2 * np.arctan(np.exp(np.clip((x - place) / width, -50, 50))) for place in places)
    theta = first - second
    return np.stack([np.cos(theta), np.sin(theta), 0 * theta])
