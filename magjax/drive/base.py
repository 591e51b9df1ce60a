"""What a drive is, and how drives combine with numbers, with each other and with space."""

import abc
import dataclasses
import re
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.arguments import leaf, like, short
from magjax.drive.profile import in_space


class AbstractDrive(eqx.Module):
    """A number that depends on time: `drive(t)` with t in s, in the precision of t, for one time or an array of them.

    `number * drive`, `drive + drive`, `drive * drive` are drives again. A drive times a vector, an array over the
    cells, a dictionary over regions or a function of position is `Driven`. Every number in it can be differentiated
    and batched.

    >>> import magjax as mj
    >>> pulse = 3e-3 * mj.drive.gaussian(t0=50e-12, width=10e-12)
    >>> round(float(pulse(50e-12)), 6)
    0.003
    >>> B = pulse * (0, 1, 0)
    """

    # NumPy must leave `array * drive` to the drive.
    __array_ufunc__ = None

    @abc.abstractmethod
    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""

    @abc.abstractmethod
    def landmarks(self) -> tuple[Array, ...]:
        """Times, s, that no step of an integration may pass over: jumps, bends, points within short pulses.

        Error control cannot see a pulse that falls between two stages, nor which side of a jump a stage is on.
        """

    @abc.abstractmethod
    def longest_step(self) -> Array:
        """The longest step, s, that cannot leap over an oscillation; infinity where there is none."""

    def __add__(self, other: Any) -> "AbstractDrive":
        if isinstance(other, AbstractDrive):
            return Sum((self, other))
        return Sum((self, Constant(other))) if _is_number(other) else NotImplemented

    def __radd__(self, other: Any) -> "AbstractDrive":
        return self + other

    def __neg__(self) -> "AbstractDrive":
        return Product((Constant(-1.0), self))

    def __sub__(self, other: Any) -> "AbstractDrive":
        return self + -other if isinstance(other, AbstractDrive) or _is_number(other) else NotImplemented

    def __rsub__(self, other: Any) -> "AbstractDrive":
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, AbstractDrive):
            return Product((self, other))
        if isinstance(other, Driven):
            return NotImplemented
        return Product((Constant(other), self)) if _is_number(other) else Driven(((in_space(other), self),))

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> "AbstractDrive":
        return Product((Constant(1 / other), self)) if _is_number(other) else NotImplemented


class AbstractWaveform(AbstractDrive):
    """A drive with a shape of its own, printed as the call that makes it."""

    def __repr__(self) -> str:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        given = {f.name.removeprefix("_"): getattr(self, f.name) for f in dataclasses.fields(self)}
        fields = (f"{name}={short(value)}" for name, value in given.items() if value is not None)
        return f"{name}({', '.join(fields)})"


class Constant(AbstractDrive):
    """A drive that does not change: `value` at all times.

    **Arguments**

    - `value`: the number.

    **Raises** `ValueError` for what is not one finite number.

    >>> import magjax as mj
    >>> mj.drive.constant(2.0) * mj.drive.sin(frequency=1e9)
    2 * sin(frequency=1e+09, phase=0, t0=0)
    """

    value: Array

    def __init__(self, value: Any):
        self.value = leaf("value", value)

    def __call__(self, t: Any) -> Array:
        """The value, in the shape of `t`."""
        time, value = like(t, self.value)
        return jnp.broadcast_to(value, time.shape)

    def landmarks(self) -> tuple[Array, ...]:
        """None."""
        return ()

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)

    def __repr__(self) -> str:
        return short(self.value)


class Sum(AbstractDrive):
    """Drives added."""

    drives: tuple[AbstractDrive, ...]

    def __call__(self, t: Any) -> Array:
        """The sum of the values."""
        first, *others = (drive(t) for drive in self.drives)
        return sum(others, first)

    def landmarks(self) -> tuple[Array, ...]:
        """Those of all."""
        return tuple(time for drive in self.drives for time in drive.landmarks())

    def longest_step(self) -> Array:
        """That of the quickest."""
        return jnp.stack([drive.longest_step() for drive in self.drives]).min()

    def __repr__(self) -> str:
        return f"({' + '.join(map(repr, self.drives))})"


class Product(AbstractDrive):
    """Drives multiplied."""

    drives: tuple[AbstractDrive, ...]

    def __call__(self, t: Any) -> Array:
        """The product of the values."""
        product, *others = (drive(t) for drive in self.drives)
        for other in others:
            product = product * other
        return product

    def landmarks(self) -> tuple[Array, ...]:
        """Those of all."""
        return tuple(time for drive in self.drives for time in drive.landmarks())

    def longest_step(self) -> Array:
        """That of the quickest."""
        return jnp.stack([drive.longest_step() for drive in self.drives]).min()

    def __repr__(self) -> str:
        return " * ".join(map(repr, self.drives))


class Driven(eqx.Module):
    """The value of a parameter that changes in time: Σ profile(r) · drive(t).

    Made by multiplying: `drive * profile` or `profile * drive`, where the profile is a vector `(3,)`, an array
    `(nz, ny, nx)` or `(3, nz, ny, nx)`, a dictionary over regions, or a function f(x, y, z) of coordinates in m.
    Sums of them, and of them and constant profiles, are `Driven` too; so are products with numbers and drives.

    - `terms`: pairs of a profile and a drive.

    >>> import magjax as mj
    >>> rotating = mj.drive.cos(frequency=1e9) * (1, 0, 0) + mj.drive.sin(frequency=1e9) * (0, 1, 0)
    >>> biased = 1e-3 * rotating + (0, 0, 0.1)
    >>> biased.at(0.0, lambda profile: profile).shape
    (3,)
    """

    __array_ufunc__ = None

    terms: tuple[tuple[Any, AbstractDrive], ...]

    def at(self, t: Any, resolve: Callable[[Any], Array]) -> Array:
        """The value at time `t` (s), in the precision of what `resolve` returns.

        **Arguments**

        - `resolve`: turns a profile into an array.
        """
        resolved = [(resolve(profile), drive(t)) for profile, drive in self.terms]
        first, *others = (array * now.astype(array.dtype) for array, now in resolved)
        return sum(others, first)

    def __add__(self, other: Any) -> "Driven":
        if isinstance(other, Driven):
            return Driven(self.terms + other.terms)
        if isinstance(other, AbstractDrive):
            return NotImplemented
        # sum([...]) begins with 0.
        return self if isinstance(other, int) and other == 0 else self + Driven(((in_space(other), Constant(1.0)),))

    def __radd__(self, other: Any) -> "Driven":
        return self + other

    def __neg__(self) -> "Driven":
        return self * -1.0

    def __sub__(self, other: Any) -> "Driven":
        return self + -1.0 * other if isinstance(other, Driven) else self + -1.0 * (Constant(1.0) * other)

    def __mul__(self, other: Any) -> "Driven":
        if isinstance(other, AbstractDrive) or _is_number(other):
            return Driven(tuple((profile, other * drive) for profile, drive in self.terms))
        return NotImplemented

    def __rmul__(self, other: Any) -> "Driven":
        return self * other

    def __repr__(self) -> str:
        return " + ".join(f"{_profile(profile)} * {drive!r}" for profile, drive in self.terms)


def _is_number(value: Any) -> bool:
    return not callable(value) and not isinstance(value, (str, dict, tuple, list)) and jnp.ndim(value) == 0


def _profile(profile: Any) -> str:
    if isinstance(profile, dict):
        return f"{{{', '.join(f'{name!r}: {short(value)}' for name, value in profile.items())}}}"
    return short(profile)
