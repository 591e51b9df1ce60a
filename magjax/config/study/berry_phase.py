"""`kind = "berry_phase"`: the phase of a spin ½ led round a cone, and the field that a texture is to electrons."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic

from magjax.config.mesh import MeshConfig
from magjax.config.model import Count
from magjax.config.parameter import Site
from magjax.config.study.base import AbstractStudy, Findings, about
from magjax.config.texture import Texture

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class BerryPhase(AbstractStudy):
    """A Wilson loop of spins ½ on cones of every angle, and the emergent field of a texture on a mesh.

    - `angles`: number of cones. `states`: on each of them. `seed`: of the phases that the states are given.
    - `mesh`, `texture`: as in a simulation; the flux is that along z.
    """

    kind: Literal["berry_phase"] = "berry_phase"
    angles: Annotated[Count, pydantic.Field(ge=2)] = 61
    states: Annotated[Count, pydantic.Field(ge=3)] = 400
    seed: Annotated[int, pydantic.Field(ge=0, strict=True)] = 1
    mesh: MeshConfig
    texture: Texture

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax import constants
        from magjax.analytic import spin_half
        from magjax.observe import emergent_field, skyrmion_number

        say("loops of states")
        theta = np.linspace(0, np.pi, self.angles + 2)[1:-1]
        exact = np.asarray(spin_half.berry_phase(theta))
        coarse, fine = (self._loop(theta, n) for n in (self.states, 2 * self.states))
        # Phases are known modulo 2π only.
        coarse, fine = (p - 2 * np.pi * np.round((p - exact) / (2 * np.pi)) for p in (coarse, fine))
        say("emergent field")
        mesh = self.mesh.build()
        film = mj.System(mesh, Ms=8e5)
        m = self.texture.build(Site(mesh, Path()), jnp.result_type(float))
        field = np.asarray(emergent_field(0.0, m, film))[2].mean(axis=0)
        dx, dy, _ = mesh.cell_size
        quantum_of_flux = constants.PLANCK / constants.E_CHARGE
        flux, Q = field.sum() * dx * dy / quantum_of_flux, float(skyrmion_number(0.0, m, film))
        x, y = (np.asarray(c).ravel() for c in (mesh.centers()[0][0, 0], mesh.centers()[1][0, :, 0]))
        data = xr.Dataset(
            {
                "phase": ("theta", coarse, about("Berry phase by a Wilson loop", "rad")),
                "phase_exact": ("theta", exact, about("half the solid angle, −π(1 − cos θ)", "rad")),
                "B_z": (("y", "x"), field, about("emergent field along z", "T")),
                "m_z": (("y", "x"), np.asarray(m[2]).mean(axis=0), about("texture, m_z")),
            },
            {
                "theta": ("theta", theta, about("half opening angle of the cone", "rad")),
                "x": ("x", x, about("x", "m")),
                "y": ("y", y, about("y", "m")),
            },
        )
        first, second = (np.abs(p - exact).max() for p in (coarse, fine))
        best = np.abs((4 * fine - coarse) / 3 - exact).max()
        notes = (
            f"phases of {self.states} states differ from −π(1 − cos θ) by at most {first:.1e} rad, "
            f"of {2 * self.states} by {second:.1e}; extrapolated, by {best:.1e}",
            f"flux of the texture {flux:.12g} h/e, {abs(flux - round(flux)):.1e} from a whole number; skyrmion number "
            f"{Q:.12g}",
            f"the emergent field reaches {np.abs(field).max():.4g} T",
        )
        return Findings(data, notes)

    def _loop(self, theta: Any, n: int) -> Any:
        """The phase on each cone by n states, each of which has a phase of its own."""
        import jax
        import jax.numpy as jnp
        import numpy as np

        from magjax import quantum

        spin, turn = quantum.Spins(0.5), np.linspace(0, 2 * np.pi, n, endpoint=False)
        gauge = np.exp(2j * np.pi * np.random.default_rng(self.seed).random(n))[:, None]

        @jax.jit
        @jax.vmap
        def phase(theta: jax.Array) -> jax.Array:
            across, along = jnp.sin(theta), jnp.cos(theta) * np.ones(n)
            path = jnp.stack([across * np.cos(turn), across * np.sin(turn), along], axis=1)
            states = jax.vmap(lambda direction: quantum.coherent_state(spin, direction))(path)
            return quantum.berry_phase(states * gauge)

        return np.asarray(phase(jnp.asarray(theta)))

    def draw(self, data: "xr.Dataset") -> "Figure":
        import numpy as np

        from magjax.plot import figure as fig

        figure = fig.new_figure(7.2, 2.9)
        left, right = figure.subplots(1, 2)
        degrees = np.degrees(data["theta"])
        left.plot(degrees, data["phase_exact"] / np.pi, color=fig.LINE_COLORS[0], label="−π(1 − cos θ)")
        left.plot(degrees, data["phase"] / np.pi, "o", markersize=2.5, color=fig.LINE_COLORS[1], label="Wilson loop")
        left.set(xlabel="θ (°)", ylabel="phase (π)", xlim=(0, 180))
        left.legend(fontsize=7, frameon=False)
        factor, unit = fig.prefixed(float(data["x"].max()), "m")
        low, high = float(data["B_z"].min()), float(data["B_z"].max())
        one_sided = "viridis" if high > -low else "viridis_r"
        image = right.pcolormesh(data["x"] * factor, data["y"] * factor, data["B_z"], cmap=one_sided, rasterized=True)
        bar = figure.colorbar(image)
        bar.set_label("emergent field (T)", fontsize=9)
        bar.ax.tick_params(labelsize=8)
        right.contour(data["x"] * factor, data["y"] * factor, data["m_z"], levels=[0.0], colors="white", linewidths=0.8)
        right.set(xlabel=fig.label("x", unit), ylabel=fig.label("y", unit), aspect="equal")
        for axes in (left, right):
            fig.tidy(axes)
        return figure
