"""Distributions of barriers from magnetic viscosity at several temperatures."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import kinetics
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter
from magjax.kinetics.barriers.base import AbstractBarriers


class Viscosity(AbstractLaw):
    """M(t, T) = −Ms + 2Ms ∫P(E) exp(−(t/τ0) e^(−E/kT)) dE and S = −dM/d ln t, over any distribution of barriers.

    At one temperature τ0 and the barriers are one: another ln τ0 is another origin of E. Fit several together.

    - `barriers`: P(E), of `mj.kinetics.barriers`; a `Tabulated` one for a distribution without a form: then fit
      its values, `"density"`, with `smooth`. `Ms`: saturation magnetisation, A/m. `tau0`: time between attempts,
      s.

    Inputs `t` (s) and `T` (K), point by point; outputs `M` and `S` (A/m).

    Source: R. Street, J. C. Woolley, Proc. Phys. Soc. A 62, 562 (1949).

    >>> from magjax import fit, kinetics
    >>> law = fit.Viscosity(kinetics.barriers.LogNormal(median=1e-19, sigma=0.5), Ms=8e5)
    >>> round(float(law(t=(1.0,), T=(300.0,))["M"][0]))
    159502
    """

    barriers: AbstractBarriers
    Ms: Array
    tau0: Array

    inputs: ClassVar[Mapping[str, str]] = {"t": "s", "T": "K"}
    outputs: ClassVar[Mapping[str, str]] = {"M": "A/m", "S": "A/m"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("median", "barriers.median", log=True, unit="J"),
        Parameter("sigma", "barriers.sigma", log=True),
        Parameter("center", "barriers.center", bounds=(0, np.inf), unit="J"),
        Parameter("width", "barriers.width", log=True, unit="J"),
        Parameter("lowest", "barriers.lowest", bounds=(0, np.inf), unit="J"),
        Parameter("highest", "barriers.highest", log=True, unit="J"),
        Parameter("shape", "barriers.shape", log=True),
        Parameter("scale", "barriers.scale", log=True, unit="J"),
        Parameter("density", "barriers.values", log=True),
        Parameter("Ms", log=True, unit="A/m"),
        Parameter("tau0", bounds=(1e-16, 1e-3), log=True, unit="s"),
    )

    def __init__(self, barriers: AbstractBarriers, Ms: Any, tau0: Any = 1e-9):
        self.barriers = barriers
        self.Ms, self.tau0 = (jnp.asarray(x, jnp.result_type(float, x)) for x in (Ms, tau0))

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        t, T = jnp.broadcast_arrays(*(jnp.asarray(inputs[name], jnp.result_type(float)) for name in ("t", "T")))

        def one(t: Array, T: Array) -> tuple[Array, Array]:
            args = (t, self.barriers, T, self.Ms, self.tau0)
            return kinetics.magnetization(*args), kinetics.viscosity(*args)

        M, S = jax.vmap(one)(t.ravel(), T.ravel())
        return {"M": M.reshape(t.shape), "S": S.reshape(t.shape)}
