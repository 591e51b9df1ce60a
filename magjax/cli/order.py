"""What `magjax run` was told."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from magjax.cli.voice import Voice

if TYPE_CHECKING:
    from magjax.config.execute import Options


@dataclasses.dataclass(frozen=True)
class Order:
    """A configuration and what is to be done with it.

    - `config`: its file, and `tables` what that says. `out`: folder for the results.
    - `resume`, `overwrite`: what to do with earlier results.
    - `precision`, `device`: as the person wishes, else `None`.
    - `quiet`: say nothing but errors.

    >>> from pathlib import Path
    >>> from magjax.cli.order import Order
    >>> Order(Path("film.toml"), {"title": "A film"}, Path("out/film")).head("a study")
    'A film: a study, results in out/film'
    """

    config: Path
    tables: Mapping[str, Any]
    out: Path
    resume: bool = False
    overwrite: bool = False
    precision: Literal["single", "double"] | None = None
    device: Literal["cpu", "gpu"] | None = None
    quiet: bool = False

    def prepared(self, precision: Literal["single", "double"] | None) -> str:
        """Set up jax; the precision that it will compute in, `precision` unless the person wishes otherwise."""
        from magjax.cli.environment import prepare

        return prepare(device=self.device, precision=self.precision or precision)

    def head(self, what: str) -> str:
        """The line that a run begins with."""
        return f"{self.tables.get('title') or self.config.stem}: {what}, results in {self.out}"

    def options(self, what: str) -> "Options":
        """How the configuration is run."""
        from magjax.config.execute import Options

        voice = Voice(self.head(what), silent=self.quiet)
        return Options(resume=self.resume, overwrite=self.overwrite, progress=not self.quiet, say=voice)
