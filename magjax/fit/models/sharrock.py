"""Barriers from how a coercivity depends on time or on sweep rate."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.analytic import sharrock
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter
from magjax.kinetics.coercivity import sweep_coercivity
from magjax.kinetics.field_barrier import PowerBarrier


class Sharrock(AbstractLaw):
    """Coercivity over a barrier E = E0 (1 − H/H0)^m, against waiting time or against sweep rate; ξ = E0/kT.

    Waiting: Hc = H0 [1 − (ln(t/(τ0 ln 2))/ξ)^{1/m}]. Sweeping: half of the particles have switched at Hc, by the
    asymptotic law, whose error is of the order kT/E(Hc) of a kT, or with `exact` by the integral of the hazard.

    - `H0`: field without barrier, A/m. `xi`: ξ. `tau0`: time between attempts, s. `m`: exponent of the barrier.
    - `exact`: whether sweeps are integrated.

    Input `time` (s) or `rate` (dH/dt, A/(m·s)); output `Hc` (A/m).

    Source: M. P. Sharrock, J. Appl. Phys. 76, 6413 (1994); A. Garg, Phys. Rev. B 51, 15592 (1995).

    >>> from magjax import fit
    >>> law = fit.Sharrock(H0=4e5, xi=60.0)
    >>> round(float(law(time=1.0)["Hc"])), round(float(law(rate=1e5)["Hc"]))
    (200777, 218290)
    """

    H0: Array
    xi: Array
    tau0: Array
    m: Array
    exact: bool

    inputs: ClassVar[Mapping[str, str]] = {"time": "s", "rate": "A/m/s"}
    outputs: ClassVar[Mapping[str, str]] = {"Hc": "A/m"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("H0", bounds=(0, np.inf), unit="A/m"),
        Parameter("xi", bounds=(1, np.inf)),
        Parameter("tau0", bounds=(1e-16, 1e-3), log=True, unit="s"),
        Parameter("m", bounds=(1, 4)),
    )

    def __init__(self, H0: Any, xi: Any, tau0: Any = 1e-9, m: Any = 1.5, *, exact: bool = False):
        self.H0, self.xi, self.tau0, self.m = (jnp.asarray(x, jnp.result_type(float, x)) for x in (H0, xi, tau0, m))
        self.exact = exact

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        if ("time" in inputs) == ("rate" in inputs):
            raise ValueError(f"Argument `x` must hold either `time` or `rate`, but got {', '.join(inputs)}.")
        if "time" in inputs:
            time = jnp.asarray(inputs["time"]) / np.log(2)
            return {"Hc": sharrock.waiting(time, self.H0, self.xi, self.tau0, self.m)}
        rate = jnp.asarray(inputs["rate"])
        if not self.exact:
            return {"Hc": sharrock.sweep(rate, self.H0, self.xi, self.tau0, self.m)}
        # Only E0/kT counts.
        T = 300.0
        barrier = PowerBarrier(self.H0, self.xi * (constants.KB * T), self.m)
        each = jax.vmap(lambda r: sweep_coercivity(barrier, r, T, tau0=self.tau0).H)
        return {"Hc": each(jnp.ravel(rate)).reshape(rate.shape)}
