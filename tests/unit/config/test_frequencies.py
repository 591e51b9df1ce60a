import numpy as np
import pytest

from magjax.config.errors import ConfigError
from magjax.config.execute import Options
from magjax.config.load import check_study
from magjax.config.study.execute import execute
from magjax.kinetics import frequencies

RECTANGLE = {"kind": "rectangular", "centre": "20 GHz", "half_width": "2 GHz"}


def study(distribution, **more):
    tables = {"study": {"kind": "dephasing", "duration": "0.2 ns", "frequencies": distribution, **more}}
    return check_study(tables, "example.toml"), tables


@pytest.mark.parametrize(
    ("table", "kind", "mean"),
    [
        (RECTANGLE, frequencies.Rectangular, 20e9),
        ({"kind": "gaussian", "centre": "20 GHz", "sigma": "2 GHz"}, frequencies.Gaussian, 20e9),
        ({"kind": "lorentzian", "centre": "3e9 rad/s", "half_width": 1e8}, frequencies.Lorentzian, 3e9 / (2 * np.pi)),
        ({"kind": "tabulated", "frequencies": [0, "2 GHz"], "values": [1, 1]}, frequencies.Tabulated, 1e9),
        ({"kind": "lines", "frequencies": ["1 GHz", "2 GHz"], "weights": [1, 3]}, frequencies.Discrete, 1.75e9),
        ({"kind": "equidistant", "centre": 1e9, "spacing": 1e7, "number": 3}, frequencies.Discrete, 1e9),
        ({"kind": "mixture", "components": [RECTANGLE, RECTANGLE]}, frequencies.Mixture, 20e9),
    ],
)
def test_every_distribution_can_be_written(table, kind, mean) -> None:
    config, _ = study(table)
    built = config.model.frequencies.build()
    assert isinstance(built, kind)
    assert float(built.mean()) == pytest.approx(2 * np.pi * mean, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({**RECTANGLE, "half_width": "0 GHz"}, "half_width: must be > 0 Hz"),
        ({**RECTANGLE, "half_width": "2 ns"}, "half_width: must be in Hz, but got '2 ns', a time"),
        ({"kind": "rectangle"}, "rectangular"),
        ({"kind": "mixture", "components": []}, "components: must hold at least one"),
    ],
)
def test_slips_are_named(table, message) -> None:
    with pytest.raises(ConfigError, match=message):
        study(table)


@pytest.mark.parametrize("more", [{"alpha": 0.1}, {"method": "llg"}])
def test_two_kinds_of_damping_are_refused(more) -> None:
    with pytest.raises(ConfigError, match="T2: goes with method 'rotation'"):
        study(RECTANGLE, T2="1 ns", **more)


def test_what_is_not_normalisable_is_said_where_it_stands(tmp_path) -> None:
    config, tables = study({"kind": "tabulated", "frequencies": [0, "2 GHz"], "values": [0, 0]})
    with pytest.raises(ConfigError, match="normalisable"):
        execute(config, tmp_path / "out", Options(progress=False), tables=tables)


@pytest.mark.slow
def test_rotation_and_equation_of_motion_agree() -> None:
    """Through two pulses, one between recorded times, with damping; steps err by 1e-7 rad, some hundred of them."""
    pulses = [{"time": "0.05 ns", "angle": "90 deg", "axis": "y"}, {"time": "0.111 ns"}]
    more = {"pulses": pulses, "alpha": 0.05, "spins": 16, "points": 21}
    exact, solved = (
        study(RECTANGLE, method=method, **more)[0].model.run(lambda _: None).data for method in ("rotation", "llg")
    )
    assert exact.sizes == solved.sizes
    for name in exact.data_vars:
        np.testing.assert_allclose(solved[name], exact[name], atol=2e-5, err_msg=str(name))
