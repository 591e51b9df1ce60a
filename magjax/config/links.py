"""What must hold between the parts of a configuration: every name leads somewhere."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from magjax.config import sublattice_links
from magjax.config.energy import DMI, Exchange
from magjax.config.errors import line, nearest
from magjax.config.parameter import Value, parts_in
from magjax.config.solver import NOISY
from magjax.config.stage import Evolve, Path
from magjax.mesh import AXES

if TYPE_CHECKING:
    from magjax.config.config import Config


def problems(config: "Config") -> list[str]:
    """A line for each name that leads nowhere, and for each value that contradicts another part."""
    found = (
        *_regions(config), *_stages(config), *_scan(config), *_images(config), *sublattice_links.problems(config),
    )  # fmt: skip
    return list(dict.fromkeys(found))


def _regions(config: "Config") -> Iterator[str]:
    known = (*config.regions, "rest")
    named = []
    for place, part in parts_in(config):
        if isinstance(part, Value):
            named += [((*place, name), name) for name in part.regions]
        elif isinstance(part, (Exchange, DMI)):
            named += [((*place, "between", "regions"), name) for pair in part.between for name in pair.regions]
    for place, name in named:
        if name not in known:
            advice = nearest(name, known) if config.regions else "the file has no [regions]."
            yield line(place, f"must name a region, but got {name!r}; {advice}")


def _stages(config: "Config") -> Iterator[str]:
    names = config.names()
    for i, (stage, start) in enumerate(zip(config.stage, config.starts(), strict=True)):
        before = ("initial", *names[:i])
        if names[i] in before:
            yield line(("stage", i, "name"), f"must be a name of its own, but {names[i]!r} is taken.")
        if start == "initial" and config.initial is None:
            yield line(("initial", ""), "must be given: the first stage starts from it.")
        elif start != "own" and start not in before:
            yield line(("stage", i, "from"), f"must name an earlier stage, but got {start!r}; {nearest(start, before)}")
        for place, name in stage.names if isinstance(stage, Path) else ():
            if name not in before:
                advice = nearest(name, before)
                wanted = "must name an earlier stage or hold a texture"
                yield line(("stage", i, *place), f"{wanted}, but got {name!r}; {advice}")
            elif name == "initial" and config.initial is None:
                yield line(("initial", ""), f"must be given: {names[i]!r} needs it.")
        if isinstance(stage, Evolve):
            yield from _method(config, stage, i)
        elif any(term.drive for term in stage.energy.zeeman):
            yield line(("stage", i, "energy", "zeeman", "drive"), "has no meaning here: time stands still.")


def _method(config: "Config", stage: Evolve, i: int) -> Iterator[str]:
    own = stage.solver is not None
    method = (stage.solver or config.solver).method
    if stage.temperature is not None and method not in ("auto", *NOISY):
        place = ("stage", i, "solver", "method") if own else ("solver", "method")
        yield line(place, f"must know noise in a stage at a temperature, but got {method!r}: {', '.join(NOISY)} do.")


def _scan(config: "Config") -> Iterator[str]:
    for name in config.compare or ():
        if not config.scan:
            yield line(("compare",), "needs a [scan] along which energies are compared.")
        elif name not in config.names():
            yield line(("compare",), f"must name stages, but got {name!r}; {nearest(name, config.names())}")


def _images(config: "Config") -> Iterator[str]:
    stages = ((("stage", i), stage.energy.demag) for i, stage in enumerate(config.stage))
    for place, demag in (((), config.energy.demag), *stages):
        images = demag.images if demag is not None and demag.images is not None else (0, 0, 0)
        for axis, n in zip(AXES, images, strict=True):
            if n > 0 and axis not in config.mesh.periodic:
                yield line((*place, "energy", "demag", "images"), f"must be 0 along {axis}, which is not periodic.")
