"""Whatever a file says, the answer is a configuration or lines of text: never another error, never a hang."""

from typing import Any

import hypothesis
from hypothesis import strategies as st

from magjax.config import Config, ConfigError
from magjax.config.drive import WAVEFORMS
from magjax.config.energy import Energies
from magjax.config.errors import _MODELS
from magjax.config.geometry import SHAPES
from magjax.config.load import changed, check
from magjax.config.stage import STAGES
from magjax.config.texture import TEXTURES

_KEYS = sorted(
    {field.alias or name for model in _MODELS.values() for name, field in model.model_fields.items()}
    | {"of", "rest", ""}
)
_KINDS = [*SHAPES, *TEXTURES, *WAVEFORMS, *STAGES]
_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**30)
    | st.floats()
    | st.sampled_from(["5 nm", "-1 nm", "13 pJ/m", "1 T", "800 kA/m", "x", "-z", "nan", *_KINDS])
    | st.text(max_size=8)
)
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=25,
)
_BASE: dict[str, Any] = {
    "mesh": {"cells": [2, 2, 1], "cell_size": "5 nm"},
    "material": {"Ms": 8e5},
    "initial": {"texture": "uniform", "direction": "x"},
    "stage": [{"kind": "minimize", "name": "a"}, {"kind": "evolve", "duration": "1 ns", "name": "b"}],
}


def _outcome(tables: Any) -> None:
    try:
        problems = [] if isinstance(check(tables), Config) else ["no configuration"]
    except ConfigError as error:
        problems = error.problems
    assert all(problem and "\n" not in problem and len(problem) < 1000 for problem in problems)


@hypothesis.settings(max_examples=100)
@hypothesis.given(st.sampled_from(list(Config.model_fields)), _values)
def test_any_table(key: str, value: Any) -> None:
    _outcome({**_BASE, key: value})


@hypothesis.settings(max_examples=100)
@hypothesis.given(st.sampled_from(list(Energies.model_fields)), _values)
def test_any_energy(name: str, value: Any) -> None:
    _outcome({**_BASE, "energy": {name: value}})


@hypothesis.settings(max_examples=100)
@hypothesis.given(st.sampled_from([("geometry", "shape", SHAPES), ("initial", "texture", TEXTURES)]), st.data())
def test_any_keys_of_a_kind(of: Any, data: Any) -> None:
    table, key, kinds = of
    kind = data.draw(st.sampled_from(list(kinds)))
    fields = {name: data.draw(_values) for name in kinds[kind].model_fields if name != key and data.draw(st.booleans())}
    _outcome({**_BASE, table: {key: kind, **fields}})


@hypothesis.given(st.text(max_size=40))
def test_any_setting(text: str) -> None:
    try:
        tables = changed(_BASE, [text, f"material.Ms={text}", f"stage.b.{text}=1"])
    except ConfigError:
        return
    _outcome(tables)
