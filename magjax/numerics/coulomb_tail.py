"""Derivatives of u = 1/(4π r), integrated from a point to infinity along one axis or two.

They are what a continuous row, or plane, of sources far away adds to a kernel. Integrating along an axis cancels a
derivative along it; where there is none, ∫_a^∞ dr_a/r = −ln(r + a) up to a constant.
"""

import numpy as np

from magjax.mesh import AXES
from magjax.numerics.newell import COMPONENTS

_FOUR_PI = 4 * np.pi


def dipole_tail(x: np.ndarray, y: np.ndarray, z: np.ndarray, tails: str) -> tuple[np.ndarray, ...]:
    """∫ −∂_i∂_j u along the axes `tails`, in the order of `COMPONENTS`; at x, y, z > 0 along them.

    >>> import numpy as np
    >>> from magjax.numerics.coulomb_tail import dipole_tail
    >>> end = dipole_tail(np.array(3.0), np.array(0.0), np.array(0.0), "x")
    >>> float((end[0] * 4 * np.pi).round(6))  # the charge at the end of a row: −1/r²
    -0.111111
    """
    at = {"x": x, "y": y, "z": z}
    r = np.sqrt(x * x + y * y + z * z)
    entries = {}
    for name in COMPONENTS:
        i, j = name
        if len(tails) == 1:
            a = at[tails]
            if tails in name:
                other = j if i == tails else i
                entries[name] = -at[other] / r**3
            else:
                entries[name] = -at[i] * at[j] * (2 * r + a) / (r**3 * (r + a) ** 2)
                if i == j:
                    entries[name] = entries[name] + 1 / (r * (r + a))
        elif set(name) == set(tails):
            entries[name] = -1 / r
        elif (i in tails) != (j in tails) or (i == j and i in tails):
            inside = i if i in tails else j
            derivative = i if i == j else (j if i in tails else i)
            beyond = at[tails.replace(inside, "")]
            entries[name] = -at[derivative] / (r * (r + beyond))
    if len(tails) == 2:
        (c,) = set(AXES) - set(tails)
        entries[c + c] = -(entries[tails[0] * 2] + entries[tails[1] * 2])
    return tuple(entries[name] / _FOUR_PI for name in COMPONENTS)


def gradient_tail(x: np.ndarray, y: np.ndarray, z: np.ndarray, tails: str) -> tuple[np.ndarray, ...]:
    """∫ ∂_i u along the axes `tails`, i = x, y, z; at x, y, z > 0 along them.

    Along two axes the components along either have a constant that is infinite; it is left out, for it cancels between
    the two ends of a row.

    >>> import numpy as np
    >>> from magjax.numerics.coulomb_tail import gradient_tail
    >>> plane = gradient_tail(np.array(1e-9), np.array(1e-9), np.array(1.0), "xy")
    >>> float(plane[2].round(6))  # a quarter of a plane of charges: −1/8
    -0.125
    """
    at = {"x": x, "y": y, "z": z}
    r = np.sqrt(x * x + y * y + z * z)
    parts = []
    for i in AXES:
        if len(tails) == 1:
            parts.append(-1 / r if i == tails else -at[i] / (r * (r + at[tails])))
        elif i in tails:
            parts.append(np.log(r + at[tails.replace(i, "")]))
        else:
            a, b, c = at[tails[0]], at[tails[1]], np.abs(at[i])
            angle = np.pi / 2 - np.arctan2(a, c) - np.arctan2(b, c) + np.arctan2(a * b, c * r)
            parts.append(-np.sign(at[i]) * angle)
    return tuple(part / _FOUR_PI for part in parts)
