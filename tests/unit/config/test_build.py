"""Tables become the objects that a script would make."""

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import magjax as mj
from magjax.config import Config, ConfigError
from magjax.config.drive import WAVEFORMS
from magjax.config.geometry import SHAPES
from magjax.config.load import check
from magjax.config.parameter import Site
from magjax.config.texture import TEXTURES
from magjax.io import ovf

MESH = {"cells": [8, 6, 4], "cell_size": ["4 nm", "5 nm", "3 nm"]}


def config(**tables: Any) -> Config:
    """A configuration around the tables that a test is about."""
    base: dict[str, Any] = {
        "mesh": MESH,
        "material": {"Ms": 8e5},
        "initial": {"texture": "uniform", "direction": "x"},
        "stage": [{"kind": "minimize"}],
    }
    return Config.model_validate({**base, **tables})


def mesh() -> mj.Mesh:
    """The mesh of these configurations."""
    return mj.Mesh((8, 6, 4), (4e-9, 5e-9, 3e-9))


def same(a: Any, b: Any) -> bool:
    """Whether two pytrees have the same structure and numbers."""
    leaves, structure = jax.tree_util.tree_flatten(a)
    others, other = jax.tree_util.tree_flatten(b)
    return structure == other and all(np.array_equal(x, y) for x, y in zip(leaves, others, strict=True))


@pytest.mark.parametrize(
    "tables",
    [
        MESH,
        {"cells": [8, 6, 4], "size": ["32 nm", "30 nm", "12 nm"]},
        {"cell_size": ["4 nm", "5 nm", "3 nm"], "size": ["32 nm", "30 nm", "12 nm"]},
    ],
)
def test_two_of_three_make_a_mesh(tables: dict[str, Any]) -> None:
    built = config(mesh=tables).build().site.mesh
    assert built.cells == mesh().cells
    assert built.cell_size == pytest.approx(mesh().cell_size, rel=1e-15, abs=0)


def test_every_energy() -> None:
    """All five terms against the same ones from Python."""
    tables = {
        "exchange": {"A": "13 pJ/m"},
        "uniaxial_anisotropy": {"K": "50 kJ/m3", "axis": [0, 1, 1], "K2": "-5 kJ/m3"},
        "cubic_anisotropy": {"Kc1": "-11 kJ/m3", "Kc2": 100, "axis1": "y", "axis2": "z"},
        "zeeman": {"H": ["1 kA/m", 0, "-2 kA/m"]},
        "demag": {},
    }
    built = config(energy=tables).build().system
    K, C = 5e4, -1.1e4
    terms = [
        mj.Exchange(A=13e-12),
        mj.UniaxialAnisotropy(K, axis=(0.0, 1.0, 1.0), K2=-5e3),
        mj.CubicAnisotropy(C, 100.0, axis1=(0.0, 1.0, 0.0), axis2=(0.0, 0.0, 1.0)),
        mj.Zeeman(H=(1e3, 0.0, -2e3)),
        mj.Demag(mesh()),
    ]
    by_hand = mj.System(mesh(), Ms=8e5, energy=sum(terms[1:], terms[0]))
    assert built.names == by_hand.names
    assert same(built.energy, by_hand.energy)


def test_gamma_in_both_ways() -> None:
    given = config(material={"Ms": 8e5, "gamma0": "2.211e5 m/(A s)"}).material.ratio
    assert given == pytest.approx(2.211e5 / mj.constants.MU0, rel=1e-6, abs=0)
    given = config(material={"Ms": 8e5, "gamma": "28 GHz/T"}).material.ratio
    assert given == pytest.approx(28e9 * 2 * np.pi, rel=1e-6, abs=0)


