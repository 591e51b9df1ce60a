"""Data computed from a geometry, carried beside the parameters of a model."""

from typing import Any

import equinox as eqx
import jax
import wadler_lindig as wl
from jaxtyping import PyTree


class Derived(eqx.Module):
    """Arrays that follow from the mesh (demagnetisation kernels, masks): leaves of a program, not parameters.

    They travel through `jit` as arguments, so they are neither compiled in nor copied; `mj.grad`, fits
    and prints pass over them.

    - `value`: any pytree of arrays.

    >>> import numpy as np
    >>> from magjax.material import Derived
    >>> Derived(np.zeros((2, 3)))
    <derived float64[2,3]>
    """

    value: PyTree[Any]

    def __repr__(self) -> str:
        leaves = [x for x in jax.tree_util.tree_leaves(self.value) if hasattr(x, "dtype")]
        shapes = ", ".join(f"{x.dtype}[{','.join(map(str, x.shape))}]" for x in leaves)
        return f"<derived {shapes}>"

    def __pdoc__(self, **_: Any) -> wl.AbstractDoc:
        # How a module that holds one prints it.
        return wl.TextDoc(repr(self))


def is_derived(node: Any) -> bool:
    """Whether a node of a pytree holds derived data; the `is_leaf` of everything that must skip it."""
    return isinstance(node, Derived)
