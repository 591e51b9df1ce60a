"""Where a result came from: enough to repeat it, nothing that tells whose machine it was."""

import dataclasses
import datetime as dt
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np

from magjax._version import __version__

_PACKAGES = ("jax", "jaxlib", "diffrax", "equinox", "numpy")


def gather(
    *,
    config: str | None = None,
    seed: int | None = None,
    dtype: Any = None,
    timings: Mapping[str, float] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """Versions, platform, device, date, and what the caller knows about the run.

    The host's and the user's names are left out, so that a result can be published as it is.

    **Arguments**

    - `config`: the whole text of the configuration.
    - `seed`: seed of the random numbers.
    - `dtype`: floating-point type of the run; `None` means jax's default.
    - `timings`: wall-clock times by name, s.
    - `extra`: anything else that JSON can hold; arrays become lists.

    **Returns** a dict that `json.dumps` takes as it is.

    >>> from magjax.io import metadata
    >>> origin = metadata.gather(seed=7, timings={"evolve": 1.5})
    >>> origin["seed"], origin["timings"], sorted(origin["versions"])[:3]
    (7, {'evolve': 1.5}, ['diffrax', 'equinox', 'jax'])
    """
    import jax

    device = jax.devices()[0]
    found = {
        "versions": {"python": platform.python_version(), "magjax": __version__}
        | {name: importlib.metadata.version(name) for name in _PACKAGES},
        "platform": f"{platform.system()} {platform.machine()}",
        "device": {"platform": device.platform, "kind": device.device_kind, "count": jax.device_count()},
        "dtype": str(np.dtype(dtype or jax.dtypes.canonicalize_dtype(np.float64))),
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "timings": dict(timings or {}),
        "config": config,
        **extra,
    }
    return json.loads(dumps({key: value for key, value in found.items() if value is not None and value != {}}))


def dumps(metadata: Mapping[str, Any]) -> str:
    """Metadata as one line of ASCII JSON, the form in which every file format carries it.

    Arrays become lists, paths and other objects their text.

    >>> import numpy as np
    >>> from magjax.io import metadata
    >>> metadata.dumps({"cells": np.array([2, 3]), "alpha": np.float32(0.5)})
    '{"cells": [2, 3], "alpha": 0.5}'
    """
    return json.dumps(dict(metadata), default=_plain)


def loads(text: str) -> dict[str, Any]:
    """The inverse of `dumps`; text that is not a JSON object comes back as `{"text": …}`."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        return np.asarray(value).tolist()
    return str(value)
