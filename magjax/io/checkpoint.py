"""The exact state of a computation on disk: any pytree of arrays, random keys and numbers.

A file is one line that says what it is, the SHA-256 of everything after it, one line of JSON that describes the
leaves, and their bytes. It is written beside its name and renamed, so the last good checkpoint always survives; the
hash tells a damaged one before anything is read from it.
"""

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from magjax.io import metadata as _metadata
from magjax.io.atomic import replacing
from magjax.io.errors import FileFormatError

_MAGIC = b"magjax checkpoint "
_VERSION = 1
_CHUNK = 1 << 22
_SCALARS = (bool, int, float, complex, str)  # bool before int, which it is a kind of


@dataclasses.dataclass(frozen=True)
class _Leaf:
    """What identifies one leaf: where it sits, what it is, how large."""

    where: str
    kind: str
    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.dtype}{list(self.shape)}" if self.kind in ("array", "key") else self.kind


def save(path: str | os.PathLike[str], tree: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Save a pytree to the last bit, replacing the earlier checkpoint only once this one is whole.

    **Arguments**

    - `path`: the file, by custom `.ckpt`.
    - `tree`: any pytree whose leaves are jax or numpy arrays, random keys, Python numbers or strings. Other
      leaves, such as functions, are not saved: `load` takes them from its template.
    - `metadata`: dict of JSON-like values.

    >>> import jax, jax.numpy as jnp
    >>> from magjax.io import checkpoint
    >>> state = {"m": jnp.ones((3, 1, 2, 4)), "key": jax.random.key(7), "t": 1e-10}
    >>> checkpoint.save("run.ckpt", state, {"step": 12})
    >>> tree, metadata = checkpoint.load("run.ckpt", template=state)
    >>> tree["t"], tree["m"].shape, metadata
    (1e-10, (3, 1, 2, 4), {'step': 12})
    """
    leaves = [(_describe(where, leaf), leaf) for where, leaf in _leaves(tree)]
    arrays = [_bytes(leaf) for what, leaf in leaves if what.kind in ("array", "key")]
    head = {
        "version": _VERSION,
        "leaves": [dataclasses.asdict(what) for what, _ in leaves],
        # Text keeps every bit of a float and every digit of an integer.
        "scalars": [_spelled(leaf) for what, leaf in leaves if what.kind in _names_of_scalars()],
        # A shape that stands for a key does not say which generator the key is for.
        "generators": [_generator(leaf) for what, leaf in leaves if what.kind == "key"],
        "metadata": dict(metadata or {}),
    }
    line = _metadata.dumps(head).encode() + b"\n"
    digest = hashlib.sha256(line)
    for array in arrays:
        digest.update(array)
    with replacing(path) as file:
        file.write(_MAGIC + f"{_VERSION} sha256 {digest.hexdigest()}\n".encode() + line)
        for array in arrays:
            file.write(array)


def load(path: str | os.PathLike[str], template: Any) -> tuple[Any, dict[str, Any]]:
    """Load a pytree that `save` wrote, with the structure of a template.

    **Arguments**

    - `path`: the file.
    - `template`: a pytree with the same structure, shapes and types, such as the state a run would start from;
      `jax.ShapeDtypeStruct` may stand for arrays. Leaves come back as what they are there: jax arrays as jax arrays,
      numpy arrays as numpy arrays, numbers as numbers.

    **Returns** the tree and the metadata.

    **Raises** `FileFormatError` if the file is no checkpoint, is damaged, or belongs to another system; the message
    names the first leaf that differs.
    """
    with Path(path).open("rb") as file:
        _check_hash(path, file)
        head = json.loads(file.readline())
        saved = [_Leaf(**{**entry, "shape": tuple(entry["shape"])}) for entry in head["leaves"]]
        wanted = _leaves(template)
        _check_structure(path, saved, [_describe(where, leaf) for where, leaf in wanted])
        scalars, generators = iter(head["scalars"]), iter(head["generators"])
        leaves = []
        for what, (_, leaf) in zip(saved, wanted, strict=True):
            if what.kind == "key":
                leaves.append(_key(file, what, leaf, next(generators)))
            elif what.kind == "array":
                leaves.append(_array(file, what, leaf))
            elif what.kind in _names_of_scalars():
                leaves.append(_understood(next(scalars), type(leaf)))
            else:
                leaves.append(leaf)
    import jax

    return jax.tree.unflatten(jax.tree.structure(template), leaves), head["metadata"]


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The metadata of a checkpoint alone, without a template.

    **Raises** `FileFormatError` if the file is no checkpoint or is damaged.
    """
    with Path(path).open("rb") as file:
        _check_hash(path, file)
        return json.loads(file.readline())["metadata"]


def _leaves(tree: Any) -> list[tuple[str, Any]]:
    import jax

    return [(jax.tree_util.keystr(where) or "the whole", leaf) for where, leaf in jax.tree.leaves_with_path(tree)]


def _names_of_scalars() -> tuple[str, ...]:
    return tuple(kind.__name__ for kind in _SCALARS)


def _describe(where: str, leaf: Any) -> _Leaf:
    import jax
    import jax.numpy as jnp

    if isinstance(leaf, _SCALARS) and not isinstance(leaf, np.generic):
        return _Leaf(where, type(leaf).__name__, "", ())
    if not isinstance(leaf, jax.Array | jax.ShapeDtypeStruct | np.ndarray | np.generic):
        return _Leaf(where, "static", "", ())
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return _Leaf(where, "key", str(leaf.dtype), leaf.shape)
    if leaf.dtype.hasobject:
        raise ValueError(f"Argument `tree` must hold arrays of numbers, but got an array of objects at {where}.")
    return _Leaf(where, "array", leaf.dtype.name, leaf.shape)


def _bytes(leaf: Any) -> memoryview:
    import jax
    import jax.numpy as jnp

    if isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    array = np.ascontiguousarray(np.asarray(leaf))
    little = array.astype(array.dtype.newbyteorder("<"), copy=False) if array.dtype.kind in "iufc" else array
    return little.reshape(-1).view(np.uint8).data


def _generator(key: Any) -> str:
    import jax

    return str(jax.random.key_impl(key))


def _key(file: BinaryIO, what: _Leaf, leaf: Any, generator: str) -> Any:
    import jax
    import jax.numpy as jnp

    data = jax.eval_shape(jax.random.key_data, jax.ShapeDtypeStruct(what.shape, leaf.dtype))
    raw = np.frombuffer(file.read(math.prod(data.shape) * data.dtype.itemsize), data.dtype).reshape(data.shape)
    return jax.random.wrap_key_data(jnp.asarray(raw), impl=generator)


def _array(file: BinaryIO, what: _Leaf, leaf: Any) -> Any:
    import jax.numpy as jnp

    dtype = np.dtype(leaf.dtype)
    little = dtype.newbyteorder("<") if dtype.kind in "iufc" else dtype
    raw = np.frombuffer(file.read(math.prod(what.shape) * dtype.itemsize), little)
    array = raw.astype(dtype).reshape(what.shape)
    if isinstance(leaf, np.ndarray):
        return array
    if isinstance(leaf, np.generic):
        return array[()]
    if getattr(leaf, "weak_type", False) and array.ndim == 0:
        # A number that came from Python promotes differently, so it must come back as one.
        return jnp.asarray(array.item())
    return jnp.asarray(array)


def _spelled(leaf: Any) -> Any:
    if isinstance(leaf, complex):
        return [leaf.real.hex(), leaf.imag.hex()]
    if isinstance(leaf, float):
        return leaf.hex()
    return str(leaf)


def _understood(text: Any, kind: type) -> Any:
    if kind is bool:
        return text == "True"
    if kind is float:
        return float.fromhex(text)
    if kind is complex:
        return complex(*map(float.fromhex, text))
    return kind(text)


def _check_hash(path: str | os.PathLike[str], file: BinaryIO) -> None:
    """Leaves the file at the line of JSON."""
    words = file.readline(200).split()
    if len(words) != 5 or b" ".join(words[:2]) + b" " != _MAGIC:
        raise FileFormatError(path, "it is no checkpoint of magjax", "give the .ckpt file that a run wrote")
    if words[2] != str(_VERSION).encode():
        version = words[2].decode("ascii", errors="replace")
        raise FileFormatError(path, f"it has version {version} of the format, not {_VERSION}", "update magjax")
    start = file.tell()
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    if digest.hexdigest().encode() != words[4]:
        raise FileFormatError(path, "it is damaged or cut short: its hash is wrong", "use an earlier checkpoint")
    file.seek(start)


def _check_structure(path: str | os.PathLike[str], saved: list[_Leaf], wanted: list[_Leaf]) -> None:
    remedy = "it belongs to another system or other settings: start afresh, or give the system it was saved from"
    for have, want in zip(saved, wanted, strict=False):
        if have.where != want.where:
            raise FileFormatError(path, f"it holds {have.where} where this run has {want.where}", remedy)
        if have != want:
            slip = "; was the precision changed?" if have.shape == want.shape and have.kind == want.kind else ""
            raise FileFormatError(path, f"{have.where} is {have} there, but {want} in this run{slip}", remedy)
    if len(saved) != len(wanted):
        longer = saved if len(saved) > len(wanted) else wanted
        only = "it" if longer is saved else "this run"
        raise FileFormatError(path, f"only {only} has {longer[min(len(saved), len(wanted))].where}", remedy)
