"""Tcl lists, the way OOMMF's formats write several texts on one line."""

import re
from collections.abc import Iterable

_ELEMENT = re.compile(r'\{([^{}]*)\}|"([^"]*)"|(\S+)')


def split(text: str) -> list[str]:
    """The elements of a Tcl list.

    >>> from magjax.io import tcl
    >>> tcl.split("{Total energy} m_x {}")
    ['Total energy', 'm_x', '']
    """
    return [braced or quoted or bare for braced, quoted, bare in _ELEMENT.findall(text)]


def join(elements: Iterable[str]) -> str:
    """A Tcl list of `elements`: those with spaces, and empty ones, go in braces.

    >>> from magjax.io import tcl
    >>> tcl.join(["Total energy", "m_x", ""])
    '{Total energy} m_x {}'
    """
    clean = (re.sub(r'[{}"\s]+', " ", e).strip() for e in elements)
    return " ".join(f"{{{e}}}" if e == "" or " " in e else e for e in clean)
