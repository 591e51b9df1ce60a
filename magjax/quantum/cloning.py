"""Copying of unknown quantum states: why it cannot be done, and how well it can."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.quantum.checks import check_state

#: Six states ½ along ±x, ±y, ±z: over them polynomials up to |ψ|⁶ have the mean that they have over the Bloch sphere.
_OCTAHEDRON = np.array(
    [[1, 0], [0, 1], *([2**-0.5, 2**-0.5 * phase] for phase in (1, -1, 1j, -1j))],
    complex,
)


def overlap_defect(psi: Any, phi: Any) -> Array:
    """By how much cloning both states would break unitarity: x − x² with x = |⟨ψ|φ⟩|.

    A unitary map keeps overlaps, but copies |ψψ⟩ and |φφ⟩ overlap by x². Both agree for x = x²: for equal (x = 1)
    and orthogonal (x = 0) states only, which is what makes classical bits copyable. At worst, x = ½, it is ¼; over all
    pairs of spins ½ it is ⅙ in the mean.

    - `psi`, `phi`: states `(dim,)`.

    Source: W. K. Wootters and W. H. Zurek, Nature 299, 802 (1982).

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> round(float(quantum.overlap_defect(jnp.array([1.0, 0.0]), jnp.array([0.5, 0.75**0.5]))), 6)
    0.25
    """
    psi = check_state(psi, "psi", jnp.shape(psi)[-1])
    # The phase of a state means nothing, and a machine may give its copies any.
    overlap = jnp.abs(jnp.vdot(psi, check_state(phi, "phi", psi.shape[0])))
    return overlap - overlap**2


def cnot_cloner() -> Array:
    """The cloner that copies ↑ and ↓ exactly: CNOT with a blank |↑⟩, (α, β) → α|↑↑⟩ + β|↓↓⟩, as an isometry `(4, 2)`.

    >>> from magjax import quantum
    >>> quantum.cnot_cloner().real.tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    """
    blank = jnp.kron(jnp.eye(2), jnp.array([[1.0], [0.0]]))
    cnot = jnp.eye(4)[jnp.array([0, 1, 3, 2])]
    return (cnot @ blank).astype(jnp.result_type(complex))


def universal_cloner() -> Array:
    """The optimal cloner that treats all states of a spin ½ alike, as an isometry `(8, 2)`: two copies and an ancilla.

    |↑⟩ → √⅔|↑↑⟩|↑⟩ + √⅓|+⟩|↓⟩ and |↓⟩ → √⅔|↓↓⟩|↓⟩ + √⅓|+⟩|↑⟩ with |+⟩ = (|↑↓⟩ + |↓↑⟩)/√2. Each copy has the fidelity ⅚.

    Source: V. Bužek and M. Hillery, Phys. Rev. A 54, 1844 (1996).

    >>> from magjax import quantum
    >>> round(float(quantum.mean_fidelity(quantum.universal_cloner())), 6)
    0.833333
    """
    both, mixed = (2 / 3) ** 0.5, (1 / 6) ** 0.5
    image = np.zeros((2, 2, 2, 2))  # first copy, second copy, ancilla; the original
    image[0, 0, 0, 0] = image[1, 1, 1, 1] = both
    image[0, 1, 1, 0] = image[1, 0, 1, 0] = image[0, 1, 0, 1] = image[1, 0, 0, 1] = mixed
    return jnp.asarray(image.reshape(8, 2), jnp.result_type(complex))


def copy_fidelity(cloner: Any, psi: Any, copy: int = 0) -> Array:
    """How well one copy alone is the original, ⟨ψ|ρ_copy|ψ⟩.

    - `cloner`: an isometry `(4·k, 2)` into two copies and an ancilla of k levels. `psi`: the original `(2,)`.
    - `copy`: 0 or 1.

    **Raises** `ValueError` for what is no isometry of a spin ½, or no copy.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> round(float(quantum.copy_fidelity(quantum.cnot_cloner(), jnp.array([1.0, 1.0]) / 2**0.5)), 6)
    0.5
    """
    if copy not in (0, 1):
        raise ValueError(f"Argument `copy` must be 0 or 1, but got {copy!r}.")
    psi = check_state(psi, "psi", 2)
    out = (_isometry(cloner) @ psi).reshape(2, 2, -1)
    found = jnp.einsum("p,pqk->qk" if copy == 0 else "q,pqk->pk", psi.conj(), out)
    return jnp.sum(jnp.abs(found) ** 2)


def joint_fidelity(cloner: Any, psi: Any) -> Array:
    """How well both copies together are two originals, ⟨ψψ|ρ|ψψ⟩.

    - `cloner`: an isometry `(4·k, 2)` into two copies and an ancilla of k levels. `psi`: the original `(2,)`.

    **Raises** `ValueError` for what is no isometry of a spin ½.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> round(float(quantum.joint_fidelity(quantum.cnot_cloner(), jnp.array([1.0, 1.0]) / 2**0.5)), 6)
    0.5
    """
    psi = check_state(psi, "psi", 2)
    out = (_isometry(cloner) @ psi).reshape(2, 2, -1)
    found = jnp.einsum("p,q,pqk->k", psi.conj(), psi.conj(), out)
    return jnp.sum(jnp.abs(found) ** 2)


def mean_fidelity(cloner: Any, *, joint: bool = False) -> Array:
    """Mean fidelity over all directions of the original: of the first copy, or of both together (`joint`); exact.

    | | one copy | both together |
    |---|---|---|
    | CNOT | ⅔ | ½ |
    | universal | ⅚ | ⅔ |

    The "½ of a CNOT cloner" is therefore that of both copies as a pair.

    - `cloner`: an isometry `(4·k, 2)` into two copies and an ancilla of k levels.

    **Raises** `ValueError` for what is no isometry of a spin ½.

    >>> from magjax import quantum
    >>> round(float(quantum.mean_fidelity(quantum.cnot_cloner(), joint=True)), 6)
    0.5
    """
    cloner = _isometry(cloner)
    measure = joint_fidelity if joint else copy_fidelity
    return jnp.mean(jax.vmap(lambda psi: measure(cloner, psi))(jnp.asarray(_OCTAHEDRON, cloner.dtype)))


def _isometry(cloner: Any) -> Array:
    array = jnp.asarray(cloner)
    array = array.astype(jnp.result_type(array.dtype, jnp.complex64))
    if array.ndim != 2 or array.shape[1] != 2 or array.shape[0] % 4:
        raise ValueError(
            f"Argument `cloner` must be an isometry of shape (4·k, 2) from a spin ½ into two and more levels, "
            f"but got {array.shape}."
        )
    if not isinstance(array, Tracer):
        known = np.asarray(array)
        if np.abs(known.conj().T @ known - np.eye(2)).max() > 1e-4:
            raise ValueError("Argument `cloner` must keep lengths and angles, V†V = 1, but it does not.")
    return array
