"""A type checker for jaxtyping's import hook that looks at the shapes and dtypes of results, and at nothing else.

General checkers insist that a `float` is no `int` and no traced array. And wrong arguments are the library's to refuse,
with messages that tests read; here they only fix what the names of axes stand for in the result.
"""

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

import jaxtyping


def check_shapes(function: Callable) -> Callable:
    """Check the result of a function that is annotated with a shape, such as `Float[Array, "3 nz ny nx"]`."""
    signature = inspect.signature(function)
    promised = _shapes(signature.return_annotation)
    if not promised:
        return function
    named = {p.name: _shapes(p.annotation) for p in signature.parameters.values()}

    @functools.wraps(function)
    def checking(*args: Any, **kwargs: Any) -> Any:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            any(isinstance(value, shape) for shape in named[name])  # the test binds the names of the axes
        result = function(*args, **kwargs)
        # Where an annotation also allows numbers or None, only arrays have a shape to be wrong.
        is_array = hasattr(result, "shape") and hasattr(result, "dtype")
        if is_array and not any(isinstance(result, shape) for shape in promised):
            names = " or ".join(shape.__name__ for shape in promised)
            raise TypeError(f"The result must be {names}, but got {result.dtype} of shape {result.shape}.")
        return result

    return checking


def _shapes(annotation: Any) -> tuple[type, ...]:
    """The shapes that an annotation allows; none where it speaks of something else."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(shape for part in typing.get_args(annotation) for shape in _shapes(part))
    is_shape = inspect.isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray)
    return (annotation,) if is_shape else ()
