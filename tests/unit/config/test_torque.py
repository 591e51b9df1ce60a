import numpy as np
import pytest

import magjax as mj
from magjax.config import Config
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check

WIRE = {
    "mesh": {"cells": [60, 1, 1], "cell_size": "2 nm"},
    "material": {"Ms": "800 kA/m", "alpha": 0.2},
    "energy": {"exchange": {"A": "10 pJ/m"}, "uniaxial_anisotropy": {"K": "400 kJ/m3", "axis": "z"}},
    "initial": {"texture": "domain_wall", "width": "5 nm", "position": "40.3 nm"},
    "output": {"pictures": False},
}
EVOLVE = {"kind": "evolve", "duration": "40 ps", "save_every": "4 ps"}


def config(stages, **tables) -> dict:
    return {**WIRE, "stage": stages, **tables}


@pytest.mark.slow
def test_torques_act_where_time_passes(tmp_path) -> None:
    """A current of the file leaves minimisation alone; β = α moves the tracked wall at u, which the report says."""
    tables = config(
        [{"kind": "minimize"}, {**EVOLVE, "track": {"what": "wall"}}],
        torque={"zhang_li": {"u": ["100 m/s", 0, 0], "beta": 0.2}},
    )
    said: list[str] = []
    _, report = execute(check(tables).build(), tmp_path, Options(say=said.append))
    assert [line for line in said if "of the energies alone; what is in [torque]" in line] == [said[0]]
    path = mj.load_run(report.folder).table["wall"]
    # Central differences of a wall of two and a half cells: u is a tenth smaller at worst.
    assert path[-1] - path[0] == pytest.approx(4e-9, rel=0.1, abs=0)
    assert report.notes[-1].startswith("wall: 9")


def test_stages_replace_torques_by_name() -> None:
    tables = config(
        [EVOLVE, {**EVOLVE, "torque": {"zhang_li": {"j": ["1 TA/m2", 0, 0], "P": 0.5}}}],
        torque={"zhang_li": {"u": ["100 m/s", 0, 0]}, "spin_orbit": SOT},
    )
    job = check(tables).build()
    first, second = (job.system_of(stage) for stage in job.config.stage)
    assert first.torques.names == second.torques.names == ("zhang_li", "spin_orbit")
    assert first["zhang_li"].j is None
    assert second["zhang_li"].j.tolist() == [1e12, 0, 0]
    assert job.system.torques.names == ()


SOT = {"j": "1 TA/m2", "p": "y", "theta_SH": 0.1, "theta_FL": -0.02, "thickness": "1 nm"}
PILLAR = {"j": "1e11 A/m2", "p": "z", "P": 0.5, "Lambda": 1.5, "epsilon_prime": 0.02, "thickness": "2 nm"}


@pytest.mark.slow
def test_every_torque_and_its_drive() -> None:
    drive = {"waveform": "gaussian", "t0": "10 ps", "width": "5 ps"}
    torques = {
        "zhang_li": [{"u": ["100 m/s", 0, 0], "drive": drive}, {"j": ["1 TA/m2", 0, 0], "P": 0.5, "drive": drive}],
        "slonczewski": {**PILLAR, "fixed": "bottom", "drive": drive},
        "spin_orbit": {**SOT, "drive": drive},
    }
    job = check(config([EVOLVE], torque=torques)).build()
    system = job.system_of(job.config.stage[0])
    assert system.torques.names == ("zhang_li", "zhang_li_2", "slonczewski", "spin_orbit")
    m = job.initial()
    pulse = np.abs(system.prepare().starting_at(10e-12).torques.local_field(m, lambda: system.sample(10e-12)))
    assert pulse.max() > 0
    still = job.system.prepare().local_field(0.0, m)
    assert np.allclose(system.prepare().starting_at(1e-9).local_field(0.0, m), still, atol=1e-9)


@pytest.mark.parametrize(
    ("torque", "message"),
    [
        ({"zhang_li": {"beta": 0.1}}, "exactly one of `u` "),
        ({"zhang_li": {"j": ["1 TA/m2", 0, 0]}}, "must be given with `j`"),
        ({"zhang_li": {"j": ["1 TA/m2", 0, 0], "P": 1.5}}, "must be ≤ 1"),
        ({"zhang_li": {"u": ["1 TA/m2", 0, 0]}}, "m/s"),
        ({"slonczewski": {**PILLAR, "thickness": 2}}, "did you mean nm"),
        ({"spin_orbit": {**SOT, "p": [0, 0, 0]}}, "length zero"),
        ({"zhangli": {"u": ["1 m/s", 0, 0]}}, "did you mean `zhang_li`"),
    ],
)
def test_bad_torques(torque, message) -> None:
    with pytest.raises(ConfigError, match=message):
        check(config([EVOLVE], torque=torque))


def test_tracks() -> None:
    """Each kind has its columns; an unknown one is refused."""
    for what, column in [("wall", "wall_angle (rad)"), ("skyrmion", "radius (m)"), ("core", "core_y (m)")]:
        stage = check(config([{**EVOLVE, "track": {"what": what}}])).stage[0]
        assert column in stage.track.columns()  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="must be a known kind"):
        check(config([{**EVOLVE, "track": {"what": "cat"}}]))
    assert isinstance(check(config([EVOLVE])), Config)
