"""The Dzyaloshinskii–Moriya interaction."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.energy.faces import ByPair, by_pair, face_value, joined
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import AXES, Axis
from magjax.numerics.sphere import components, dot
from magjax.numerics.stencil import next_neighbour, padded, previous_neighbour, shifted

Vector = tuple[float, float, float]
Vectors = tuple[tuple[Axis, Vector], ...]
Kind = Literal["interfacial", "bulk", "D2d"]
_UNIT: dict[Axis, Vector] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


class DMI(AbstractEnergy):
    """The Dzyaloshinskii–Moriya interaction of any symmetry: w = D Σ_a v_a·(m × ∂m/∂a), a = x, y, z.

    - `kind="interfacial"`: w = D [(m·n) ∇·m − (m·∇)(m·n)], v_a = n × â; n is the `normal`, z unless given (class Cnv).
    - `kind="bulk"`: w = D m·(∇×m), v_a = −â (classes T, O).
    - `kind="D2d"`: w = D m·(∂m/∂x × x̂ − ∂m/∂y × ŷ), v_x = x̂, v_y = −ŷ.
    - `vectors`: any other Lifshitz invariants, as `{"x": (0, 1, 0), "y": …}`, instead of a kind.

    Between two cells the energy is that of their common face, D v_a·(m₁ × m₂)/d_a, with the harmonic mean of both D.

    - `D`: J/m²; any parameter. `between`: of the faces between two regions instead, as `{("left", "right"): 1e-3}`.
      `scale`: factor of the harmonic mean there, as `{("left", "right"): 0.3}`.
    - `boundary`: at free surfaces, and at the borders of empty cells. `"open"` leaves the missing neighbour out.
      `"free"` is the condition of Rohart and Thiaville, 2A ∂m/∂n + D v_n × m = 0, as a cell beyond the surface has it;
      it needs the exchange stiffness `A`, J/m. Both have the same limit of small cells.

    **Raises** `ValueError` for an unknown kind, a normal of length zero or of a kind that has none, `boundary="free"`
    without `A` and "open" with it, values of D above 1 J/m² (given in mJ/m²?), a pair of regions that is given twice,
    and factors below 1e-6.

    Source: A. N. Bogdanov and D. A. Yablonskii, Sov. Phys. JETP 68, 101 (1989); S. Rohart and A. Thiaville, Phys. Rev.
    B 88, 184422 (2013).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((32, 1, 1), 2e-9, periodic="x")
    >>> system = mj.System(mesh, Ms=8e5, energy=mj.DMI(D=3e-3, kind="interfacial"))
    >>> cycloid = mj.textures.helix(mesh, period=64e-9, direction="x", normal="y")
    >>> round(float(system.total_energy(cycloid) / mesh.cell_volume / 32 / 3e-3 * 64e-9), 2)  # 2π, or −2π the other way
    6.24
    """

    units: ClassVar[Mapping[str, str]] = {"D": "J/m²", "A": "J/m", "between": "J/m²", "scale": ""}

    D: Parameter
    A: Parameter | None
    between: ByPair
    scale: ByPair
    vectors: Vectors = eqx.field(static=True)
    boundary: Literal["open", "free"] = eqx.field(static=True)

    def __init__(
        self,
        D: Parameter,
        kind: Kind | None = None,
        *,
        normal: str | Sequence[float] | None = None,
        vectors: Mapping[Axis, Sequence[float]] | None = None,
        boundary: Literal["open", "free"] = "open",
        A: Parameter | None = None,
        between: ByPair | None = None,
        scale: ByPair | None = None,
    ):
        self.D = parameter(D, "D")
        if largest(self.D) > 1:
            raise ValueError(f"Argument `D` must be in J/m², but got {largest(self.D):g} J/m²; did you give mJ/m²?")
        if (kind is None) == (vectors is None):
            raise ValueError(
                "Argument `kind` must be 'interfacial', 'bulk' or 'D2d', or `vectors` be given instead, one of both."
            )
        if normal is not None and kind in (None, "bulk", "D2d"):
            whose = "`vectors`" if kind is None else f"kind={kind!r}, which has none"
            raise ValueError(
                f"Argument `normal` must be left out of {whose}, but got {normal!r}; did you mean kind='interfacial'?"
            )
        self.vectors = _given(vectors) if vectors is not None else _of_kind(kind, "z" if normal is None else normal)
        if boundary not in ("open", "free"):
            raise ValueError(f"Argument `boundary` must be 'open' or 'free', but got {boundary!r}.")
        if boundary == "free" and A is None:
            raise ValueError(
                "Argument `A` must be given, in J/m, where `boundary` is 'free': exchange bends the spins there."
            )
        if boundary == "open" and A is not None:
            raise ValueError(
                "Argument `A` must be left out where `boundary` is 'open', which it does not change; did you mean "
                "boundary='free'? Exchange itself is `mj.Exchange`."
            )
        self.boundary = boundary
        self.A = None if A is None else parameter(A, "A")
        self.between, self.scale = by_pair(between, scale)

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """Half of each face's energy in the cells on both sides, and that of free surfaces, J/m³."""
        density = jnp.zeros(sample.mesh.shape, m.dtype)
        for axis, v, forward, backward in _faces(self, sample):
            periodic = sample.mesh.is_periodic(axis)
            turned = _times(m, v)
            up, down = (f(m, axis, periodic=periodic) for f in (next_neighbour, previous_neighbour))
            # v·(m × m⁺) = −(m × v)·m⁺
            density = density + (backward * dot(turned, down) - forward * dot(turned, up)) / 2
        for v, stiffness in _surfaces(self, sample):
            across = _times(m, v)
            density = density - stiffness / 2 * dot(across, across)
        return density

    def prepare(self, sample: Sample) -> AbstractField:
        """Stencil coefficients D/(Ms d) of the faces and D²/(2A Ms) of free surfaces, T."""
        inverse = sample.inverse_Ms
        faces = _faces(self, sample)
        surfaces = _surfaces(self, sample)
        return DMIField(
            periodic=sample.mesh.periodic,
            faces=tuple((axis, v) for axis, v, _, _ in faces),
            forward=tuple(f * inverse for _, _, f, _ in faces),
            backward=tuple(b * inverse for _, _, _, b in faces),
            surfaces=tuple(v for v, _ in surfaces),
            surface=tuple(s * inverse for _, s in surfaces),
        )


