import numpy as np
import pytest

from magjax.config.barriers import BARRIERS
from magjax.config.course import Course, course
from magjax.config.errors import ConfigError
from magjax.config.load import check_study
from magjax.config.model import number

PAIR = {
    "kind": "master_equation",
    "temperature": "300 K",
    "until": "1 s",
    "points": 5,
    "states": [{"name": "up", "moment": "1e-19 A m2", "start": 1}, {"name": "down", "moment": "-1e-19 A m2"}],
    "links": [{"between": ["up", "down"], "top": "0.5 eV"}],
}
CREEP = {
    "kind": "viscosity",
    "temperatures": ["300 K"],
    "Ms": "800 kA/m",
    "until": "1 yr",
    "points": 3,
    "ensemble": 0,
}


def found(study):
    return check_study({"study": study}, "example.toml").model.run(lambda _: None)


@pytest.mark.slow
def test_a_driven_field_reaches_the_equation():
    sweep = {"times": ["0 s", "1 s"], "values": ["200 mT", "-200 mT"]}
    data = found({**PAIR, "field": sweep}).data
    np.testing.assert_allclose(data.B, np.linspace(0.2, -0.2, 5), atol=1e-15)
    assert float(data.p.sel(state="up")[0]) == 1
    assert float(data.M[-1]) < -0.9e-19
    assert isinstance(course(number("T"))(sweep), Course)


@pytest.mark.slow
@pytest.mark.parametrize(
    "barriers",
    [
        {"kind": "normal", "center": "0.6 eV", "width": "0.1 eV"},
        {"kind": "log_normal", "median": "0.6 eV", "sigma": 0.3},
        {"kind": "uniform", "highest": "1 eV"},
        {"kind": "gamma", "shape": 3, "scale": "0.2 eV"},
        {"kind": "lorentzian", "center": "0.6 eV", "width": "0.05 eV", "highest": "1 eV"},
        {"kind": "tabulated", "E": ["0 eV", "0.6 eV", "1 eV"], "values": [0, 1, 0]},
        {
            "kind": "mixture",
            "parts": [{"kind": "uniform", "highest": "1 eV"}, {"kind": "log_normal", "median": "0.6 eV", "sigma": 0.3}],
            "weights": [1, 2],
        },
    ],
    ids=lambda table: table["kind"],
)
def test_every_distribution_can_be_written(barriers):
    config = check_study({"study": {**CREEP, "barriers": barriers}}, "example.toml").model
    E, weights = config.barriers.build().nodes()
    assert float(weights.sum()) == pytest.approx(1, rel=0, abs=1e-12)
    assert (np.asarray(E) < 1e-17).all()
    assert barriers["kind"] in BARRIERS


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ({**PAIR, "temperature": "-3 K"}, "temperature: must be > 0 K"),
        ({**PAIR, "links": [{"between": ["up", "sideways"], "top": "1 eV"}]}, "must join states among up, down"),
        ({**PAIR, "states": [{"name": "up"}, {"name": "down"}]}, "add up to 1"),
        ({**PAIR, "states": [{"name": "up", "start": 1}, {"name": "up"}]}, "a name of its own"),
        ({**PAIR, "since": "2 s"}, "must be before `until`"),
        ({**PAIR, "field": {"times": ["0 s", "1 s"], "values": ["1 T"]}}, "values"),
        ({**PAIR, "field": {"times": ["0 s", "1 s"], "valeus": ["1 T", "2 T"]}}, "with `times` and `values`"),
        ({**PAIR, "links": [{"between": ["up", "down"], "top": "1 eV", "prefactor": 0}]}, "prefactor: must be > 0"),
        ({**CREEP, "barriers": {"kind": "normal", "center": 24, "width": 1}}, "did you mean eV"),
        ({**CREEP, "barriers": {"kind": "uniform", "highest": "1 eV"}, "since": "2 yr"}, "must be before `until`"),
    ],
)
def test_messages(study, message):
    with pytest.raises(ConfigError, match=message):
        check_study({"study": study}, "example.toml")
