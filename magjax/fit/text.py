"""Numbers with their errors, as people write them."""

import math


def with_error(value: float, error: float) -> str:
    """A value and its error, to two digits of the latter.

    >>> from magjax.fit.text import with_error
    >>> with_error(0.09970, 0.00268), with_error(1.3012e-11, 2.1e-13), with_error(2.0, float("inf"))
    ('0.0997 ± 0.0027', '(1.301 ± 0.021)e-11', '2 ± ∞')
    """
    if not math.isfinite(value):
        return f"{value}"
    if not math.isfinite(error) or error == 0:
        return f"{value:.6g} ± {'∞' if error else '0'}"
    largest = max(abs(value), error)
    power = math.floor(math.log10(largest))
    power = 0 if -4 < power < 6 else power
    digits = max(0, 1 - math.floor(math.log10(error / 10.0**power) + 1e-12))
    if digits > 15:
        return f"{value!r} ± {error:.2g}"
    text = f"{value / 10.0**power:.{digits}f} ± {error / 10.0**power:.{digits}f}"
    return f"({text})e{power:d}" if power else text


def columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns stand below each other.

    >>> from magjax.fit.text import columns
    >>> columns([("a", "1"), ("long", "2")])
    ['a     1', 'long  2']
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
