"""Zeeman energy of an external field."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.drive import AbstractDrive
from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import dot


class Zeeman(AbstractEnergy):
    """An external field, anywhere in space and time.

    w = −Ms m·B_ext,  B_eff = B_ext.

    - `B`: external field, T: a vector, `(3, nz, ny, nx)`, per region, a function of position, or a drive times any of
      them.
    - `H`: the same in A/m, instead of `B`; B = μ0 H.

    **Raises** `ValueError` when neither or both are given, for what is no vector, and for fields above 1000 T (given in
    mT?).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 2, 1), 5e-9)
    >>> pulse = mj.drive.gaussian(t0=50e-12, width=10e-12)
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=pulse * (0.0, 0.02, 0.0)))
    >>> float(film.field(mj.textures.uniform(mesh, (1, 0, 0)), t=50e-12)[1, 0, 0, 0])
    0.02
    """

    of_magnetisation: ClassVar[bool] = True
    units: ClassVar[Mapping[str, str]] = {"B": "T"}

    B: Parameter

    def __init__(self, B: Parameter = None, *, H: Parameter = None):
        if (B is None) == (H is None):
            raise ValueError("Arguments `B` (T) and `H` (A/m) of `Zeeman` are one field: give exactly one of them.")
        if B is None:
            B = _times(constants.MU0, H)
        name = "B" if H is None else "H"
        self.B = parameter(B, name)
        for part in self.B.values() if isinstance(self.B, dict) else (self.B,):
            # More axes may be those of a batch.
            if isinstance(part, jax.Array) and part.ndim < 2 and part.shape != (3,):
                raise ValueError(
                    f"Argument `{name}` must be a vector of three numbers, or an array of shape (3, nz, ny, nx), but "
                    f"got the shape {part.shape}; a field of 0.1 along z is (0, 0, 0.1)."
                )
        if largest(self.B) > 1e3:
            raise ValueError(
                f"Argument `B` must be in T, but got {largest(self.B):g} T; did you give mT, or A/m (then use `H=`)?"
            )

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """−Ms m·B_ext, J/m³."""
        return -sample.Ms * dot(m, sample.vector(self.B))

    def prepare(self, sample: Sample) -> AbstractField:
        """The external field on the mesh."""
        return ExternalField(sample.vector(self.B))


class ExternalField(AbstractField):
    """A field that does not depend on m."""

    B: Array

    def __call__(self, m: Array) -> Array:
        return self.B

    def bound(self) -> Array:
        return jnp.max(jnp.sqrt(dot(self.B, self.B)))


def _times(factor: float, value: Any) -> Parameter:
    if isinstance(value, dict):
        return {k: _times(factor, v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(factor * v for v in value)
    if not callable(value) or isinstance(value, AbstractDrive):
        return factor * value
    profile: Callable[..., Any] = value
    return lambda x, y, z: tuple(factor * v for v in profile(x, y, z))
