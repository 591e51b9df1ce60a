"""The spins of a state as the fields that files hold: one of a ferromagnet, one for each sublattice."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def field_names(sublattices: Sequence[str]) -> tuple[str, ...]:
    """`m` of a ferromagnet; `m_a`, `m_b` of sublattices a and b.

    >>> from magjax.run.state_fields import field_names
    >>> field_names(()), field_names(("a", "b"))
    (('m',), ('m_a', 'm_b'))
    """
    return tuple(f"m_{name}" for name in sublattices) or ("m",)


def fields_of(m: Any, sublattices: Sequence[str]) -> dict[str, np.ndarray]:
    """The fields `(3, nz, ny, nx)` of a state by name, in memory of their own.

    >>> import numpy as np
    >>> from magjax.run.state_fields import fields_of
    >>> {name: field.shape for name, field in fields_of(np.zeros((2, 3, 1, 1, 4)), ("a", "b")).items()}
    {'m_a': (3, 1, 1, 4), 'm_b': (3, 1, 1, 4)}
    """
    m = np.array(m)
    return dict(zip(field_names(sublattices), m if sublattices else [m], strict=True))


def state_of(read: Callable[[str], Any], sublattices: Sequence[str]) -> np.ndarray:
    """The state whose fields a function reads by name.

    >>> import numpy as np
    >>> from magjax.run.state_fields import state_of
    >>> state_of({"m_a": np.zeros((3, 1, 1, 4)), "m_b": np.ones((3, 1, 1, 4))}.get, ("a", "b")).shape
    (2, 3, 1, 1, 4)
    """
    fields = [read(name) for name in field_names(sublattices)]
    return np.stack(fields) if sublattices else fields[0]


def shown(m: Any, sublattices: Sequence[str], name: str | None = None) -> tuple[np.ndarray, str]:
    """What a picture shows of a state, and its name: a ferromagnet's spins, one sublattice's, or the Néel vector.

    - `name`: a sublattice; by default the Néel vector (m_a − m_b)/2 of two, and of more the first sublattice.

    **Raises** `ValueError` for a sublattice that is none.

    >>> import numpy as np
    >>> from magjax.run.state_fields import shown
    >>> shown(np.zeros((2, 3, 1, 1, 4)), ("a", "b"))[1], shown(np.zeros((2, 3, 1, 1, 4)), ("a", "b"), "b")[1]
    ('n', 'm_b')
    """
    m = np.asarray(m)
    if name is not None and name not in sublattices:
        raise ValueError(f"Argument `sublattice` must be one of {list(sublattices)}, but got {name!r}.")
    if not sublattices:
        return m, "m"
    if name is None and len(sublattices) == 2:
        return (m[0] - m[1]) / 2, "n"
    name = sublattices[0] if name is None else name
    return m[sublattices.index(name)], f"m_{name}"
