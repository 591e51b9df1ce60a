"""Studies of quantum spins and of rates, shortened: what they simulate against the closed form they store beside it."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from magjax.analytic import lifetime
from magjax.config.errors import ConfigError
from magjax.config.load import check_study
from magjax.config.study.base import about

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


def study(name, **changes):
    tables = tomllib.loads((CONFIGS / f"{name}.toml").read_text("utf-8"))
    return check_study({"study": {**tables["study"], **changes}}, f"{name}.toml").model


def found(name, **changes):
    return study(name, **changes).run(lambda _: None)


#: Kind, what makes it short, the simulated variable, the closed form, the largest difference. Solutions of quantum
#: equations err by the steps' 1e-11 each, the engine's by 1e-10; operators and diagonalisation by rounding.
PAIRS = [
    ("thermal_spin", {"points": 5, "S": 1.0}, "m", "m_exact", 1e-9),
    ("thermal_spin", {"points": 5, "S": 1.0}, "curve_free", "brillouin", 1e-12),
    ("berry_phase", {"angles": 5, "states": 800}, "phase", "phase_exact", 1e-5),
    ("damping_forms", {"alphas": [0.1, 1.0], "points": 21}, "m[form]", "m_exact", 1e-8),
    ("invariant", {"points": 4, "S": [0.5]}, "R", "R_exact", 1e-9),
    ("spin_spin", {"points": 5, "angles": 3}, "m", "m_exact", 1e-8),
    ("hierarchy", {"points": 5, "spins": 3, "orders": [1]}, "S", "S_closed", 1e-8),
    ("quantum_damping", {"points": 5, "states": 2, "extra_torque": 0.5}, "m", "m_exact", 1e-8),
    ("quantum_damping", {"points": 5, "states": 2, "extra_torque": 0.5}, "m_engine", "m_exact", 1e-8),
    ("magnetisation_algebra", {"points": 3}, "bare", "bare_exact", 1e-12),
    ("stability", {"points": 3}, "stability", "stability_exact", 1e-12),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "changes", "simulated", "closed", "tolerance"), PAIRS, ids=[f"{p[0]}-{p[2]}" for p in PAIRS]
)
def test_simulation_and_closed_form(kind, changes, simulated, closed, tolerance):
    """In the units that the study stores them in, which are of order 1 for all of these."""
    data = found(kind, **changes).data
    values = data["m"].sel(form=["gilbert", "landau_lifshitz"]) if simulated == "m[form]" else data[simulated]
    expected = data[closed]
    assert float(abs(values - expected).max()) < tolerance
    # A study that stored one thing twice would prove nothing.
    assert float(abs(expected).max()) > 0.1


@pytest.mark.slow
def test_flux_of_textures_is_a_whole_number():
    """h/e for each skyrmion on any mesh, here dx ≠ dy and two layers; none for a helix."""
    mesh = {"cells": [40, 32, 2], "cell_size": ["1.5 nm", "2 nm", "1 nm"], "periodic": "xy"}
    for texture, flux in (
        ({"texture": "skyrmion", "radius": "10 nm", "wall_width": "4 nm", "polarity": 1}, 1),
        ({"texture": "helix", "period": "30 nm"}, 0),
    ):
        data = found("berry_phase", angles=2, states=3, mesh=mesh, texture=texture).data
        total = float(data.B_z.sum()) * 3e-18 / 4.135667696923859e-15
        assert total == pytest.approx(flux, rel=0, abs=1e-9)


@pytest.mark.slow
def test_clones_of_random_spins():
    """Mean fidelities within four statistical errors of ⅔, ½; ⅚ and ⅔ for every state to rounding."""
    data = found("cloning", states=400, seed=3).data
    for name, mean in (("cnot_copy", 2 / 3), ("cnot_joint", 1 / 2)):
        values = data[name].values
        assert values.mean() == pytest.approx(mean, rel=0, abs=4 * values.std() / 20)
    np.testing.assert_allclose(data.universal_copy, 5 / 6, atol=1e-12)
    np.testing.assert_allclose(data.universal_joint, 2 / 3, atol=1e-12)
    assert float(data.overlap_defect.max()) <= 0.25


@pytest.mark.slow
def test_printed_forms_differ_by_what_is_said():
    """λ_L: decay times off by α(1+α²). W in time order: no inverse. The sign of Eq. 76: twice the shift."""
    data = found("damping_forms", alphas=[0.1, 2.0], points=21).data
    ratio = data.decay_time.sel(form="printed") / data.decay_time_exact
    np.testing.assert_allclose(ratio, [0.101, 10.0], rtol=1e-6)
    data = found("invariant", points=4, S=[0.5]).data
    assert float(data.inverse.max()) < 1e-9 < 0.1 < float(data.inverse_printed.max())
    data = found("spin_spin", points=5, angles=3).data
    shift = data.omega_operators - float(data.omega_operators[1])
    np.testing.assert_allclose(data.omega_printed - data.omega_exact, -2 * shift, rtol=1e-9, atol=1e3)


@pytest.mark.slow
def test_orders_of_a_hierarchy_get_better():
    """After a tenth of the time each order is at least five times as close; frozen ones move one order less."""
    data = found("hierarchy", spins=4, points=11).data
    errors = data.error[:, 1].values
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    frozen = found("hierarchy", spins=4, points=3, orders=[2], closure="frozen").data
    assert frozen.S_cut.shape == (1, 3, 3)


@pytest.mark.slow
def test_a_magnon_packet_moves_at_its_group_velocity():
    """Notes say the numbers; energies of spins 1 with a gap are 4JS(1 − cos k) + gap to rounding."""
    data = found("magnons", spins=40, S=1.0, gap="0.2 meV", width=4, points=5, duration="3 ps").data
    scale = float(data.energy_exact.max())
    np.testing.assert_allclose(data.energy / scale, data.energy_exact / scale, atol=1e-12)
    np.testing.assert_allclose(data.probability.sum("site"), 1, atol=1e-12)


@pytest.mark.slow
def test_trajectories_follow_their_density():
    """⟨s⟩ of 4000 coordinates within five statistical errors (and the 1 % of walls met in steps of 0.045)."""
    data = found("overdamped", trajectories=4000, steps=400).data
    assert float(abs(data["mean"] - data.mean_density).max()) < 5 * float(data.mean_error.max()) + 0.01


@pytest.mark.slow
def test_entropy_raises_rates_but_not_the_slope():
    """Rates with S_a = 3k are near e³ times those without; the slope stays KV to 0.5 % at 40 kT."""
    data = found("arrhenius").data
    rise = float(data.rate[0] / data.rate_energy[0])
    # The prefactor σ^(3/2) falls with the barrier, by 10 % at 43 kT.
    assert np.log(rise) == pytest.approx(3, rel=0, abs=0.15)
    assert float(data.slope[0]) == pytest.approx(0.6 * 1.602176634e-19, rel=5e-3, abs=0)
    assert (data.rate_langer > data.rate).all()


@pytest.mark.slow
def test_a_disk_needs_more_than_a_bit():
    """ξ grows by ln(N/ln 2) for N bits of which none may be lost with even odds; a bit lasts 25.3 kT, 40.3 kT."""
    data = found("stability", bits=1000, points=3).data
    np.testing.assert_allclose(data.stability_array - data.stability, np.log(1000 / np.log(2)), atol=1e-12)
    np.testing.assert_allclose(data.stability, lifetime.stability_factor(data.time.values), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("thermal_spin", {"T": "-1 K"}, "T: must be > 0 K"),
        ("thermal_spin", {"B": [0, 0, 2000]}, "B: .*did you mean mT"),
        ("berry_phase", {"states": 2}, "states"),
        ("cloning", {"states": 0}, "states"),
        ("damping_forms", {"alphas": [-0.1]}, "alphas"),
        ("damping_forms", {"alphas": []}, "alphas"),
        ("invariant", {"R": [0, 1]}, "R: must hold three numbers"),
        ("spin_spin", {"polarisation": 1.0, "correlation": -1}, "no pair of spins has such a correlation"),
        ("hierarchy", {"orders": [4]}, "orders"),
        ("hierarchy", {"spins": 20}, "spins"),
        ("magnons", {"J": "-1 meV"}, "J > 0 is ferromagnetic"),
        ("overdamped", {"step": 1}, "step"),
        ("arrhenius", {"entropy": 30}, "must leave a barrier"),
        ("arrhenius", {"KV": 24}, "did you mean eV"),
        ("quantum_damping", {"alpha0": -1}, "alpha0: must be ≥ 0"),
        ("magnetisation_algebra", {"alphas": [0]}, "alphas"),
        ("stability", {"lost": 1}, "lost"),
    ],
)
def test_what_no_study_can_mean(name, changes, message):
    """One clear error each, before anything is computed."""
    with pytest.raises(ConfigError, match=message):
        study(name, **changes)


@pytest.mark.slow
def test_attributes_of_variables():
    """Name and unit, which every variable has."""
    assert about("time", "s") == {"units": "s", "long_name": "time"}
