"""What is wrong with a configuration: one line for each problem, with its place and the nearest right key."""

import contextlib
import difflib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pydantic

Place = tuple[str | int, ...]


class ConfigError(ValueError):
    """A configuration that cannot be used.

    - `problems`: one line of text each, such as ``[energy.exchange] B: is no key here; did you mean `A`?``
    - `path`: the file, if there is one; it stands before each line.
    """

    def __init__(self, problems: Sequence[str], path: str = ""):
        self.problems = [_one_line(problem) for problem in problems]
        self.path = path
        super().__init__("\n".join(f"{path}: {problem}" if path else problem for problem in self.problems))


class Problem(ValueError):
    """What a validator objects to: the rest of a sentence that begins with the key.

    - `problem`: such as "must be > 0 m, but got -5e-09".
    - `key`: the key within the table that was validated, if the problem lies with one of its keys.
    """

    def __init__(self, problem: str, key: str = ""):
        super().__init__(problem)
        self.problem = problem
        self.key = key


class Nested(ValueError):
    """Errors of a table whose class depends on what it says, kept apart so that messages know the class.

    - `error`: what pydantic found.
    """

    def __init__(self, error: pydantic.ValidationError):
        super().__init__(str(error))
        self.error = error


def nearest(given: str, known: Iterable[str]) -> str:
    """Advice about a name that is not known: the nearest one, else all of them.

    >>> from magjax.config.errors import nearest
    >>> nearest("apha", ["Ms", "alpha"])
    'did you mean `alpha`?'
    """
    names = list(known)
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(given.lower(), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{folded[close[0]]}`?"
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"known are {shown}." if names else "there are none."


@contextlib.contextmanager
def at(*place: str | int) -> Iterator[None]:
    """Turn what an object's own checks refuse into a problem at its place in the file."""
    try:
        yield
    except ConfigError:
        raise
    except (ValueError, TypeError, OSError) as error:
        if isinstance(error, pydantic.ValidationError):
            raise
        key, text = _argument(str(error))
        raise ConfigError([line((*place, *([key] if key else [])), text)]) from error


def problems_of(error: pydantic.ValidationError, data: Any, prefix: Place = ()) -> list[str]:
    """A line for each of the errors that pydantic found in `data`."""
    lines: list[str] = []
    found = error.errors(include_url=False)
    for each in found:
        inner = each.get("ctx", {}).get("error")
        place = (*prefix, *_visible(data, each["loc"]))
        if isinstance(inner, Nested):
            lines += problems_of(inner.error, _inside(data, each["loc"]), place)
        elif isinstance(inner, Problem) and inner.key:
            lines.append(line((*place, inner.key), inner.problem))
        elif each["type"] == "too_short" and any(len(e["loc"]) > len(each["loc"]) for e in found):
            # Items that are wrong do not count, so a list of them looks too short, too.
            continue
        else:
            is_table = isinstance(each["input"], Mapping) and inner is not None and bool(place)
            lines.append(line((*place, "") if is_table else place, _sentence(each, error, inner)))
    return list(dict.fromkeys(lines))


def line(place: Place, problem: str) -> str:
    """A problem at its place: the table in brackets, the key, the sentence.

    >>> from magjax.config.errors import line
    >>> line(("energy", "exchange", "A"), "must be ≥ 0 J/m.")
    '[energy.exchange] A: must be ≥ 0 J/m.'
    """
    names = [str(part + 1) if isinstance(part, int) else part for part in place]
    if not names:
        return problem
    if not names[-1]:  # the table itself
        return f"[{'.'.join(names[:-1])}] {problem}"
    # An index belongs to its array: [mesh] cells.2, not [mesh.cells] 2.
    first = len(names) - 1
    while first > 0 and isinstance(place[first], int):
        first -= 1
    table, key = ".".join(names[:first]), ".".join(names[first:])
    return f"[{table}] {key}: {problem}" if table else f"{key}: {problem}"


#: Pydantic's findings in the words of this project, by type.
_SENTENCES = {
    "missing": "must be given.",
    "int_type": "must be a whole number, but got {got}.",
    "bool_type": "must be true or false, but got {got}.",
    "string_type": "must be a text, but got {got}.",
    "greater_than_equal": "must be ≥ {ge}, but got {got}.",
    "tuple_type": "must be a list, but got {got}.",
    "list_type": "must be a list, but got {got}.",
    "dict_type": "must be a table, but got {got}.",
    "model_type": "must be a table, but got {got}.",
    "too_short": "must hold at least {min_length}, but got {actual_length}.",
}


def _sentence(each: Mapping[str, Any], error: pydantic.ValidationError, inner: Any) -> str:
    """A finding as the rest of a sentence that begins with the key."""
    context, given = each.get("ctx", {}), each.get("input")
    if isinstance(inner, Problem):
        return inner.problem
    if each["type"] == "extra_forbidden":
        return f"is no key here; {nearest(str(each['loc'][-1]), _keys_at(error, each['loc']))}"
    if each["type"] == "literal_error":
        names = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        advice = nearest(given, names) if isinstance(given, str) and names else ""
        return f"must be {context.get('expected')}, but got {_short(given)}{(advice and '; ' + advice) or '.'}"
    if inner is not None:
        return _argument(str(inner))[1]
    return _SENTENCES.get(each["type"], "{msg}, but got {got}.").format(**context, got=_short(given), msg=each["msg"])


def _keys_at(error: pydantic.ValidationError, place: Place) -> list[str]:
    """Keys that a table takes, for the table that holds the last part of `place`."""
    model: Any = _MODELS.get(error.title)
    named = False
    for part in place[:-1]:
        if isinstance(part, int) or model is None:
            continue
        if named:  # of a table of tables, whose names are the file's own
            named = False
            continue
        field = next((f for n, f in model.model_fields.items() if (f.alias or n) == part), None)
        model = next((m for m in _models(field.annotation) if m), None) if field else None
        named = field is not None and typing.get_origin(field.annotation) is dict
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


#: Every configuration class by its name, which is what pydantic's errors are titled by; filled by `Model`.
_MODELS: dict[str, Any] = {}


def register(model: Any) -> None:
    """Let messages look up the keys of a configuration class."""
    _MODELS[model.__name__] = model


def _models(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _inside(data: Any, place: Place) -> Any:
    for part in place:
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(data, Mapping):
            data = data.get(part, data)
    return data


def _visible(data: Any, place: Place) -> Place:
    """The parts of `place` that the file has: a table standing for a list of one has no index there."""
    seen: list[str | int] = []
    for part in place:
        if isinstance(part, int) and not isinstance(data, list):
            continue
        seen.append(part)
        data = _inside(data, (part,))
    return tuple(seen)


def _argument(text: str) -> tuple[str, str]:
    """The key and the rest of a message that begins with ``Argument `key` …``."""
    match = re.match(r"Arguments? `(\w+)`(?: of `\w+`)?:? (?=must|has|could|is )", text)
    return (match[1], text[match.end() :]) if match else ("", text)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
