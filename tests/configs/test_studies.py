"""Every configuration of a study runs as it comes, and what it finds can be read, plotted and understood."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from magjax.config.errors import ConfigError
from magjax.config.execute import Options
from magjax.config.load import check_study, read
from magjax.config.study.base import kinds
from magjax.config.study.execute import execute
from magjax.io import netcdf

ROOT = Path(__file__).resolve().parents[2]
STUDIES = [
    path for path in sorted((ROOT / "configs").glob("*.toml")) if "study" in tomllib.loads(path.read_text("utf-8"))
]


@pytest.mark.slow
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_study_runs_as_it_comes(path, tmp_path) -> None:
    """Finite data with units and names, a picture whose axes say what they show, and notes for a person."""
    tables = read(path)
    config = check_study(tables, path.name)
    found = execute(config, tmp_path / "out", Options(progress=False), tables=tables)
    assert found.notes
    for name, variable in found.data.variables.items():
        assert {"units", "long_name"} <= set(variable.attrs), name
    assert any(np.isfinite(variable.values).all() for variable in found.data.data_vars.values())
    assert (tmp_path / "out" / "figure.png").stat().st_size > 5000
    for axes in config.model.draw(found.data).axes:
        assert axes.get_xlabel() or axes.get_ylabel()
    kept = netcdf.read(tmp_path / "out" / "data.nc")
    assert all(np.array_equal(kept[name], found.data[name], equal_nan=True) for name in found.data.data_vars)
    resumed = execute(config, tmp_path / "out", Options(progress=False, resume=True), tables=tables)
    assert resumed.notes == found.notes


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_misspelt_key_of_a_study_is_named(path) -> None:
    """One line with the key that is none."""
    tables = read(path)
    with pytest.raises(ConfigError, match=r"\[study\] knid: is no key here"):
        check_study({**tables, "study": {**tables["study"], "knid": 1}})


def test_every_kind_has_a_configuration() -> None:
    """A study that no file shows will not be found."""
    assert {tomllib.loads(path.read_text("utf-8"))["study"]["kind"] for path in STUDIES} == set(kinds())
