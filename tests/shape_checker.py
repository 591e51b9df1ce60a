"""A type checker for jaxtyping's import hook that looks at shapes and dtypes, and at nothing else.

General checkers also insist that a `float` is no `int` and no traced array, which the library's own messages handle.
"""

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

import jaxtyping


def check_shapes(function: Callable) -> Callable:
    """Check each argument and result that is annotated with a shape, such as `Float[Array, "3 nz ny nx"]`."""
    signature = inspect.signature(function)
    checked = {p.name: _shapes(p.annotation) for p in signature.parameters.values() if _shapes(p.annotation)}
    result = _shapes(signature.return_annotation)
    if not checked and not result:
        return function

    @functools.wraps(function)
    def checking(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        for name, allowed in checked.items():
            _check(f"Argument `{name}`", given.get(name), allowed)
        returned = function(*args, **kwargs)
        if result:
            _check("The result", returned, result)
        return returned

    return checking


def _shapes(annotation: Any) -> tuple[type, ...]:
    """The shapes that an annotation allows; none where it speaks of something else."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(shape for part in typing.get_args(annotation) for shape in _shapes(part))
    is_shape = inspect.isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray)
    return (annotation,) if is_shape else ()


def _check(what: str, value: Any, allowed: tuple[type, ...]) -> None:
    # Lists, numbers and None are other branches of a union; only arrays have a shape to be wrong.
    is_array = hasattr(value, "shape") and hasattr(value, "dtype")
    if is_array and not any(isinstance(value, shape) for shape in allowed):
        names = " or ".join(shape.__name__ for shape in allowed)
        raise TypeError(f"{what} must be {names}, but got {value.dtype} of shape {value.shape}.")
