"""Every configuration of a fit runs on the data that come with it, and finds what they were made from."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from magjax.config.errors import ConfigError
from magjax.config.fit import check_fit
from magjax.config.fit_data import load_data, read_columns, simulate
from magjax.config.fit_execute import run_fit
from magjax.config.load import read

ROOT = Path(__file__).resolve().parents[2]
FITS = [p for p in sorted((ROOT / "configs").glob("*.toml")) if "fit" in tomllib.loads(p.read_text("utf-8"))]


@pytest.mark.slow
@pytest.mark.parametrize("path", FITS, ids=lambda path: path.stem)
def test_fit_finds_what_its_data_were_made_from(path, tmp_path) -> None:
    """Within four standard errors, which noise passes once in 16 000; and what it writes can be read."""
    config = check_fit(read(path), path.name)
    found = run_fit(config, ROOT / "configs" / config.fit.data[0].file, tmp_path / "out")
    assert found.result.succeeded
    law = config.table.build()
    true = config.truth(law)
    from magjax.fit.selection import leaf

    for name in config.fit.free:
        exact = np.asarray(leaf(true, law.parameters[name].at))
        # A map has many numbers, of which some pass four errors, and a belief in smoothness that rounds its corners.
        reach = 4 if not exact.ndim else 6
        assert (np.abs(found.values[name] - exact) <= reach * np.asarray(found.errors[name])).all(), name
    kept = json.loads((tmp_path / "out" / "fit.json").read_text())
    assert kept["outcome"] == "SUCCESS"
    for picture in ("fit.png", "corner.png"):
        assert (tmp_path / "out" / picture).stat().st_size > 5000
    assert set(read_columns(tmp_path / "out" / "residuals.csv")) >= set(
        load_data(config, law, path.parent / config.fit.data[0].file).y
    )
    with pytest.raises(FileExistsError, match="--overwrite"):
        run_fit(config, ROOT / "configs" / config.fit.data[0].file, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("path", FITS, ids=lambda path: path.stem)
def test_data_are_those_that_the_file_simulates(path) -> None:
    """`--simulate` would write the same numbers again, but for another machine's last digits."""
    config = check_fit(read(path), path.name)
    columns, units = simulate(config, config.table.build())
    kept = read_columns(ROOT / "configs" / config.fit.data[0].file)
    assert {key: unit for key, (_, unit) in kept.items()} == units
    for key, (values, _) in kept.items():
        assert np.allclose(values, columns[key], rtol=1e-9, atol=1e-9 * np.abs(values).max()), key


@pytest.mark.slow
@pytest.mark.parametrize("path", FITS, ids=lambda path: path.stem)
def test_misspelt_key_of_a_fit_is_named(path) -> None:
    """One line with the key that is none."""
    tables = read(path)
    with pytest.raises(ConfigError, match=r"\[fit\] fre: is no key here; did you mean `free`"):
        check_fit({**tables, "fit": {**tables["fit"], "fre": 1}})
