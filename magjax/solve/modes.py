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
from magjax.numerics.sphere import component_axis, cross, scalar_product, tangent
from magjax.results import Outcome
from magjax.solve.implicit import follow
from magjax.solve.linearised import Linearised, turns
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
        u, size = _in_phase(u, near.m.ndim)
        return cls(
            frequency=jnp.asarray(omega / (2 * np.pi), real),
            linewidth=jnp.asarray(omega * loss / spin / np.pi, real),
            profile=jnp.asarray(u, complex_),
            ellipticity=jnp.asarray(_ellipticity(u, np.asarray(near.weight), near.m.ndim), real),
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
        if B.ndim == 1:
            B = B.reshape(3, 1, 1, 1)
        if B.ndim > self.m.ndim or B.shape[-4] != 3:
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

    def plot(self, index: int = 0, **options: Any) -> "Figure":
        """Show how far spins swing in a mode, |profile|; `options` are those of `magjax.plot.fields.plot_field`."""
        from magjax.plot.fields import plot_field

        u = np.asarray(self.profile[index])
        if u.ndim > 4:
            raise ValueError("A mode of sublattices has several pictures; choose one with `plot_field(mesh, profile)`.")
        size = np.sqrt(np.sum(np.abs(u) ** 2, axis=0))
        size = np.where(np.asarray(self.moment)[0] > 0, size, np.nan)
        title = f"mode {index}: {float(self.frequency[index]) / 1e9:.4g} GHz"
        chosen: dict[str, Any] = {"name": "amplitude", "title": title}
        return plot_field(self.mesh, size, **(chosen | options))

    def plot_spectrum(self, B: Any, frequency: Any = None) -> "Figure":
        """Show the absorption from a field of amplitude `B` (T) along frequencies (Hz)."""
        from magjax.plot.series import plot_series

        if frequency is None:
            width = float(jnp.max(self.linewidth))
            low, high = float(self.frequency[0]) - 5 * width, float(self.frequency[-1]) + 5 * width
            frequency = np.linspace(max(low, 0.0), high, 2000)
        power = {"absorption": self.absorption(frequency, B)}
        return plot_series(frequency, power, units={"absorption": "W"}, x_name="f", x_unit="Hz")

    def to_xarray(self) -> "xr.Dataset":
        """Everything as a `Dataset` along `mode`; complex profiles, with SI coordinates."""
        import xarray as xr

        from magjax.io.xarray import field_array

        if self.m.ndim > 4:
            raise ValueError("Modes of sublattices are arrays: take `profile` and `frequency` themselves.")
        numbers = {"frequency": "Hz", "linewidth": "Hz", "ellipticity": "", "action": "J s", "damping": "J s"}
        found: dict[str, Any] = {
            name: ("mode", np.asarray(getattr(self, name)), {"units": units}) for name, units in numbers.items()
        }
        each = [field_array(self.mesh, np.asarray(u), name="profile") for u in self.profile]
        return xr.Dataset(found).assign(profile=xr.concat(each, "mode"), m=field_array(self.mesh, np.asarray(self.m)))

    def __repr__(self) -> str:
        if any(not isinstance(x, jax.Array) or isinstance(x, Tracer) for x in (self.frequency, self.outcome)):
            return "Modes(traced)"
        nx, ny, nz = self.mesh.cells
        lines = [f"Modes {self.result.name}: {len(self.frequency)} of a {nx}×{ny}×{nz} mesh"]
        columns = (np.asarray(x, float) for x in (self.frequency / 1e9, self.linewidth / 1e6, self.ellipticity))
        for i, (f, width, minor) in enumerate(zip(*columns, strict=True)):
            lines.append(f"{i:3d} {f:8.3f} GHz   width {width:.4g} MHz   ellipticity {minor:.3f}")
        return "\n".join(lines)


def _in_phase(u: np.ndarray, ndim: int) -> tuple[np.ndarray, np.ndarray]:
    """Modes whose largest spin is at the end of its major axis, of length 1; and their factors' sizes."""
    axis = 1 + component_axis(ndim)
    square, bilinear = (np.sum(x, axis=axis).reshape(len(u), -1) for x in (np.abs(u) ** 2, u * u))
    where = np.argmax(square + np.abs(bilinear), axis=1)
    pick = np.arange(len(u)), where
    size = np.sqrt((square[pick] + np.abs(bilinear[pick])) / 2)
    spins = np.moveaxis(u, axis, -1).reshape(len(u), -1, 3)[pick]
    strongest = np.take_along_axis(spins, np.argmax(np.abs(spins), axis=1)[:, None], axis=1)[:, 0]
    circular = np.abs(bilinear[pick]) < 1e-6 * square[pick]
    phase = np.where(circular, np.angle(strongest), np.angle(bilinear[pick]) / 2)
    factor = np.exp(-1j * phase) / size
    return u * factor.reshape(-1, *(1,) * (u.ndim - 1)), 1 / size


def _ellipticity(u: np.ndarray, weight: np.ndarray, ndim: int) -> np.ndarray:
    """Minor over major axis, from sums over all spins: |u|² is major² + minor², |u·u| their difference."""
    axis = 1 + component_axis(ndim)
    square, bilinear = (np.sum(x, axis=axis, keepdims=True) for x in (np.abs(u) ** 2, u * u))
    total = np.sum((weight * square).reshape(len(u), -1), axis=1)
    difference = np.sum((weight * np.abs(bilinear)).reshape(len(u), -1), axis=1)
    return np.sqrt(np.maximum(total - difference, 0) / (total + difference))