def test_faces_between_regions() -> None:
    """Values instead of the harmonic mean, and factors of it."""
    parts = {side: {"shape": "half_space", "normal": axis} for side, axis in (("left", "-x"), ("top", "z"))}
    dmi = {"D": "2 mJ/m2", "kind": "bulk", "between": {"regions": ["left", "rest"], "scale": 0.3}}
    between = [{"regions": ["left", "rest"], "A": "-2 pJ/m"}, {"regions": ["top", "rest"], "scale": -0.5}]
    energy = {"exchange": {"A": "10 pJ/m", "between": between}, "dmi": dmi}
    system = config(regions=parts, energy=energy).build().system
    exchange, chiral = system["exchange"], system["dmi"]
    assert exchange.between == {("left", "rest"): -2e-12}  # type: ignore[attr-defined]
    assert exchange.scale == {("rest", "top"): -0.5}  # type: ignore[attr-defined]
    assert (chiral.between, chiral.scale) == ({}, {("left", "rest"): 0.3})  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("between", "message"),
    [
        ({"regions": ["left", "rest"]}, "A: must be given, or `scale`, a factor of the harmonic mean: one of both"),
        ({"regions": ["left", "rest"], "A": 1e-12, "scale": 0.3}, "one of both"),
        ({"regions": ["left", "rest"], "scale": "3 pJ/m"}, "scale: must be"),
        ({"regions": ["left", "rets"], "scale": 0.3}, "must name a region, but got 'rets'"),
        (
            [{"regions": ["left", "rest"], "A": 1e-12}, {"regions": ["rest", "left"], "scale": 0.3}],
            r"\[energy\.exchange\] between: must name each pair of regions once, but got left and rest more often",
        ),
    ],
)
def test_faces_between_regions_are_checked(between, message) -> None:
    parts = {"left": {"shape": "half_space", "normal": "-x"}}
    tables = {"mesh": MESH, "material": {"Ms": 8e5}, "regions": parts, "stage": [{"kind": "minimize"}]}
    initial = {"texture": "uniform", "direction": "x"}
    energy = {"exchange": {"A": "10 pJ/m", "between": between}}
    with pytest.raises(ConfigError, match=message):
        check({**tables, "initial": initial, "energy": energy}).build()