class DMIField(AbstractField):
    """−Σ_a (f m⁺ − b m⁻) × v_a + Σ s (v × m) × v, in T."""

    periodic: str = eqx.field(static=True)
    faces: Vectors = eqx.field(static=True)
    forward: tuple[Array, ...]
    backward: tuple[Array, ...]
    surfaces: tuple[Vector, ...] = eqx.field(static=True)
    surface: tuple[Array, ...]

    def __call__(self, m: Array) -> Array:
        total = jnp.zeros_like(m)
        axes: tuple[Axis, ...] = tuple(axis for axis, _ in self.faces)
        rimmed = padded(m, axes, self.periodic) if axes else m
        for (axis, v), forward, backward in zip(self.faces, self.forward, self.backward, strict=True):
            up, down = shifted(rimmed, axes, axis, 1), shifted(rimmed, axes, axis, -1)
            total = total - _times(_over(forward) * up - _over(backward) * down, v)
        for v, strength in zip(self.surfaces, self.surface, strict=True):
            total = total - _over(strength) * _times(_times(m, v), v)
        return total

    def bound(self) -> Array:
        sums = [
            float(np.linalg.norm(v)) * (jnp.abs(f) + jnp.abs(b))
            for (_, v), f, b in zip(self.faces, self.forward, self.backward, strict=True)
        ]
        sums += [float(np.dot(v, v)) * jnp.abs(s) for v, s in zip(self.surfaces, self.surface, strict=True)]
        return jnp.max(sum(sums[1:], start=sums[0])) if sums else jnp.zeros(())


def _of_kind(kind: Any, normal: str | Sequence[float]) -> Vectors:
    if kind == "interfacial":
        return _kept({axis: np.cross(_unit(normal), _UNIT[axis]) for axis in AXES})
    if kind == "bulk":
        return _kept({axis: -np.array(_UNIT[axis]) for axis in AXES})
    if kind == "D2d":
        return _kept({"x": np.array(_UNIT["x"]), "y": -np.array(_UNIT["y"])})
    raise ValueError(f"Argument `kind` must be 'interfacial', 'bulk' or 'D2d', but got {kind!r}.")


