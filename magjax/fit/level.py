"""Levels of confidence."""


def check_level(level: float) -> None:
    """Raise `ValueError` for what is no probability between 0 and 1, such as 95 for 95 %.

    >>> from magjax.fit.level import check_level
    >>> check_level(0.95)
    """
    if not 0 < level < 1:
        raise ValueError(
            f"Argument `level` must be a probability between 0 and 1, but got {level!r}. Did you give a percentage?"
        )
