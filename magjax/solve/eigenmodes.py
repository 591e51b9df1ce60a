"""`eigenmodes`: the small motions about an equilibrium."""

import operator
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.core import Tracer

from magjax.results import Outcome
from magjax.solve.linear.block_eigen import Indefinite, largest
from magjax.solve.linear.linearised import Linearised, at_rest, curvature, on_host, smoothed
from magjax.solve.linear.modes import Modes
from magjax.system import AbstractSystem

#: Angles up to which the matrix is written down: about as fast as the iteration there.
_DENSE = 600
#: What is added to the energy's curvature, relative to its bound, so that zero modes can be found like others.
_LIFT = 1e-9
MAX_STEPS = 500


def eigenmodes(
    system: AbstractSystem,
    equilibrium: Any,
    count: int = 20,
    *,
    method: Literal["auto", "dense", "iterative"] = "auto",
    tolerance: float = 1e-5,
    torque: Any = None,
    max_steps: int = MAX_STEPS,
    t: Any = 0.0,
) -> Modes:
    """The modes of lowest frequency of the undamped motion about an equilibrium, and their widths from the damping.

    With m = m₀ + Re[u exp(iωt)] and angles x = √(w/γ) u across the spins, the Landau–Lifshitz–Gilbert equation is

        A x = −(J + α) dx/dt,  A = √(γ/w) H √(γ/w),  J x = m₀×x,

    with the energy's curvature H (T) and w = Ms/max Ms. Without damping A x = ω(−iJ) x, a pencil of a positive definite
    and a Hermitian matrix: 1/ω are the extremes of (−iJ) x = μ A x. To first order α makes the mode decay at the rate
    ω xᴴαx/(xᴴ(−iJ)x).

    - `system`: a `System` or `Sublattices`. `equilibrium`: what `mj.minimize` returns, or unit vectors of its shape.
    - `count`: how many modes; all there are, if fewer.
    - `method`: `"dense"` writes the matrix down, `"iterative"` only applies it; `"auto"` chooses by the size.
    - `tolerance`: largest residual |A x − ω(−iJ)x|/|x| of the iteration, relative to the highest frequency sought; that
      of a frequency is about its square.
    - `torque`: largest torque, T, that may be left in the equilibrium; 1e-4 μ0 max Ms by default.
    - `max_steps`: iterations at most. `t`: time, s, at which driven parameters are taken.

    **Returns** `Modes`; look at their `result`: `NOT_CONVERGED` says that the iteration did not end.

    **Raises** `ValueError` for a state that is no equilibrium, with its torque; for one that is a saddle or maximum,
    from which spins would fall; for a system with torques of currents, which have no energy; and for numbers out of
    range. `TypeError` for a `count` that is no whole number, and inside `jit`, `vmap` or `grad`: the solve is the
    host's, `Modes.frequencies_near` is what can be differentiated.

    Source: M. d'Aquino, C. Serpico, G. Miano, C. Forestiere, J. Comput. Phys. 228, 6130 (2009).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((16, 1, 1), 4e-9, periodic="x")
    >>> easy = mj.Exchange(A=1.3e-11) + mj.UniaxialAnisotropy(K=4e4, axis=(0, 0, 1))
    >>> chain = mj.System(mesh, Ms=8e5, alpha=0.01, energy=easy)
    >>> modes = mj.eigenmodes(chain, mj.textures.uniform(mesh, "z"), count=3)
    >>> [round(f / 1e9, 3) for f in modes.frequency.tolist()]  # γ 2K/Ms = 2.8 GHz, and a wave either way
    [2.802, 11.469, 11.469]
    """
    count = _checked(system, equilibrium, count, method, tolerance, max_steps, t)
    m, left = at_rest(system, equilibrium, t, torque, "equilibrium")
    near = Linearised.about(system, m, t)
    gamma, alpha = near.prepared.coefficients(jnp.zeros((), m.dtype))
    # √(γ/w) of each angle, per √T so that the matrix is in rad/s.
    root = np.sqrt(near.at_sites(gamma) / near.at_sites(near.weight))
    problem = _Problem(near, root, left)
    count = min(count, near.sites.size)
    dense = method == "dense" or (method == "auto" and near.angles <= _DENSE)
    try:
        x, steps, done = problem.dense(count) if dense else problem.iterative(count, tolerance, max_steps)
        omega, x = problem.polished(x, count)
    except Indefinite:
        raise ValueError(
            "Argument `equilibrium` must be a minimum of the energy, but it is a saddle or maximum, from which spins "
            "fall: tilt it a little and let `mj.minimize` find the minimum."
        ) from None
    return Modes.of(
        near, system, omega, x, root, near.at_sites(alpha), t, Outcome.SUCCESS if done else Outcome.NOT_CONVERGED, steps
    )


