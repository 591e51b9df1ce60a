"""The study of coercivity against sweep rate by simulation."""

from typing import Any

import numpy as np
import pytest

from magjax.config.errors import ConfigError
from magjax.config.load import check_study
from magjax.config.study.sharrock_sweep import SharrockSweep

TABLES: dict[str, Any] = {
    "title": "",
    "study": {
        "kind": "sharrock_sweep",
        "K": "324 kJ/m3",
        "V": "512 nm3",
        "Ms": "800 kA/m",
        "alpha": 0.5,
        "rates": ["100 MT/s", "2 GT/s"],
        "replicas": 100,
        "samples": 40,
    },
}


@pytest.mark.slow
def test_simulation_and_laws() -> None:
    """At 100 MT/s the simulation is at the hazard of the exact rate, at 2 GT/s above all that knows of rates alone.

    Falling from the top of the barrier takes some (1+α²)/(αγB_K) of 18 ps: 5 mT at 100 MT/s are allowed for it beside
    three errors of 100 grains, 20 mT. Sharrock's law leaves out what is of the order kT/E(Bc), a fifth of the 0.2 T by
    which Bc is below 2K/Ms.
    """
    study = check_study(TABLES, "a.toml").model
    assert isinstance(study, SharrockSweep)
    found = study.run(lambda _: None)
    slow, fast = found.data.isel(rate=0), found.data.isel(rate=1)
    assert float(slow.Bc) == pytest.approx(float(slow.Bc_eigenvalue), rel=0, abs=3 * float(slow.Bc_error) + 5e-3)
    assert float(slow.Bc_sharrock) == pytest.approx(float(slow.Bc), rel=0, abs=0.04)
    assert float(slow.Bc_seed) < float(slow.Bc) - 0.06
    assert float(fast.Bc) > float(fast.Bc_eigenvalue) > float(fast.Bc_seed)
    # Half of the grains have switched where the branch passes zero.
    zero = np.interp(0, -slow.m.values, slow.B.values)
    assert zero == pytest.approx(float(slow.Bc), rel=0, abs=0.02)
    assert "2K/Ms = 0.81 T" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"V": "512 nm"}, "V"),
        ({"rates": ["10 MT/s"]}, "rates"),
        ({"replicas": 3}, "replicas"),
        ({"T": "-3 K"}, "T: must be > 0 K"),
    ],
)
def test_what_cannot_be_meant(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_study({**TABLES, "study": {**TABLES["study"], **change}}, "a.toml")
