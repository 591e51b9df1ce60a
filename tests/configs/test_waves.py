"""Configurations of modes, waves and loops: the FMR problem, dispersion, µMAG's problems 1 and 2."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from magjax.analytic import demag
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import changed, check, check_study, read
from magjax.config.report import StageReport
from magjax.config.study.spin_wave_dispersion import SpinWaveDispersion
from magjax.config.study.standard_problem_2 import SMALL_LIMIT, StandardProblem2
from magjax.io import table

ROOT = Path(__file__).resolve().parents[2]


def run(name: str, out: Path, *settings: str) -> dict[str, StageReport]:
    """The stages of a configuration by name, without pictures."""
    tables = changed(read(ROOT / "configs" / f"{name}.toml"), ["output.pictures=false", *settings])
    reports = execute(check(tables, name).build(ROOT / "configs"), out, Options(progress=False), tables=tables)
    return {report.name: report for report in reports}


def study(name: str, *settings: str):
    """The study of a configuration."""
    return check_study(changed(read(ROOT / "configs" / f"{name}.toml"), list(settings)), name).model


def quiet(_: str) -> None:
    """Nobody waits."""


@pytest.mark.slow
def test_fmr_problem(tmp_path) -> None:
    """8.27, 9.40, 10.84 and 11.23 GHz in cells of 5 nm from the eigenmodes, published to three digits.

    The ring-down, shortened to 1 ns, sees the first and the fourth; the others are odd, and the pulse is even. Its
    steps are 1 GHz, and the middle of a line that has little beside it is found to a tenth of that.
    """
    times = ["stage.ring-down.duration=1 ns", "stage.ring-down.fields_every=500 ps"]
    reports = run("fmr_problem", tmp_path, *times)
    data = table.read(tmp_path / "modes" / "modes.csv").data
    assert np.allclose(data["frequency"][:4] / 1e9, [8.27, 9.40, 10.84, 11.23], rtol=0, atol=0.01)
    assert np.argmax(data["drive"]) == 0
    drive = data["drive"].to_numpy()
    assert np.max(drive[1:3]) < 1e-6 * drive[0]
    power = table.read(tmp_path / "modes" / "absorption.csv").data
    assert power["f"][power["absorption"].idxmax()] == pytest.approx(8.27e9, rel=0, abs=0.01e9)
    ringing = table.read(tmp_path / "ring-down" / "ringing_average.csv").data
    f, p = ringing["f"].to_numpy(), ringing["power"].to_numpy()
    around = (f > 6e9) & (f < 10.5e9)
    assert np.sum(f[around] * p[around]) / np.sum(p[around]) == pytest.approx(8.27e9, rel=0, abs=0.1e9)
    assert any(note.startswith("⟨m_y⟩ rings at 8.") for note in reports["ring-down"].notes)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["exchange", "backward volume", "surface", "forward volume"])
def test_dispersion_from_time_and_from_modes(kind: str) -> None:
    """Maxima of the spectrum and eigenmodes on Eq. 20 of the paper, and on Kalinikos and Slavin's forms, within 1 %.

    Layout: the file's film of 10 nm in cells of 6.25 nm, for 1.5 ns. The cells weaken exchange by (kd)²/12 = 0.9 % at
    the largest k, where it is half of the frequency; profiles that are not uniform through the film, which the closed
    forms leave out, count for as much at kd = 0.5. A Hann window of 1.4 ns tells maxima to some hundredths of 0.7 GHz.
    """
    found = study("spin_wave_dispersion", "study.duration=1.5 ns", f"study.kinds=['{kind}']").run(quiet).data
    assert np.allclose(found.f_time, found.f_theory, rtol=0.01, atol=0)
    even = np.isfinite(found.k_mode.to_numpy()[0])
    assert even.sum() >= 13
    model = study("spin_wave_dispersion")
    assert isinstance(model, SpinWaveDispersion)
    expected = model.theory(kind, found.k_mode.to_numpy()[0, even])
    assert np.allclose(found.f_mode.to_numpy()[0, even], expected, rtol=0.01, atol=0)
    # Both are of one and the same film: closer to each other than to theory, but for the width of the window.
    by_time = {round(float(k)): float(f) for k, f in zip(found.k, found.f_time[0], strict=True)}
    both = [by_time[round(k)] for k in found.k_mode.to_numpy()[0, even]]
    assert np.allclose(both, found.f_mode.to_numpy()[0, even], rtol=4e-3, atol=0)


def test_dispersion_refuses_what_cannot_be() -> None:
    """A film that turns into its plane, and waves shorter than a few cells."""
    with pytest.raises(ConfigError, match=r"B_normal: must exceed μ0 Ms = 1\.005 T"):
        study("spin_wave_dispersion", "study.B_normal=0.9 T")
    with pytest.raises(ConfigError, match=r"k_max: must lie between"):
        study("spin_wave_dispersion", "study.k_max=300 rad/um")


def coherent_coercivity() -> float:
    """Field along −(1, 1, 1) at which a bar of 5:1:0.1 that turns as a whole loses its minimum, in Ms.

    Followed down to where the smallest eigenvalue of the energy's curvature in two angles passes zero.
    """
    N = np.array(demag.prism_factors((5.0, 1.0, 0.1)))
    h = np.ones(3) / np.sqrt(3)

    def vector(x):
        return np.array([np.cos(x[0]) * np.cos(x[1]), np.cos(x[0]) * np.sin(x[1]), np.sin(x[0])])

    def energy(x, field):
        m = vector(x)
        return 0.5 * m @ (N * m) + field * (m @ h)

    def softness(x, field, d=1e-4):
        steps = d * np.eye(2)
        curvature = [
            [
                (
                    energy(x + a + b, field)
                    - energy(x + a - b, field)
                    - energy(x - a + b, field)
                    + energy(x - a - b, field)
                )
                / (4 * d * d)
                for b in steps
            ]
            for a in steps
        ]
        return np.linalg.eigvalsh(np.array(curvature))[0]

    x, low, high = np.array([0.0, 0.0]), 0.0, 0.1
    while high - low > 1e-7:
        middle = (low + high) / 2
        found = minimize(energy, x, (middle,), "Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-16}).x
        if vector(found) @ h > 0 and softness(found, middle) > 0:
            low, x = middle, found
        else:
            high = middle
    return (low + high) / 2


@pytest.mark.slow
def test_small_bars_turn_coherently() -> None:
    """µMAG problem 2 for d → 0: 0.05707 Ms, by the loss of the minimum of a bar with Aharoni's factors, and simulated.

    The closed form is bisected to 1e-7, and published to four digits. Simulated in 10×2 cells at a tenth of an exchange
    length: Newell's cells of a uniform bar add up to the bar's factors, and what spins bend is (d/l_ex)² = 1e-2 of some
    hundredths; the bisection ends at 1e-5, and a torque of 1e-7 μ0Ms lets go at 1e-5 before the spinodal: 5e-5 in all.
    At d = 5 l_ex the ends bend enough to help: the published curves have fallen to 0.056 there.
    """
    exact = coherent_coercivity()
    assert exact == pytest.approx(SMALL_LIMIT, rel=0, abs=1e-5)
    model = StandardProblem2(kind="standard_problem_2", sizes=(0.1, 5.0), cells=2, resolution=1e-5)
    found = model.run(quiet).data
    assert float(found.coercivity[0]) == pytest.approx(exact, rel=0, abs=5e-5)
    assert float(found.coercivity[1]) == pytest.approx(0.056, rel=0, abs=5e-4)
    assert np.allclose(found.remanence_x, 1, rtol=0, atol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("body", ["sphere", "cylinder", "slab", "film", "film along its normal"])
def test_kittels_resonances(body: str) -> None:
    """Row A5: bodies of cells ring at γ√[(B + (Nx−Nz)μ0Ms)(B + (Ny−Nz)μ0Ms)].

    Exact for the films, which are uniform: 1e-5, as six turns of 1 mrad tell it. A ball and a rod of cells have the
    factors 1/3 and 1/2 by symmetry, but uneven fields inside; these bend spins by some
    hundredths, and count in second order, as they do in the bar, which is no ellipsoid: 1e-3.
    """
    model = study("kittel_resonance", f"study.bodies=['{body}']", "study.fields=['1.2 T']")
    found = model.run(quiet).data
    allowed = 1e-5 if body.startswith("film") else 1e-3
    assert np.allclose(found.f, found.f_kittel, rtol=allowed, atol=0)


def test_standard_problem_2_refuses_cells_that_are_too_coarse() -> None:
    """And a bisection that has nothing to do."""
    with pytest.raises(ConfigError, match=r"cells: must be so that a cell is at most 3 exchange lengths"):
        study("standard_problem_2", "study.cells=5", "study.sizes=[30]")
    with pytest.raises(ConfigError, match=r"resolution: must be finer than `step`"):
        study("standard_problem_2", "study.resolution=0.1")


@pytest.mark.slow
def test_standard_problem_1(tmp_path) -> None:
    """Along the long axis the rectangle is square-looped, along the short one it is not; both switch below 20 mT.

    Coarse cells of 40 nm, steps of 10 mT: whether the physics is there, whose published loops differ by several times.
    """
    settings = [f"stage.{name}-axis.step=10 mT" for name in ("long", "short")]
    reports = run("standard_problem_1", tmp_path, "mesh.cell_size=['40 nm', '40 nm', '20 nm']", *settings)
    left = {name: table.read(report.folder / "loop.csv").data for name, report in reports.items()}
    long, short = (data["m_along"].to_numpy() for data in left.values())
    B = left["long-axis"]["B"].to_numpy()
    zero = int(np.argmin(np.abs(B)))
    assert long[0] > 0.95
    assert short[0] > 0.8
    assert long[-1] < -0.95
    assert long[zero] > short[zero]
    assert all(data["m_along"][data["B"] < -0.02].max() < 0 for data in left.values())
