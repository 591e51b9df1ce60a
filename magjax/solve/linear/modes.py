"""What `eigenmodes` returns."""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.mesh import Mesh
from magjax.numerics.sphere import cross, scalar_product, tangent
from magjax.results import Outcome
from magjax.solve.descent.implicit import follow
from magjax.solve.linear.linearised import Linearised, turns
from magjax.solve.linear.mode_shape import ellipticity, in_phase
from magjax.system import AbstractSystem

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class Modes(eqx.Module):
    """Small motions about an equilibrium, from `eigenmodes`: m(t) = m + a Re[profile exp(2πi f t)], by frequency.

    - `frequency`: `(count,)` Hz; a zero mode, along which nothing changes, has some MHz or less.
    - `linewidth`: `(count,)` full width at half maximum of the absorbed power, Hz: from the damping, to first order.
    - `profile`: `(count, 3, nz, ny, nx)`, complex; the largest spin's semi-major axis is 1, reached at t = 0.
    - `ellipticity`: `(count,)` minor over major axis of the spins' ellipses: 1 for circles.
    - `m`: the equilibrium. `mesh`: its mesh. `t`: the time, s, at which driven parameters were taken.
    - `moment`: Ms V of every spin, A·m². `action`, `damping`: `(count,)` Σ (Ms V/γ) (−i) u*·(m×u) and Σ (Ms V/γ) α|u|²
      of the profiles u, J·s.
    - `outcome`: an `Outcome` code. `steps`: iterations.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.01, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> mj.eigenmodes(spin, mj.textures.uniform(mesh, "z"))
    Modes SUCCESS: 1 of a 1×1×1 mesh
      0   28.025 GHz   width 560.5 MHz   ellipticity 1.000
    """

    frequency: Array
    linewidth: Array
    profile: Array
    ellipticity: Array
    m: Array
    moment: Array
    action: Array
    damping: Array
    t: Array
    outcome: Array
    steps: Array
    mesh: Mesh = eqx.field(static=True)

    @classmethod
    def of(
        cls,
        near: Linearised,
        system: AbstractSystem,
        omega: np.ndarray,
        x: np.ndarray,
        root: np.ndarray,
        alpha: np.ndarray,
        t: Any,
        outcome: Outcome,
        steps: int,
    ) -> "Modes":
        """The modes of angles `x` `(angles, count)` that turn at `omega` (rad/s)."""
        a, b = np.split(x, 2)
        # xᴴ(−iJ)x and xᴴαx, with J (a, b) = (−b, a).
        spin = 2 * np.sum(np.imag(a * b.conj()), axis=0)
        loss = np.sum(alpha[:, None] * np.abs(x) ** 2, axis=0)
        real, complex_ = near.m.dtype, jnp.result_type(near.m.dtype, jnp.complex64)
        angles = np.concatenate([(root[:, None] * part).T for part in (np.real(x), np.imag(x))])
        u = np.asarray(turns(near, jnp.asarray(angles, real)), np.float64)
        u = u[: len(omega)] + 1j * u[len(omega) :]
        u, size = in_phase(u, near.m.ndim)
        return cls(
            frequency=jnp.asarray(omega / (2 * np.pi), real),
            linewidth=jnp.asarray(omega * loss / spin / np.pi, real),
            profile=jnp.asarray(u, complex_),
            ellipticity=jnp.asarray(ellipticity(u, np.asarray(near.weight), near.m.ndim), real),
            m=near.m,
            moment=near.moment,
            action=jnp.asarray(near.unit * spin * size**2),
            damping=jnp.asarray(near.unit * loss * size**2),
            t=jnp.asarray(t, real),
            outcome=jnp.asarray(int(outcome)),
            steps=jnp.asarray(steps),
            mesh=system.mesh,
        )

    @property
    def result(self) -> Outcome:
        """How the solve ended."""
        return Outcome.worst(self.outcome)

    @property
    def decay_rate(self) -> Array:
        """The rate at which each mode's amplitude decays, `(count,)`, 1/s."""
        return np.pi * self.linewidth

    def drive(self, B: Any) -> Array:
        """How fast a field that oscillates in resonance raises each mode's amplitude, `(count,)`, rad/s.

        It would grow so without damping; with it, it ends at this rate over `decay_rate`. Modes with 0 are dark.

        - `B`: the field's amplitude, T: `(3,)`, or `(3, nz, ny, nx)`; complex where it turns, as Re[B exp(iωt)].
        """
        return jnp.abs(self._work(B, self.profile)) / self.action

    def absorption(self, frequency: Any, B: Any) -> Array:
        """Power absorbed from an oscillating field, W: the spectrum of ferromagnetic resonance.

        P = ½ Ω² Σ D|F|²/(N²(ω−Ω)² + Ω²D²) over these modes, and over their partners −ω. F = Σ Ms V u*·B is what the
        field does to a mode u, N its `action` and D its `damping`.

        - `frequency`: of the field, Hz; any shape. `B`: its amplitude, T, as for `drive`.
        """
        Omega = 2 * np.pi * jnp.asarray(frequency, self.frequency.dtype)[..., None]
        lead = (1,) * (Omega.ndim - 1)
        omega, N, D = (x.reshape(*lead, -1) for x in (2 * np.pi * self.frequency, self.action, self.damping))
        total = jnp.zeros(Omega.shape[:-1], self.frequency.dtype)
        for u, turn in ((self.profile, omega), (self.profile.conj(), -omega)):
            work = jnp.abs(self._work(B, u)).reshape(*lead, -1)
            total = total + jnp.sum((Omega * work) ** 2 * D / ((N * (turn - Omega)) ** 2 + (Omega * D) ** 2), axis=-1)
        return total / 2

    def _work(self, B: Any, u: Array) -> Array:
        B = jnp.asarray(B)
        if B.shape == (3,):
            B = B.reshape(3, 1, 1, 1)
        if not 4 <= B.ndim <= self.m.ndim or B.shape[-4] != 3:
            raise ValueError(f"Argument `B` must have the shape (3,) or that of a field, but got {B.shape}.")
        B = B.reshape((1,) * (u.ndim - B.ndim) + B.shape)
        return jnp.sum(self.moment[None] * u.conj() * B, axis=tuple(range(1, u.ndim)))

    def frequencies_near(self, system: AbstractSystem) -> Array:
        """The frequencies of a system that differs little from theirs, `(count,)`, Hz: exact to first order.

        By Hellmann and Feynman ω = uᴴHu/(uᴴ(−iJ)u) does not know, to first order, how the modes change; the equilibrium
        follows by the implicit function theorem. So `mj.grad` of this, at their own system, is the gradient of the
        frequencies. Modes of one frequency must be told apart by symmetry: others have no derivative of their own.
        """
        m = follow(system, self.t, self.m)
        prepared = system.prepare(m.dtype).starting_at(self.t)
        zero = jnp.zeros((), m.dtype)
        gamma, _ = prepared.coefficients(zero)
        Ms = system.magnetisation(self.t, m.dtype)
        scale = lax.stop_gradient(jnp.max(Ms))
        field, push = jax.linearize(lambda spins: prepared.field(zero, spins), m)
        parallel = scalar_product(m, field)

        def frequency(u: Array) -> Array:
            # Spins that have turned leave a little of u along them, which is no motion.
            real, imaginary = tangent(m, u.real), tangent(m, u.imag)
            bent = sum(jnp.sum(v * Ms / scale * (parallel * v - push(v))) for v in (real, imaginary))
            return bent / jnp.sum(2 * Ms / scale / gamma * scalar_product(m, cross(imaginary, real)))

        return lax.map(frequency, self.profile) / (2 * np.pi)

    def plot(self, index: int = 0, *, sublattice: int | None = None, **options: Any) -> "Figure":
        """Show how far spins swing in a mode, |profile|; `options` are those of `magjax.plot.fields.plot_field`.

        - `index`: which mode. `sublattice`: whose spins, of a system of several.
        """
        from magjax.plot.fields import plot_field

        size = np.sqrt(np.sum(np.abs(self._profiles(sublattice)[self._at(index)]) ** 2, axis=0))
        occupied = np.asarray(self.moment if sublattice is None else self.moment[sublattice])[0] > 0
        title = f"mode {index}: {float(self.frequency[index]) / 1e9:.4g} GHz"
        chosen: dict[str, Any] = {"name": "amplitude", "title": title}
        return plot_field(self.mesh, np.where(occupied, size, np.nan), **(chosen | options))

    def plot_profiles(self, count: int = 4, *, sublattice: int | None = None) -> "Figure":
        """Show the first `count` modes beside one another: amplitudes, and the swing at one time."""
        from magjax.plot.modes import plot_modes

        titles = [f"{float(f) / 1e9:.4g} GHz" for f in self.frequency[:count]]
        return plot_modes(self.mesh, self._profiles(sublattice)[:count], titles=titles)

    def _profiles(self, sublattice: int | None) -> np.ndarray:
        u = np.asarray(self.profile)
        if u.ndim == 5 and sublattice is None:
            return u
        if u.ndim == 5:
            raise ValueError("Argument `sublattice` must be left out: the system has but one.")
        if sublattice is None or not 0 <= sublattice < u.shape[1]:
            raise ValueError(
                f"Argument `sublattice` must say whose spins to show, 0 … {u.shape[1] - 1}, but got {sublattice!r}."
            )
        return u[:, sublattice]

    def _at(self, index: int) -> int:
        if not -len(self.frequency) <= index < len(self.frequency):
            raise ValueError(f"Argument `index` must name one of {len(self.frequency)} modes, but got {index!r}.")
        return index

    def around(self, points: int = 2000) -> np.ndarray:
        """Frequencies in even steps that show the line of every mode, `(points,)`, Hz."""
        lowest, highest = float(self.frequency[0]), float(self.frequency[-1])
        margin = 5 * float(jnp.max(self.linewidth)) or 0.05 * highest
        return np.linspace(max(lowest - margin, 0.0), highest + margin, points)

    def plot_spectrum(self, B: Any, frequency: Any = None) -> "Figure":
        """Show the absorption from a field of amplitude `B` (T) along frequencies (Hz)."""
        from magjax.plot.series import plot_series

        frequency = self.around() if frequency is None else frequency
        power = {"absorption": self.absorption(frequency, B)}
        return plot_series(frequency, power, units={"absorption": "W"}, x_name="f", x_unit="Hz")

    def to_xarray(self) -> "xr.Dataset":
        """Everything as a `Dataset` along `mode`, and along `sublattice` where there are several; in SI units."""
        import xarray as xr

        from magjax.io.xarray import field_array

        numbers = {"frequency": "Hz", "linewidth": "Hz", "ellipticity": "", "action": "J s", "damping": "J s"}
        found: dict[str, Any] = {
            name: ("mode", np.asarray(getattr(self, name)), {"units": units}) for name, units in numbers.items()
        }

        def field(values: Any, name: str) -> Any:
            values = np.asarray(values)
            if values.ndim == 4:
                return field_array(self.mesh, values, name=name)
            return xr.concat(
                [field(part, name) for part in values], "mode" if values.ndim == self.m.ndim + 1 else "sublattice"
            )

        return xr.Dataset(found).assign(profile=field(self.profile, "profile"), m=field(self.m, "m"))

    def __repr__(self) -> str:
        if any(not isinstance(x, jax.Array) or isinstance(x, Tracer) for x in (self.frequency, self.outcome)):
            return "Modes(traced)"
        nx, ny, nz = self.mesh.cells
        lines = [f"Modes {self.result.name}: {len(self.frequency)} of a {nx}×{ny}×{nz} mesh"]
        columns = (np.asarray(x, float) for x in (self.frequency / 1e9, self.linewidth / 1e6, self.ellipticity))
        for i, (f, width, minor) in enumerate(zip(*columns, strict=True)):
            lines.append(f"{i:3d} {f:8.3f} GHz   width {width:.4g} MHz   ellipticity {minor:.3f}")
        return "\n".join(lines)