def _checked(
    system: AbstractSystem, equilibrium: Any, count: Any, method: str, tolerance: Any, max_steps: Any, t: Any
) -> int:
    """The number of modes, where all arguments make sense."""
    if any(isinstance(x, Tracer) for x in jax.tree.leaves((system, equilibrium, t))):
        raise TypeError(
            "Argument `system` must hold numbers, but got traced ones: eigenmodes are found on the host. Call it "
            "outside of jit, vmap and grad; `Modes.frequencies_near(system)` is what to differentiate."
        )
    try:
        whole = operator.index(count)
    except TypeError:
        whole = None
    if whole is None or isinstance(count, bool):
        raise TypeError(f"Argument `count` must be a whole number of modes, but got {count!r}.")
    if not whole > 0:
        raise ValueError(f"Argument `count` must be a number of modes > 0, but got {count!r}.")
    if method not in ("auto", "dense", "iterative"):
        raise ValueError(f"Argument `method` must be 'auto', 'dense' or 'iterative', but got {method!r}.")
    if not 0 < tolerance < 1:
        raise ValueError(f"Argument `tolerance` must be a relative residual between 0 and 1, but got {tolerance!r}.")
    if not max_steps > 0:
        raise ValueError(f"Argument `max_steps` must be a number of steps > 0, but got {max_steps!r}.")
    if not np.isfinite(float(t)):
        raise ValueError(f"Argument `t` must be a time in s, but got {t!r}.")
    if system.has_torques:
        raise ValueError(
            "Argument `system` must have no torques of currents, whose modes are not those of an energy; leave them "
            "out, or let the system ring in `mj.evolve` and look at it with `mj.observe.ringing`."
        )
    return whole


class _Problem:
    """The pencil A x = ω (−iJ) x of one linearised system, on the host."""

    def __init__(self, near: Linearised, root: np.ndarray, torque: float):
        self.near, self.root = near, root[:, None]
        eps = float(jnp.finfo(near.m.dtype).eps)
        # The torque that is left bends zero modes by as much as itself.
        self.lift = max(max(_LIFT, 10 * eps) * float(near.bound), 2 * torque) * float(np.max(root)) ** 2

    def dense(self, count: int) -> tuple[np.ndarray, int, bool]:
        every = np.eye(self.near.angles)
        return _lowest(self.curvature(every), self.spin(every), self.lift, count)[1], 0, True

    def iterative(self, count: int, tolerance: float, max_steps: int) -> tuple[np.ndarray, int, bool]:
        n = self.near.angles
        block = min(count + max(4, count // 4), n // 2)
        random = np.random.default_rng(0)
        start = random.normal(size=(n, block)) + 1j * random.normal(size=(n, block))
        finest = self.rounding()

        def converged(values: np.ndarray, residuals: np.ndarray) -> np.ndarray:
            # |A x − ω G x| from |G x − μ A x|; modes that are still mixed have negative μ.
            omega = 1 / np.where(values > 0, values, np.nan)
            goal = tolerance * np.nanmax(np.append(omega[:count], 0)) + finest
            return residuals * omega <= goal

        pairs = largest(
            self.spin,
            lambda x: self.curvature(x) + self.lift * x,
            self.inverse,
            self.inverse(self.inverse(start)),
            wanted=count,
            converged=converged,
            max_steps=max_steps,
        )
        return pairs.vectors, pairs.steps, pairs.converged

    def polished(self, x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies and modes in the space of `x` and its conjugate, with hardly a lift."""
        basis, _ = np.linalg.qr(np.concatenate([np.real(x), np.imag(x)], axis=1))
        A, G = basis.T @ self.curvature(basis), basis.T @ self.spin(basis)
        try:
            omega, y = _lowest(A, G, 1e-3 * self.lift, count)
        except Indefinite:
            omega, y = _lowest(A, G, self.lift, count)
        return omega, basis @ y

    def spin(self, x: np.ndarray) -> np.ndarray:
        """−iJ of angles: J carries e₁ to e₂ and e₂ to −e₁."""
        a, b = np.split(x, 2, axis=0)
        return 1j * np.concatenate([b, -a], axis=0)

    def curvature(self, x: np.ndarray) -> np.ndarray:
        return self.root * on_host(curvature, self.near, self.root * x)

    def inverse(self, x: np.ndarray) -> np.ndarray:
        return on_host(smoothed, self.near, x / self.root) / self.root

    def rounding(self) -> float:
        """What rounding leaves of a residual, rad/s."""
        eps = float(jnp.finfo(self.near.m.dtype).eps)
        return 10 * eps * float(self.near.bound) * float(np.max(self.root)) ** 2


def _lowest(A: np.ndarray, G: np.ndarray, lift: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest ω > 0 and their x of (A + lift) x = ω G x."""
    try:
        lower = np.linalg.cholesky((A + A.T) / 2 + lift * np.eye(len(A)))
    except np.linalg.LinAlgError:
        raise Indefinite from None
    half = scipy.linalg.solve_triangular(lower, G, lower=True)
    spin = scipy.linalg.solve_triangular(lower, half.conj().T, lower=True)
    n = len(A)
    inverse, y = scipy.linalg.eigh((spin + spin.conj().T) / 2, subset_by_index=(n - count, n - 1))
    return 1 / inverse[::-1], scipy.linalg.solve_triangular(lower.T, y[:, ::-1], lower=False)
