"""`[solver]`: how time is stepped."""

from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Duration, Flag, Model, number

Tolerance = Annotated[float, BeforeValidator(number("rad", above=0, maximum=0.1, hint="it is an angle in rad"))]

#: Names of diffrax's solvers that are offered, with their classes there.
_DIFFRAX = {"tsit5": "Tsit5", "dopri5": "Dopri5", "dopri8": "Dopri8", "heun": "Heun", "bosh3": "Bosh3"}
#: Names of the solvers that know noise, with their classes in `magjax.solvers`.
NOISY = {"rotation-heun": "RotationHeun", "normalized-heun": "NormalizedHeun", "semi-implicit": "SemiImplicit"}


class SolverConfig(Model):
    """`[solver]`; what is left out is chosen for the system.

    - `method`: "multirate" (the demagnetising field once a step), "rk43", or one of diffrax's: "tsit5", "dopri5", …;
      at a temperature "rotation-heun", "normalized-heun" or "semi-implicit", with fixed steps.
    - `tolerance`: largest angle by which a step may be wrong, rad. `dt`: a fixed step, s, instead.
    - `substeps`, `corrector`: of "multirate".
    """

    method: Literal[
        "auto", "multirate", "rk43", "tsit5", "dopri5", "dopri8", "heun", "bosh3", "rotation-heun", "normalized-heun",
        "semi-implicit",
    ] = "auto"  # fmt: skip
    tolerance: Tolerance = 1e-5
    dt: Duration | None = None
    substeps: Count | None = None
    corrector: Flag | None = None

    @pydantic.model_validator(mode="after")
    def _fit(self) -> "SolverConfig":
        for key in ("substeps", "corrector"):
            if getattr(self, key) is not None and self.method != "multirate":
                raise Problem(f'has the key `{key}`, which needs `method = "multirate"`, but got {self.method!r}.')
        return self

    def build(self) -> Any:
        """The solver, or `None` to have it chosen."""
        if self.method == "auto":
            return None
        if self.method in _DIFFRAX:
            import diffrax

            return getattr(diffrax, _DIFFRAX[self.method])()
        from magjax import solvers

        if self.method == "rk43":
            return solvers.RK43()
        if self.method in NOISY:
            return getattr(solvers, NOISY[self.method])()
        return solvers.Multirate(substeps=self.substeps or 1, corrector=bool(self.corrector))
