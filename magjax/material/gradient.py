"""Derivatives with respect to systems: every physical number, and no derived data."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from magjax.material.derived import Derived, is_derived


def parameters(tree: Any) -> Any:
    """A filter: `True` at every physical number of a pytree, `False` at derived data and everything else.

    >>> import jax, magjax as mj
    >>> from magjax.material.gradient import parameters
    >>> film = mj.System(mj.Mesh((2, 1, 1), 5e-9), Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1e-11))
    >>> sum(jax.tree_util.tree_leaves(parameters(film)))  # Ms, alpha, gamma, A
    4
    """

    def wanted(node: Any) -> Any:
        return (
            jax.tree_util.tree_map(lambda _: False, node) if isinstance(node, Derived) else eqx.is_inexact_array(node)
        )

    return jax.tree_util.tree_map(wanted, tree, is_leaf=is_derived)


def value_and_grad(function: Callable[..., Any], *, has_aux: bool = False) -> Callable[..., Any]:
    """Value and gradient of `function` with respect to every physical number in its first argument.

    The gradient has the structure of the argument, with `None` in place of what is not a parameter (kernels, masks,
    whole numbers); each entry is in the units of the function's value per unit of the parameter.

    - `function`: a function whose value is one number. `has_aux`: it returns `(value, anything)`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> m = mj.textures.uniform(mesh, (0, 0, 1))
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.5)))
    >>> value, slope = mj.value_and_grad(lambda s: s.total_energy(m) / (mesh.n_cells * mesh.cell_volume))(film)
    >>> round(float(value)), round(float(slope.Ms), 6)
    (-400000, -0.5)
    """

    def wrapped(first: Any, *args: Any, **kwargs: Any) -> Any:
        moving, fixed = eqx.partition(first, parameters(first))

        def of(moving: Any) -> Any:
            return function(eqx.combine(moving, fixed), *args, **kwargs)

        return jax.value_and_grad(of, has_aux=has_aux)(moving)

    return wrapped


def grad(function: Callable[..., Any], *, has_aux: bool = False) -> Callable[..., Any]:
    """Gradient of `function` with respect to every physical number in its first argument; see `value_and_grad`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> m = mj.textures.uniform(mesh, (0, 0, 1))
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 0.5)))
    >>> mj.grad(lambda s: s.average(m)[2] * s.alpha)(film).alpha.item()
    1.0
    """
    both = value_and_grad(function, has_aux=has_aux)

    def wrapped(first: Any, *args: Any, **kwargs: Any) -> Any:
        value, slope = both(first, *args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return wrapped
