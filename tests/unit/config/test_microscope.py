"""`microscopes` of a stage: what they write of its last state, and what they refuse."""

from typing import Any

import numpy as np
import pytest

import magjax as mj
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check
from magjax.io import netcdf

IMAGES: list[dict[str, Any]] = [
    {"what": "mfm", "height": "10 nm"},
    {"what": "lorentz", "defocus": "2 um", "voltage": "100 kV", "divergence": "0.1 mrad"},
    {"what": "electron_phase"},
    {"what": "lorentz", "defocus": "-2 um"},
]


def film(*microscopes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Spins along x that stay where they are."""
    return {
        "mesh": {"cells": [6, 4, 2], "cell_size": ["4 nm", "5 nm", "3 nm"]},
        "material": {"Ms": "800 kA/m", "alpha": 0.1},
        "energy": {"zeeman": {"B": ["1 T", 0, 0]}},
        "initial": {"texture": "uniform", "direction": "x"},
        "stage": [{"kind": "minimize", "name": "rest", "microscopes": list(microscopes)}],
        **changes,
    }


@pytest.mark.slow
def test_images_are_those_of_python_and_go_with_the_stage(tmp_path) -> None:
    """Each as a file with coordinates and units, numbered where there are two, with a picture; replaced as a whole."""
    tables = film(*IMAGES)
    (report,) = execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)
    mesh = mj.Mesh((6, 4, 2), (4e-9, 5e-9, 3e-9))
    system, m = mj.System(mesh, Ms=8e5), mj.textures.uniform(mesh, "x")
    expected = {
        "mfm": mj.observe.mfm(0.0, m, system, height=10e-9),
        "electron_phase": mj.observe.electron_phase(0.0, m, system),
        "lorentz": mj.observe.lorentz(0.0, m, system, defocus=2e-6, voltage=100e3, divergence=1e-4),
        "lorentz_2": mj.observe.lorentz(0.0, m, system, defocus=-2e-6),
    }
    for name, image in expected.items():
        data = netcdf.read(report.folder / f"{name}.nc")[name.removesuffix("_2")]
        np.testing.assert_allclose(data, image, rtol=0, atol=1e-9 * np.abs(image).max())
        np.testing.assert_allclose(data.x, mesh.coordinates("x"))
        assert (report.folder / f"{name}.png").is_file()
    image = report.folder / "mfm.nc"
    image.unlink()
    # The stage is done; its images are made again.
    execute(check(tables).build(), tmp_path, Options(progress=False, resume=True), tables=tables)
    assert image.is_file()
    fewer = film(IMAGES[0], output={"pictures": False})
    execute(check(fewer).build(), tmp_path, Options(progress=False, overwrite=True), tables=fewer)
    assert {path.name for path in report.folder.iterdir()} == {"m.ovf", "mfm.nc"}


@pytest.mark.parametrize(
    ("microscope", "told"),
    [
        ({"what": "lorenz"}, "did you mean `lorentz`"),
        ({"what": "lorentz"}, "defocus: must be given"),
        ({"what": "lorentz", "defocus": "1 um", "voltage": 300}, "did you mean kV"),
        ({"what": "lorentz", "defocus": "1 um", "divergence": 1}, "did you mean mrad"),
        ({"what": "mfm"}, "height: must be given"),
    ],
)
def test_slips_are_told(microscope, told) -> None:
    with pytest.raises(ConfigError, match=told):
        check(film(microscope))


@pytest.mark.slow
def test_a_sample_without_an_end_has_no_image(tmp_path) -> None:
    mesh = {"cells": [2, 2, 2], "cell_size": "4 nm", "periodic": "z"}
    with pytest.raises(ConfigError, match=r"\[stage.*microscopes.*must have an end along z"):
        execute(check(film(IMAGES[2], mesh=mesh)).build(), tmp_path, Options(progress=False))
