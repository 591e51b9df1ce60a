"""The Landau–Lifshitz–Gilbert equation."""

from typing import Literal

import diffrax
import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.numerics.sphere import components, joined
from magjax.system import AbstractPrepared


class LLG(AbstractDynamics):
    """The Landau–Lifshitz–Gilbert equation in explicit form.

    - `form="gilbert"`: dm/dt = −γ/(1+α²) [m×B + α m×(m×B)], the explicit form of dm/dt = −γ m×B + α m×dm/dt.
    - `form="landau-lifshitz"`: dm/dt = −γ [m×B + α m×(m×B)].
    - `precession=False` drops the first term, leaving the shortest way downhill.

    Source: T. L. Gilbert, IEEE Trans. Magn. 40, 3443 (2004).

    >>> import jax.numpy as jnp, magjax as mj
    >>> m = jnp.array([1.0, 0, 0]).reshape(3, 1, 1, 1)
    >>> B = jnp.array([0, 0, 1.0]).reshape(3, 1, 1, 1)
    >>> float(mj.LLG().torque(m, B, gamma=2.0, alpha=0.0)[1, 0, 0, 0])
    2.0
    """

    form: Literal["gilbert", "landau-lifshitz"] = eqx.field(static=True, default="gilbert")
    precession: bool = eqx.field(static=True, default=True)

    def __check_init__(self) -> None:
        if self.form not in ("gilbert", "landau-lifshitz"):
            raise ValueError(f"Argument `form` must be 'gilbert' or 'landau-lifshitz', but got {self.form!r}.")

    def relative_rate(self, alpha: Array | float) -> Array | float:
        """How much faster than Gilbert's form this one turns spins: 1, or 1+α² in the Landau–Lifshitz form."""
        return 1 + alpha**2 if self.form == "landau-lifshitz" else 1.0

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s for the unit vectors `m` in the field `B` (T); linear in `B`, exactly 0 where m is 0."""
        rate = gamma / (1 + alpha**2) if self.form == "gilbert" else gamma
        # Component by component: XLA on a CPU fuses this into one pass, but not two nested cross products.
        x, y, z = components(m)
        b1, b2, b3 = components(B)
        t1, t2, t3 = y * b3 - z * b2, z * b1 - x * b3, x * b2 - y * b1
        f1, f2, f3 = y * t3 - z * t2, z * t1 - x * t3, x * t2 - y * t1
        if not self.precession:
            return -(rate * alpha) * joined([f1, f2, f3])
        return -rate * joined([t1 + alpha * f1, t2 + alpha * f2, t3 + alpha * f3])

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque of `field` (T) alone: it is linear in the field."""
        return self.torque(m, field, gamma, alpha, t)


def landau_lifshitz_from_gilbert(gamma: Array | float, alpha: Array | float) -> tuple[Array, Array]:
    """The Landau–Lifshitz constants of a Gilbert equation: γ_L = γ_G/(1+α²), and the same dimensionless α.

    With them `LLG("landau-lifshitz")` and `LLG("gilbert")` are one equation; λ_L = α γ_L.

    - `gamma`: Gilbert's γ, rad/(s·T). `alpha`: Gilbert damping.

    >>> import magjax as mj
    >>> gamma, alpha = mj.dynamics.landau_lifshitz_from_gilbert(2.0, 1.0)
    >>> float(gamma), float(alpha)
    (1.0, 1.0)
    """
    alpha = jnp.asarray(alpha)
    return jnp.asarray(gamma) / (1 + alpha**2), alpha


def gilbert_from_landau_lifshitz(gamma: Array | float, alpha: Array | float) -> tuple[Array, Array]:
    """The Gilbert constants of a Landau–Lifshitz equation: γ_G = γ_L (1+α²), and the same dimensionless α.

    - `gamma`: Landau–Lifshitz' γ, rad/(s·T). `alpha`: damping λ_L/γ_L.

    >>> import magjax as mj
    >>> gamma, alpha = mj.dynamics.gilbert_from_landau_lifshitz(1.0, 1.0)
    >>> float(gamma), float(alpha)
    (2.0, 1.0)
    """
    alpha = jnp.asarray(alpha)
    return jnp.asarray(gamma) * (1 + alpha**2), alpha


class SpinTerm(diffrax.AbstractTerm):
    """An equation of motion for spins as a diffrax term; its `args` are a prepared system.

    Any diffrax solver takes it. Multirate solvers use `slow` and `given`, which keep the expensive nonlocal field
    apart.

    - `dynamics`: the equation of motion.

    >>> import diffrax, jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> m0 = mj.textures.uniform(mesh, (1, 0, 0))
    >>> term, prepared = mj.dynamics.SpinTerm(mj.LLG()), spin.prepare(m0.dtype)
    >>> sol = diffrax.diffeqsolve(term, diffrax.Tsit5(), 0.0, 1e-12, 1e-13, m0, prepared)
    >>> bool(sol.ys[0, 1, 0, 0, 0] > 0)
    True
    """

    dynamics: AbstractDynamics

    def vf(self, t: Array, y: Array, args: AbstractPrepared) -> Array:
        """dm/dt in 1/s."""
        return self.dynamics.torque(y, args.field(t, y), *args.coefficients(t), args.time(t))

    def slow(self, t: Array, y: Array, args: AbstractPrepared) -> Array:
        """The nonlocal field in T."""
        return args.nonlocal_field(t, y)

    def given(self, t: Array, y: Array, args: AbstractPrepared, slow: Array) -> Array:
        """dm/dt in 1/s with the nonlocal field given."""
        return self.dynamics.torque(y, args.local_field(t, y) + slow, *args.coefficients(t), args.time(t))

    def change(self, t: Array, y: Array, args: AbstractPrepared, field: Array) -> Array:
        """How dm/dt changes when `field` (T) is added."""
        return self.dynamics.change(y, field, *args.coefficients(t), args.time(t))

    def contr(self, t0: Array, t1: Array, **kwargs: object) -> Array:
        """The time step."""
        return t1 - t0

    def prod(self, vf: Array, control: Array) -> Array:
        """dm/dt times the time step."""
        return vf * control