def _given(vectors: Mapping[Axis, Sequence[float]]) -> Vectors:
    if not vectors or any(axis not in AXES or np.shape(v) != (3,) for axis, v in vectors.items()):
        raise ValueError(f"Argument `vectors` must hold three numbers for some of 'x', 'y', 'z', but got {vectors!r}.")
    return _kept({axis: np.asarray(vectors[axis], float) for axis in AXES if axis in vectors})


def _kept(vectors: Mapping[Axis, Any]) -> Vectors:
    kept: list[tuple[Axis, Vector]] = []
    for axis, vector in vectors.items():
        x, y, z = (float(c) for c in vector)
        if x or y or z:
            kept.append((axis, (x, y, z)))
    return tuple(kept)


def _unit(normal: str | Sequence[float]) -> np.ndarray:
    if isinstance(normal, str):
        if normal.removeprefix("-") not in AXES:
            raise ValueError(f"Argument `normal` must be 'x', 'y', 'z' or a vector, but got {normal!r}.")
        return np.array(_UNIT[normal.removeprefix("-")]) * (-1 if normal.startswith("-") else 1)  # type: ignore[index]
    vector = np.asarray(normal, float)
    if vector.shape != (3,) or not np.linalg.norm(vector) > 0:
        raise ValueError(f"Argument `normal` must be a vector with a direction, but got {normal!r}.")
    return vector / np.linalg.norm(vector)


def _faces(term: DMI, sample: Sample) -> list[tuple[Axis, Vector, Array, Array]]:
    """For each axis its vector, and the D/d of the faces to the next and the previous cell, J/m³."""
    D = sample.value(term.D)
    cells, sizes = (dict(zip(AXES, v, strict=True)) for v in (sample.mesh.cells, sample.mesh.cell_size))
    found: list[tuple[Axis, Vector, Array, Array]] = []
    for axis, v in term.vectors:
        if cells[axis] == 1:
            continue
        if D.ndim == 0 and sample.occupied is None and not (term.between or term.scale):
            # One number: beyond a free end the rim of the field is zero, and carries nothing.
            found.append((axis, v, D / sizes[axis], D / sizes[axis]))
        else:
            forward, backward = (
                face_value(D, sample, axis, neighbour, between=term.between, scale=term.scale) / sizes[axis]
                for neighbour in (next_neighbour, previous_neighbour)
            )
            found.append((axis, v, forward, backward))
    return found


def _surfaces(term: DMI, sample: Sample) -> list[tuple[Vector, Array]]:
    """For each axis with free surfaces its vector, and D²/(2A) times the number of a cell's surfaces, J/m³."""
    if term.boundary == "open" or term.A is None:
        return []
    D, A = sample.value(term.D), sample.value(term.A)
    stiffness = jnp.where(A != 0, D * D / (2 * jnp.where(A != 0, A, 1)), 0)
    found = []
    for axis, v in term.vectors:
        if sample.mesh.cells[AXES.index(axis)] > 1:
            sides = (joined(sample, axis, neighbour) for neighbour in (next_neighbour, previous_neighbour))
            missing = sum((1 - side.astype(sample.dtype) for side in sides), start=jnp.zeros((), sample.dtype))
            found.append((v, stiffness * missing))
    return found


def _times(field: Array, v: Vector) -> Array:
    """Field × v; products with zeros are left out, for v mostly is an axis."""
    x, y, z = components(field)
    zero = jnp.zeros_like(x)

    def difference(a: Array, p: float, b: Array, q: float) -> Array:
        first = p * a if p else zero
        return first - q * b if q else first

    return jnp.concatenate(
        [difference(y, v[2], z, v[1]), difference(z, v[0], x, v[2]), difference(x, v[1], y, v[0])], axis=0
    )


def _over(coefficient: Array) -> Array:
    return coefficient[None] if coefficient.ndim == 3 else coefficient
