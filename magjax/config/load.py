"""From a TOML file, or a text or dictionary, to a checked configuration."""

import copy
import itertools
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from magjax.config.config import Config
from magjax.config.errors import ConfigError, nearest, problems_of
from magjax.config.study.config import StudyConfig

#: No configuration that a person wrote is larger; a field belongs into a file of its own.
MAX_BYTES = 1 << 20
_MAX_DEPTH = 16
_MAX_SCAN = 10_000
_M = TypeVar("_M", bound=pydantic.BaseModel)


def load(path: str | os.PathLike[str], *, settings: Sequence[str] = ()) -> Config:
    """Read and check a configuration. Nothing in it is ever executed.

    - `path`: the TOML file.
    - `settings`: changes to it, as `"energy.exchange.A=15 pJ/m"` or `"stage.field-1.duration=2 ns"`: dotted keys
      (stages by name or number, from 1 on), and values as TOML writes them; a bare text needs no quotes.

    **Raises** `ConfigError` with one line for each problem.

    >>> from pathlib import Path
    >>> from magjax import config
    >>> _ = Path("wire.toml").write_text('''
    ... [mesh]
    ... cells = [20, 1, 1]
    ... cell_size = "5 nm"
    ... [material]
    ... Ms = "800 kA/m"
    ... [initial]
    ... texture = "uniform"
    ... direction = "x"
    ... [[stage]]
    ... kind = "minimize"
    ... ''')
    >>> config.load("wire.toml", settings=["mesh.cells=[40, 1, 1]"]).mesh.counts
    (40, 1, 1)
    """
    return check(changed(read(path), settings), os.fspath(path))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The tables of a TOML file, not checked yet.

    **Raises** `ConfigError` for a file that is missing, too large, no UTF-8 or no TOML.
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"cannot be read: {error.strerror}."], name) from None
    if len(content) > MAX_BYTES:
        raise ConfigError([f"must be at most {MAX_BYTES >> 20} MiB; put fields into files of their own."], name)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigError(["must be a text in UTF-8."], name) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"is no valid TOML: {error}."], name) from None
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            [f"is nested too deeply or holds a number too large ({type(error).__name__})."], name
        ) from None


def check(data: Mapping[str, Any], path: str = "") -> Config:
    """A configuration from tables.

    **Raises** `ConfigError` with one line for each problem.
    """
    config = _validated(Config, data, path)
    if config.problems():
        raise ConfigError(config.problems(), path)
    return config


def check_study(data: Mapping[str, Any], path: str = "") -> StudyConfig:
    """A configuration with the table `[study]` from tables.

    **Raises** `ConfigError` with one line for each problem.
    """
    return _validated(StudyConfig, data, path)


def changed(data: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Tables with settings of the form `key=value` put in.

    **Raises** `ConfigError` for settings that are not of that form, or lead through something that is no table.
    """
    result = copy.deepcopy(dict(data))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not re.fullmatch(r"[\w+-]+(\.[\w+-]+)*", key.strip()):
            raise ConfigError([f"--set {setting!r}: must be of the form key=value, such as material.alpha=0.1."])
        put(result, key.strip(), _value(text.strip()))
    return result


def put(data: dict[str, Any], key: str, value: Any) -> None:
    """Put a value at a dotted key, making tables on the way.

    **Raises** `ConfigError` where the key leads through something that is no table, or to a stage that is not there.
    """
    *path, last = key.split(".")
    table: Any = data
    for i, name in enumerate(path):
        here = ".".join(path[: i + 1])
        table = table.setdefault(name, {}) if isinstance(table, dict) else _item(table, name, here)
        if not isinstance(table, (dict, list)):
            raise ConfigError([f"{key}: leads through `{here}`, which is no table."])
    if isinstance(table, list):
        items = _names(table)
        between = ".".join([*path, items[0] if items else "1", last])
        raise ConfigError([f"{key}: must name one of {', '.join(items) or 'a list'} in between, such as {between}."])
    table[last] = value


def points(data: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The points of a scan: what is set at each, and the tables with that set. One point without `[scan]`.

    **Raises** `ConfigError` for more points than anyone wants.
    """
    scan = data.get("scan") or {}
    count = 1
    for values in scan.values():
        count *= len(values)
    if count > _MAX_SCAN:
        raise ConfigError([f"scan: must have at most {_MAX_SCAN} points, but got {count}."])
    for values in itertools.product(*scan.values()):
        setting = dict(zip(scan, values, strict=True))
        tables = {key: copy.deepcopy(value) for key, value in data.items() if key not in ("scan", "sweep", "compare")}
        for key, value in setting.items():
            put(tables, key, value)
        yield setting, tables


def _validated(model: type[_M], data: Mapping[str, Any], path: str) -> _M:
    if _depth(data) > _MAX_DEPTH:
        raise ConfigError([f"must be nested at most {_MAX_DEPTH} deep."], path)
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        raise ConfigError(problems_of(error, data), path) from None


def _item(items: list[Any], name: str, here: str) -> Any:
    for i, item in enumerate(items):
        if name == str(i + 1) or (isinstance(item, dict) and item.get("name") == name):
            return item
    raise ConfigError([f"{here}: there is no such item; {nearest(name, _names(items))}"])


def _names(items: list[Any]) -> list[str]:
    """What the items of a list are called: by their names, else by their numbers."""
    return [str(item.get("name", i + 1)) for i, item in enumerate(items) if isinstance(item, dict)]


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, KeyError):
        return text


def _depth(data: Any) -> int:
    depth, level = 0, [data]
    while level and depth <= _MAX_DEPTH:
        children = (v.values() if isinstance(v, Mapping) else v if isinstance(v, list) else () for v in level)
        level, depth = [child for group in children for child in group], depth + 1
    return depth
