"""What a run is, part by part, so that a resumed one can be held against it and the part that differs be named."""

import dataclasses
import functools
import hashlib
import inspect
import types
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from magjax.material.derived import Derived
from magjax.run.chunk import Problem

#: Spins that tell whether two starts are the same.
_PROBES = 64
#: How far the probed spins may differ: a start computed anew, on other threads, is still the same start.
_PROBE_TOLERANCE = 1e-3


def identity(problem: Problem, save_every: float, fields_every: float | None) -> dict[str, str]:
    """A digest of each part of a run that its continuation depends on, the same in every process.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.run.chunk import Problem
    >>> from magjax.run.identity import differences, identity
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> def of(alpha):
    ...     system = mj.System(spin.mesh, Ms=8e5, alpha=alpha, energy=spin.energy)
    ...     zero = jnp.zeros(())
    ...     return identity(Problem(system, mj.LLG(), None, None, {}, zero, zero, 1e-5, None, zero.dtype), 1e-12, None)
    >>> differences(of(0.1), of(0.1)), differences(of(0.1), of(0.2))
    ([], ['alpha'])
    """
    system = problem.system
    parts: dict[str, Any] = {
        **system.numbers,
        "precision": str(np.dtype(problem.dtype)),
        "dynamics": problem.dynamics,
        "solver": problem.solver,
        "tolerance": problem.tolerance,
        "dt": problem.dt,
        "t0": problem.t0,
        "observe": problem.observe,
        "save_every": save_every,
        "fields_every": fields_every,
    }
    return {name: digest(part) for name, part in parts.items()}


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Names of the parts in which two identities differ."""
    return [name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name)]


def digest(part: Any) -> str:
    """A short hash of anything a problem is made of.

    >>> from magjax.run.identity import digest
    >>> digest(lambda t: 2 * t) == digest(lambda t: 2 * t), digest(lambda t: 2 * t) == digest(lambda t: 3 * t)
    (True, False)
    """
    found = hashlib.sha256()
    _feed(found, part, set())
    return found.hexdigest()[:16]


def probe(m: Any) -> list[float]:
    """A few evenly spaced spins of a state, to recognise it by.

    >>> import numpy as np
    >>> from magjax.run.identity import probe
    >>> probe(np.arange(6.0).reshape(3, 1, 1, 2))
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    flat = np.asarray(m).reshape(3, -1)
    return flat[:, :: max(1, flat.shape[1] // _PROBES)][:, :_PROBES].astype(np.float64).ravel().tolist()


def same_state(old: list[float], new: list[float]) -> bool:
    """Whether two probes are of the same state.

    >>> from magjax.run.identity import same_state
    >>> same_state([1.0, 0.0, 0.0], [0.99999, 0.001, 0.0]), same_state([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    (True, False)
    """
    return len(old) == len(new) and bool(np.all(np.abs(np.subtract(old, new)) <= _PROBE_TOLERANCE))


def _feed(found: Any, node: Any, seen: set[int]) -> None:
    """Feed a node and what it consists of into a hash; every kind is marked, so that no two trees read the same."""
    if isinstance(node, Derived):
        # Kernels follow from the mesh and may fill gigabytes; masks are all there is of a shape.
        leaves = [x for x in jax.tree_util.tree_leaves(node.value) if hasattr(x, "dtype")]
        _feed(found, [x if x.dtype == bool else (str(x.shape), str(x.dtype)) for x in leaves], seen)
    elif isinstance(node, (jax.Array, np.ndarray, np.generic)):
        if isinstance(node, jax.Array) and jnp.issubdtype(node.dtype, jax.dtypes.prng_key):
            node = jax.random.key_data(node)
        array = np.ascontiguousarray(np.asarray(node))
        found.update(f"array {array.dtype} {array.shape}".encode())
        found.update(array.reshape(-1).view(np.uint8).data)
    elif isinstance(node, Mapping):
        found.update(f"mapping {len(node)}".encode())
        for key in sorted(node, key=str):
            _feed(found, [key, node[key]], seen)
    elif isinstance(node, (list, tuple, set, frozenset)):
        items = sorted(node, key=repr) if isinstance(node, (set, frozenset)) else node
        found.update(f"list {len(node)}".encode())
        for item in items:
            _feed(found, item, seen)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        found.update(type(node).__qualname__.encode())
        _feed(found, {f.name: getattr(node, f.name, None) for f in dataclasses.fields(node)}, seen)
    elif callable(node) or isinstance(node, types.CodeType):
        _feed_callable(found, node, seen)
    else:
        found.update(f"{type(node).__name__} {node!r}".encode())


def _feed_callable(found: Any, node: Any, seen: set[int]) -> None:
    """A function and what it wraps or holds fixed."""
    if isinstance(node, (types.FunctionType, types.CodeType)):
        _feed_code(found, node, seen)
    elif isinstance(node, functools.partial):
        _feed(found, ["partial", node.func, node.args, node.keywords], seen)
    elif inspect.unwrap(node) is not node:
        _feed(found, inspect.unwrap(node), seen)
    else:
        # Compiled functions of a library: their names stand for them.
        found.update(
            f"{getattr(node, '__module__', '')}.{getattr(node, '__qualname__', type(node).__qualname__)}".encode()
        )


def _feed_code(found: Any, function: types.FunctionType | types.CodeType, seen: set[int]) -> None:
    """A Python function: what it does and what it has closed over, but not where it lies in memory or in a file."""
    if id(function) in seen:
        return
    seen = seen | {id(function)}
    code = function.__code__ if isinstance(function, types.FunctionType) else function
    found.update(b"code" + code.co_code)
    _feed(found, [code.co_consts, code.co_names, code.co_varnames], seen)
    if isinstance(function, types.FunctionType):
        closed = [cell.cell_contents for cell in function.__closure__ or ()]
        _feed(found, [function.__defaults__, function.__kwdefaults__, closed], seen)