def test_parameters_in_space(tmp_path) -> None:
    """Per region, along a line, from OVF and from NumPy files."""
    cells = np.linspace(1e5, 9e5, 8 * 6 * 4).reshape(4, 6, 8)
    np.save(tmp_path / "Ms.npy", cells)
    ovf.write(tmp_path / "axis.ovf", mesh(), np.stack([cells, 0 * cells, 1e5 + 0 * cells]))
    built = config(
        regions={"left": {"shape": "half_space", "normal": "-x"}},
        material={"Ms": {"file": "Ms.npy"}, "alpha": {"from": 0.0, "to": 0.8, "along": "x"}},
        energy={
            "exchange": {"A": {"left": "10 pJ/m", "rest": "20 pJ/m"}},
            "uniaxial_anisotropy": {"K": 1e4, "axis": {"file": "axis.ovf"}},
        },
    )
    system = built.build(tmp_path).system
    sample = system.sample()
    assert np.array_equal(sample.Ms, cells)
    assert np.allclose(sample.value(system.alpha)[0, 0], 0.8 * (np.arange(8) + 0.5) / 8, atol=0)
    assert sample.value(system["exchange"].A)[0, 0].tolist() == [10e-12] * 4 + [20e-12] * 4  # type: ignore[attr-defined]
    assert np.array_equal(sample.vector(system["uniaxial_anisotropy"].axis)[0], cells)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"file": "none.npy"}, "must name a readable file"),
        ({"file": "none.ovf"}, "must name a readable file"),
        ({"file": "wrong.npy"}, "must be a file with numbers of shape"),
        ({"file": "object.npy"}, "must name a readable file"),
        ({"file": "nan.npy"}, "must be finite"),
    ],
)
def test_files_that_do_not_serve(tmp_path, value: dict[str, str], words: str) -> None:
    np.save(tmp_path / "wrong.npy", np.ones((2, 2)))
    np.save(tmp_path / "nan.npy", np.full((4, 6, 8), np.nan))
    # A pickle could run code when it is read.
    np.save(tmp_path / "object.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigError) as caught:
        _ = config(material={"Ms": value}).build(tmp_path).system
    assert "[material]" in str(caught.value)
    assert words in str(caught.value)


_SHAPES: dict[str, dict[str, Any]] = {
    "cuboid": {"size": ["16 nm", "20 nm", "1 um"], "rotate": {"angle": "30 deg"}},
    "ellipsoid": {"size": ["30 nm", "20 nm", "12 nm"], "scale": [1, 1.2, 1]},
    "sphere": {"diameter": "16 nm", "center": ["10 nm", "15 nm", "6 nm"]},
    "cylinder": {"radius": "12 nm", "height": "8 nm"},
    "cone": {"radius": "14 nm", "height": "12 nm", "top_radius": "3 nm"},
    "torus": {"radius": "9 nm", "tube_radius": "4 nm"},
    "polygon": {"vertices": [[0, 0], ["32 nm", 0], ["16 nm", "30 nm"]]},
    "image": {"file": "disc.png", "inside": "bright"},
    "half_space": {"normal": [1, 1, 0]},
    "layer": {"lower": "3 nm", "upper": "9 nm"},
    "union": {"of": [{"shape": "sphere", "radius": "8 nm"}, {"shape": "layer", "upper": "3 nm"}]},
    "intersection": {"of": [{"shape": "sphere", "radius": "12 nm"}, {"shape": "layer", "upper": "6 nm"}]},
    "difference": {"of": [{"shape": "cuboid", "size": "30 nm"}, {"shape": "sphere", "radius": "5 nm"}]},
    "complement": {
        "of": {"shape": "sphere", "radius": "10 nm", "repeat": {"period": ["9 nm", 0, 0], "counts": [2, 1, 1]}}
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape(shape: str, tmp_path) -> None:
    """Each kind of shape leaves some cells full and some empty, where the mesh is, without being told its middle."""
    from PIL import Image

    disc = (np.hypot(*np.mgrid[-1:1:64j, -1:1:64j]) < 0.8).astype(np.uint8) * 255
    Image.fromarray(disc).save(tmp_path / "disc.png")
    system = config(geometry={"shape": shape, **_SHAPES[shape]}).build(tmp_path).system
    full = np.asarray(system.occupied.value)
    assert 0 < full.sum() < full.size


def test_shape_is_in_the_middle() -> None:
    built = config(geometry={"shape": "cylinder", "radius": "12 nm"}).build().system
    by_hand = mj.shapes.cylinder(12e-9).at(mesh().center).mask(mesh())
    assert np.array_equal(built.occupied.value, by_hand)


def test_shape_that_leaves_no_cell() -> None:
    job = config(geometry={"shape": "sphere", "radius": "1 nm", "center": ["1 um", 0, 0]}).build()
    with pytest.raises(ConfigError, match=r"^\[geometry\] shape: must hold the centre of at least one cell"):
        _ = job.system


_TEXTURES: dict[str, dict[str, Any]] = {
    "uniform": {"direction": [1, 0.1, 0]},
    "random": {"seed": 3},
    "vortex": {"circulation": -1, "core_radius": "6 nm"},
    "antivortex": {"angle": "90 deg"},
    "two_domains": {"left": "x", "wall": "y", "right": "-x"},
    "domain_wall": {"width": "5 nm", "kind": "neel"},
    "skyrmion": {"radius": "8 nm", "wall_width": "3 nm"},
    "helix": {"period": "16 nm", "direction": "y"},
    "hopfion": {"radius": "8 nm", "wall_width": "3 nm", "index": -1, "center": ["16 nm", "15 nm", "6 nm"]},
    "file": {"file": "m.ovf"},
}


@pytest.mark.parametrize("texture", TEXTURES)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_every_texture(texture: str, precision: str, tmp_path) -> None:
    ovf.write(tmp_path / "m.ovf", mesh(), 8e5 * mj.textures.vortex(mesh()))
    initial = {"texture": texture, **_TEXTURES[texture]}
    m = config(initial=initial, precision=precision).build(tmp_path).initial()
    assert m.shape == (3, 4, 6, 8)
    assert m.dtype == {"single": np.float32, "double": np.float64}[precision]
    assert np.allclose(np.linalg.norm(m, axis=0), 1, atol=1e-6)


def test_state_is_empty_where_the_sample_is() -> None:
    job = config(geometry={"shape": "cylinder", "radius": "12 nm"}).build()
    assert np.array_equal(np.asarray(job.initial()).any(axis=0), job.system.occupied.value)


_DRIVES: dict[str, dict[str, Any]] = {
    "sin": {"frequency": "1 GHz", "phase": "30 deg"},
    "cos": {"frequency": "1 GHz"},
    "sinc": {"cutoff": "10 GHz", "t0": "50 ps"},
    "gaussian": {"t0": "20 ps", "width": "30 ps", "frequency": "5 GHz"},
    "ramp": {"t1": "100 ps", "start": 1.0, "end": 0.0},
    "steps": {"times": [0, "50 ps"], "values": [1.0, 0.5]},
    "table": {"file": "pulse.csv"},
}


@pytest.mark.parametrize("waveform", WAVEFORMS)
def test_every_drive(waveform: str, tmp_path) -> None:
    """Field = waveform × vector, at a time where none of these is zero."""
    (tmp_path / "pulse.csv").write_text("t (s), B\n0, 1\n1e-10, 0.5\n")
    drive = {"waveform": waveform, **_DRIVES[waveform]}
    job = config(energy={"zeeman": {"B": ["0 T", "10 mT", "0 T"], "drive": drive}}).build(tmp_path)
    built = WAVEFORMS[waveform].model_validate(drive).build(Site(mesh(), tmp_path))
    field = job.system.field(job.initial(), t=10e-12)
    assert float(built(10e-12)) != 0
    assert np.allclose(field[1], 0.01 * float(built(10e-12)), atol=0)


def test_waveforms_multiply() -> None:
    waves = [{"waveform": "ramp", "t1": "1 ns"}, {"waveform": "cos", "frequency": 0}]
    job = config(energy={"zeeman": {"B": [1, 0, 0], "drive": waves}}).build()
    assert float(job.system.field(job.initial(), t=0.5e-9)[0, 0, 0, 0]) == pytest.approx(0.5, rel=1e-6, abs=0)


@pytest.mark.parametrize("method", ["auto", "multirate", "rk43", "tsit5", "dopri5", "dopri8", "heun", "bosh3"])
def test_every_solver(method: str) -> None:
    solver = config(solver={"method": method}).solver.build()
    assert type(solver).__name__.lower() == {"auto": "nonetype"}.get(method, method)


def test_stages_replace_terms_and_share_the_rest() -> None:
    """A stage's own field takes the place of the file's; the demagnetisation kernel is computed once."""
    built = config(
        energy={"demag": {}, "zeeman": {"B": [0, 0, 1]}},
        stage=[
            {"kind": "minimize"},
            {"kind": "minimize", "energy": {"zeeman": {"B": [0, 1, 0]}}, "alpha": 0.5, "from": "initial"},
        ],
    )
    job = built.build()
    first, second = (job.system_of(stage) for stage in built.stage)
    assert first is job.system
    before, after = (float(system.field(job.initial())[1, 0, 0, 0]) for system in (first, second))
    assert after - before == pytest.approx(1, rel=1e-6, abs=0)
    assert second["demag"].kernel is first["demag"].kernel
    assert float(second.alpha) == 0.5
    assert built.starts() == ("initial", "initial")


def test_loops_go_through_their_corners() -> None:
    (stage,) = config(
        stage=[{"kind": "hysteresis", "direction": "x", "through": ["2 mT", "-1 mT", "0 T"], "step": "1 mT"}]
    ).stage
    assert stage.fields == pytest.approx([2e-3, 1e-3, 0, -1e-3, 0], abs=1e-15)  # type: ignore[attr-defined]


def test_cells_above_the_exchange_length_are_told() -> None:
    coarse = config(mesh={"cells": [4, 4, 1], "cell_size": "20 nm"}, energy={"exchange": {"A": "13 pJ/m"}})
    assert "exchange length" in coarse.build().advice()[0]
    assert config(energy={"exchange": {"A": "13 pJ/m"}}).build().advice() == []


def test_memory_is_known_before_anything_is_made() -> None:
    huge = config(mesh={"cells": [10**4, 10**4, 10**4], "cell_size": "5 nm"}, energy={"demag": {}})
    assert huge.memory(np.dtype("float64")) > 1e13


def test_strains_and_currents_become_terms():
    """Each with its units and its course in time; copies without end are written as TOML writes infinity."""
    sine = {"waveform": "sin", "frequency": "1 GHz"}
    energy = {
        "magnetoelastic": {
            "B1": "-8.8 MJ/m3",
            "B2": "2 MJ/m3",
            "strain": [1e-3, 0, 0],
            "shear": [0, 2e-4, 0],
            "axis1": [1, 1, 0],
            "axis2": "z",
            "drive": sine,
        },
        "oersted": {"j": ["1 TA/m2", 0, 0], "drive": sine},
        "oersted_pillar": {"I": "2 mA", "radius": "20 nm", "axis": "y"},
        "demag": {"images": [float("inf"), 0, 0]},
    }
    mesh = {**MESH, "periodic": "x"}
    built = config(mesh=mesh, energy=energy).energy.build(
        Site(mj.Mesh((8, 6, 4), (4e-9, 5e-9, 3e-9), periodic="x"), Path()), []
    )
    strained, current, pillar, demag = built.terms
    assert (float(strained.B1), float(strained.B2)) == (-8.8e6, 2e6)
    assert float(strained.strain.at(0.25e-9, lambda profile: profile)[0]) == pytest.approx(1e-3, rel=1e-6, abs=0)
    assert float(current.j.at(0.25e-9, lambda profile: profile)[0]) == pytest.approx(1e12, rel=1e-6, abs=0)
    assert (float(pillar.I), float(pillar.radius), pillar.axis) == (2e-3, 20e-9, "y")
    assert demag.images == (float("inf"), 0, 0)
    np.testing.assert_allclose(strained.axis1, [1, 1, 0])
    np.testing.assert_allclose(strained.axis2, [0, 0, 1])


@pytest.mark.parametrize(
    ("energy", "message"),
    [
        ({"magnetoelastic": {"B1": 1e6}}, "must have `strain` or `shear`"),
        ({"magnetoelastic": {"B1": 1e6, "shear": [1e-3, 0, 0]}}, "must be given with `shear` or turned axes"),
        ({"magnetoelastic": {"B1": 1e6, "strain": [1e-3, 0, 0], "axis1": "y"}}, "must be given with `shear` or turned"),
        ({"dmi": {"D": "3 mJ/m2", "kind": "bulk", "normal": "z"}}, "has no meaning with `kind` = 'bulk'"),
        ({"dmi": {"D": "3 mJ/m2", "kind": "D2d", "A": "13 pJ/m"}}, "has no meaning where `boundary` is 'open'"),
        ({"dmi": {"D": "3 mJ/m2", "kind": "bulk", "boundary": "free"}}, "must be given where `boundary` is 'free'"),
    ],
)
def test_keys_that_would_change_nothing_are_refused(energy, message):
    with pytest.raises(ValueError, match=message):
        config(energy=energy)
