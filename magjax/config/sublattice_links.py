"""What must hold between `[sublattices]` and the rest of a configuration."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from magjax.config.energy import Energies
from magjax.config.errors import line, nearest
from magjax.config.initial import EachTexture
from magjax.config.stage import Evolve, Path
from magjax.config.torque import TorquesConfig

if TYPE_CHECKING:
    from magjax.config.config import Config

Place = tuple[Any, ...]
#: Terms that act on the sum of all magnetisations.
COMMON = ("zeeman", "demag")


def problems(config: "Config") -> Iterator[str]:
    """A line for each name that is no sublattice, and for each table that belongs to one of them, or to none."""
    names = tuple(config.sublattices)
    yield from _named(config, names)
    yield from _states(config, names)
    for i, stage in enumerate(config.stage):
        place = ("stage", i)
        for name, change in stage.sublattices.items():
            here = (*place, "sublattices", name)
            if name not in names:
                yield _unknown((*here, ""), name, names)
            if not isinstance(stage, Evolve) and any(change.torque.terms()):
                yield line((*here, "torque"), "has no meaning here: time stands still.")
            if not isinstance(stage, Evolve) and any(term.drive for term in change.energy.zeeman):
                yield line((*here, "energy", "zeeman", "drive"), "has no meaning here: time stands still.")
            yield from _own(change.energy, (*here, "energy"))
    if not names:
        return
    for name, own in config.sublattices.items():
        yield from _own(own.energy, ("sublattices", name, "energy"))
    whole = [((), config), *((("stage", i), stage) for i, stage in enumerate(config.stage))]
    for place, part in whole:
        yield from _shared(part, place, names[0])


def _named(config: "Config", names: tuple[str, ...]) -> Iterator[str]:
    """Couplings of sublattices that are there, each pair once."""
    if config.coupling and not names:
        yield line(("coupling", ""), "couples [sublattices], but the file has none.")
        return
    if len(config.coupling) > 1 and any(each.between is None for each in config.coupling):
        yield line(("coupling", "between"), "must be given where there are several couplings.")
    pairs = [frozenset(each.between) for each in config.coupling if each.between is not None]
    for each in config.coupling:
        for name in each.between or ():
            if name not in names:
                yield _unknown(("coupling", "between"), name, names)
        if each.between is not None and pairs.count(frozenset(each.between)) > 1:
            twice = " and ".join(sorted(each.between))
            yield line(("coupling", "between"), f"must name each pair once, but got {twice} more often.")


def _states(config: "Config", names: tuple[str, ...]) -> Iterator[str]:
    """Textures for each sublattice, or one for two."""
    starts: list[tuple[Place, Any]] = [(("initial",), config.initial)]
    for i, stage in enumerate(config.stage):
        starts.append((("stage", i, "initial"), stage.initial))
        starts += [(("stage", i, *key), state) for key, state in stage.states] if isinstance(stage, Path) else []
    for place, texture in starts:
        if isinstance(texture, EachTexture):
            for name in texture.root:
                if name not in names:
                    yield _unknown((*place, name, ""), name, names)
            if names and set(names) - set(texture.root):
                yield line((*place, ""), f"must hold a texture for each of the sublattices {', '.join(names)}.")
        elif texture is not None and len(names) > 2:
            advice = f"write [{'.'.join(map(str, place))}.{names[0]}] and so on."
            yield line((*place, ""), f"must hold a texture for each of the sublattices {', '.join(names)}: {advice}")


def _own(energy: Energies, place: Place) -> Iterator[str]:
    if energy.demag is not None:
        yield line((*place, "demag", ""), "is the field of all magnetisations together: write [energy.demag].")


def _shared(part: Any, place: Place, first: str) -> Iterator[str]:
    """What acts on all sublattices is a field of their sum; all else belongs to one of them."""
    for name, _ in part.energy.terms():
        if name not in COMMON:
            there = ".".join(map(str, (*_table(place), "sublattices", first, "energy", name)))
            yield line((*place, "energy", name, ""), f"belongs to each sublattice by itself: write [{there}].")
    # Of stages at rest it is the largest torque that may remain, T.
    torques = getattr(part, "torque", None)
    for name, _ in torques.terms() if isinstance(torques, TorquesConfig) else ():
        there = ".".join(map(str, (*_table(place), "sublattices", first, "torque", name)))
        yield line((*place, "torque", name, ""), f"acts on one sublattice: write [{there}].")


def _table(place: Place) -> Place:
    return tuple(part for part in place if isinstance(part, str))


def _unknown(place: Place, name: str, names: tuple[str, ...]) -> str:
    advice = nearest(name, names) if names else "the file has no [sublattices]."
    return line(place, f"must name a sublattice, but got {name!r}; {advice}")
