"""`simulate` as its user meets it: what it computes, writes, shows and refuses."""

import json
import os
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.io import checkpoint, odt, ovf, table
from magjax.run import host, recorder


@pytest.mark.slow
def test_simulate_agrees_with_evolve(simulate, film, precision):
    """Two differently compiled programs of one trajectory: rounding, grown over about a hundred steps."""
    m0 = mj.textures.uniform(film.mesh, (1, 0.1, 0), dtype=precision.dtype)
    run = simulate(dtype=precision.dtype)
    pure = jax.jit(lambda: mj.evolve(film, m0, 40e-12, save_every=2e-12))()
    assert run.m.dtype == precision.dtype
    assert run.metadata["steps"] == int(pure.steps)
    np.testing.assert_allclose(run.average[1:], pure.average, atol=1000 * precision.eps, rtol=0)
    np.testing.assert_allclose(run.m, pure.m, atol=1000 * precision.eps, rtol=0)
    assert float(jnp.abs(jnp.linalg.norm(run.m, axis=0) - 1).max()) < precision.exact


@pytest.mark.slow
def test_columns_are_what_the_system_says(simulate, film):
    run = simulate(
        observe={"B (T)": lambda t, m, system: system.field(m, t)[:, 0, 0, 0], "twice": lambda t, m, s: 2 * t}
    )
    names = "t m_x m_y m_z E_total E_exchange E_demag E_zeeman max_torque max_dmdt dt B_x B_y B_z twice"
    assert " ".join(run.table) == names
    assert run.units["B_z"] == "T"
    assert run.units["E_demag"] == "J"
    energies = film.energies(run.m)
    for name, energy in energies.items():
        assert run.table[f"E_{name}"][-1] == pytest.approx(float(energy), rel=1e-12, abs=0)
    assert run.table["E_total"][-1] == pytest.approx(float(film.total_energy(run.m)), rel=1e-12, abs=0)
    B = film.field(run.m)
    torque = float(jnp.linalg.norm(jnp.cross(run.m, B, axis=0), axis=0).max())
    assert run.table["max_torque"][-1] == pytest.approx(torque, rel=1e-9, abs=0)
    speed = mj.constants.GAMMA / np.sqrt(1 + 0.02**2) * torque  # |dm/dt| = γ/√(1+α²) |m×B|
    assert run.table["max_dmdt"][-1] == pytest.approx(speed, rel=1e-9, abs=0)
    assert run.table["B_y"][-1] == pytest.approx(float(B[1, 0, 0, 0]), rel=1e-9, abs=0)
    np.testing.assert_allclose(run.table["twice"], 2 * run.t, rtol=1e-9)
    # A picture shows what was asked for, too, a panel per unit: those of ⟨m⟩ and of B.
    assert run.observed_columns == ("B_x", "B_y", "B_z", "twice")
    assert len(run.plot().axes) == 2


@pytest.mark.slow
def test_times_are_readable(simulate, dtype):
    """An end that is no multiple of the interval still gets its row, and times have no tail of digits."""
    run = simulate(dtype=dtype, duration=11e-12, save_every=2e-12)
    assert run.t.tolist() == [0.0, 2e-12, 4e-12, 6e-12, 8e-12, 1e-11, 1.1e-11]
    later = simulate(dtype=dtype, duration=4e-12, save_every=2e-12, t0=1e-9)
    assert later.t.tolist() == [1e-9, 1.002e-9, 1.004e-9]


@pytest.mark.slow
def test_start_time_reaches_the_drives(spin):
    mesh = spin.mesh
    ramp = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=mj.drive.sin(frequency=1e9) * (0, 0, 1.0)))
    m0 = mj.textures.uniform(mesh, "z")
    run = mj.simulate(ramp, m0, 2e-10, save_every=1e-10, t0=1e-10, progress=False)
    volume = 8e5 * mesh.cell_volume
    np.testing.assert_allclose(run.table["E_zeeman"], -volume * np.sin(2e9 * np.pi * run.t), rtol=1e-9)


def test_chunks_change_nothing(simulate, monkeypatch):
    """A loop cut after every single step gives the same bits."""
    whole = simulate()
    monkeypatch.setattr(host, "_CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(host, "_FIRST_STEPS", 1)
    cut = simulate(fields_every=6e-12)
    assert np.array_equal(np.asarray(whole.m), np.asarray(cut.m))
    for name in whole.table:
        assert np.array_equal(whole.table[name], cut.table[name]), name


def test_one_compilation_serves_all_chunks(simulate):
    host.step_on._cached.clear_cache()
    simulate(fields_every=4e-12)
    assert host.step_on._cached._cache_size() == 1


@pytest.mark.slow
def test_a_stop_condition_leaves_its_row(simulate):
    run = simulate(stop=mj.stop.when(lambda t, m, system: t > 10.5e-12))
    assert run.outcome is mj.Outcome.STOPPED
    assert run.t[:6].tolist() == [0.0, 2e-12, 4e-12, 6e-12, 8e-12, 1e-11]
    assert len(run.t) == 7
    assert 10.5e-12 < run.t[-1] < 12e-12
    np.testing.assert_allclose(run.average[-1], np.mean(np.asarray(run.m), axis=(1, 2, 3)), rtol=1e-12)


def test_files_hold_the_run(simulate, tmp_path):
    run = simulate(
        out=tmp_path / "film", fields_every=20e-12, pictures=True, movie=True, seed=3, metadata={"config": "x"}
    )
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "table.csv", "table.odt", "m.ovf", "m_000000.ovf", "m_000010.ovf", "m_000020.ovf", "run.json", "log.txt",
        "checkpoint.ckpt", "table.png", "final.png", "movie.gif",
    }  # fmt: skip
    record = json.loads((run.folder / "run.json").read_text())
    assert record["outcome"] == "SUCCESS"
    assert record["seed"] == 3
    assert record["config"] == "x"
    assert record["demag_evaluations"] == record["steps"]
    final = ovf.read(run.folder / "m.ovf")
    assert final.mesh == run.mesh
    assert final.time == 40e-12
    assert np.array_equal(final.values, np.asarray(run.m))
    assert np.array_equal(table.read(run.folder / "table.csv").data["m_x"], run.table["m_x"])
    assert odt.read(run.folder / "table.odt").units == run.units
    assert checkpoint.read_metadata(run.folder / "checkpoint.ckpt")["rows"] == 21
    assert np.array_equal(run.states[2], run.m)


@pytest.mark.parametrize("name", ["ovf", "vtk", "zarr", "netcdf"])
def test_states_come_back_from_every_format(simulate, tmp_path, name):
    inside = simulate(fields_every=10e-12)
    run = simulate(out=tmp_path / name, fields_every=10e-12, formats=(name,))
    loaded = mj.load_run(tmp_path / name)
    assert loaded.states.rows == run.states.rows == inside.states.rows == (0, 5, 10, 15, 20)
    assert loaded.t_states.tolist() == [0.0, 1e-11, 2e-11, 3e-11, 4e-11]
    for mine, theirs in zip(inside.states, loaded.states, strict=True):
        assert np.array_equal(mine, theirs)
    assert (tmp_path / name / "fields.nc").exists() == (name == "netcdf")
    assert (tmp_path / name / "m.pvd").exists() == (name == "vtk")


def test_a_folder_in_use_is_kept(simulate, tmp_path):
    out = tmp_path / "film"
    simulate(out=out, duration=4e-12)
    before = (out / "table.csv").read_bytes()
    with pytest.raises(FileExistsError, match=r"resume=True.*overwrite=True.*another name"):
        simulate(out=out, duration=4e-12)
    assert (out / "table.csv").read_bytes() == before
    (out / "notes.txt").write_text("mine")
    simulate(out=out, duration=2e-12, overwrite=True)
    assert (out / "notes.txt").read_text() == "mine"
    assert len(table.read(out / "table.csv").data) == 2


def test_a_run_goes_on_where_it_was_interrupted(simulate, tmp_path, monkeypatch):
    """Ctrl-C: everything saved, a message that tells how to go on, and then the same bits as without."""
    whole = simulate(out=tmp_path / "whole", fields_every=4e-12)
    original = recorder.Recorder.rows

    def rows(self, columns):
        original(self, columns)
        if columns["t"][-1] >= 14e-12:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(recorder.Recorder, "rows", rows)
        with pytest.raises(KeyboardInterrupt, match="resume=True") as caught:
            simulate(out=tmp_path / "cut", fields_every=4e-12)
    partial = caught.value.run
    assert caught.value.signal is signal.SIGINT
    assert partial.outcome is mj.Outcome.INTERRUPTED
    assert partial.t[-1] < 40e-12
    assert mj.load_run(tmp_path / "cut").outcome is mj.Outcome.INTERRUPTED
    again = simulate(out=tmp_path / "cut", fields_every=4e-12, resume=True)
    assert again.outcome is mj.Outcome.SUCCESS
    same_bytes(whole.folder, again.folder)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.slow
@pytest.mark.parametrize("formats", [("ovf", "vtk"), ("zarr",)])
def test_a_run_goes_on_after_it_died(simulate, tmp_path, monkeypatch, formats, dtype):
    """Death after rows and states were written that no checkpoint knows, and in the middle of a line."""
    settings = {"fields_every": 4e-12, "formats": formats, "dtype": dtype}
    whole = simulate(out=tmp_path / "whole", **settings)
    original = recorder.Recorder.state

    def state(self, row, t, m):
        original(self, row, t, m)
        if row == 12:
            with self.folder.table.open("ab") as file:
                file.write(b"2.4e-11,0.3")
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(recorder.Recorder, "state", state)
        with pytest.raises(Killed):
            simulate(out=tmp_path / "cut", checkpoint_every=0.0 if dtype == np.float64 else 1e6, **settings)
    assert mj.load_run(tmp_path / "cut").outcome is None
    again = simulate(out=tmp_path / "cut", resume=True, **settings)
    same_bytes(whole.folder, again.folder)
    for mine, theirs in zip(whole.states, again.states, strict=True):
        assert np.array_equal(mine, theirs)


def same_bytes(one, other):
    """Table, states and checkpoint of two runs, byte by byte."""
    names = sorted(path.name for path in one.iterdir() if path.suffix in (".csv", ".odt", ".ovf", ".vti", ".ckpt"))
    assert names == sorted(
        path.name for path in other.iterdir() if path.suffix in (".csv", ".odt", ".ovf", ".vti", ".ckpt")
    )
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_resume_extends_and_starts(simulate, tmp_path):
    out = tmp_path / "film"
    short = simulate(out=out, duration=20e-12, resume=True)  # nothing there: a start
    assert short.outcome is mj.Outcome.SUCCESS
    finished = simulate(out=out, duration=20e-12, resume=True)  # all there: nothing to do
    assert finished.metadata["steps"] == short.metadata["steps"]
    longer = simulate(out=out, duration=40e-12, resume=True)
    whole = simulate()
    assert longer.t.tolist() == whole.t.tolist()
    assert np.array_equal(longer.average, whole.average)
    with pytest.raises(ValueError, match="no save of this one"):
        simulate(out=out, duration=30e-12, resume=True)


@pytest.mark.slow
def test_resume_after_a_stop_keeps_or_lifts_it(simulate, tmp_path):
    out, stop = tmp_path / "film", mj.stop.when(lambda t, m, system: t > 10.5e-12)
    stopped = simulate(out=out, stop=stop)
    kept = simulate(out=out, stop=stop, resume=True)
    assert kept.outcome is mj.Outcome.STOPPED
    assert kept.t.tolist() == stopped.t.tolist()
    lifted = simulate(out=out, resume=True)
    assert lifted.outcome is mj.Outcome.SUCCESS
    assert lifted.t.tolist() == simulate().t.tolist()


def test_resume_names_what_differs(simulate, film, tmp_path):
    out = tmp_path / "film"
    simulate(out=out, duration=4e-12)
    other = mj.System(film.mesh, Ms=8e5, alpha=0.03, energy=film.energy)
    with pytest.raises(ValueError, match="differ in alpha"):
        simulate(out=out, duration=4e-12, resume=True, system=other)
    with pytest.raises(ValueError, match="differ in the term uniaxial_anisotropy"):
        simulate(out=out, duration=4e-12, resume=True, system=film + mj.UniaxialAnisotropy(K=1e4, axis=(0, 0, 1)))
    with pytest.raises(ValueError, match="differ in tolerance, save_every"):
        simulate(out=out, duration=4e-12, resume=True, tolerance=1e-6, save_every=1e-12)
    with pytest.raises(ValueError, match="the state m0"):
        simulate(out=out, duration=4e-12, resume=True, m0=mj.textures.uniform(film.mesh, "y"))


@pytest.mark.slow
def test_failures_keep_the_last_good_state(spin, tmp_path):
    """A field that jumps to infinity: time, cell and term are named, the table ends before it."""
    mesh = mj.Mesh((2, 1, 1), 5e-9)
    B = mj.drive.function(lambda t: jnp.where(t > 5e-12, jnp.inf, 1.0)) * (0, 0, 1.0)
    system = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=B))
    with pytest.raises(mj.SolveError, match=r"at t = 5 ps in cell .*`zeeman` is not finite.*m\.ovf") as caught:
        mj.simulate(
            system, mj.textures.uniform(mesh, "x"), 1e-11, save_every=1e-12, out=tmp_path / "jump", progress=False
        )
    assert caught.value.outcome is mj.Outcome.NOT_FINITE
    run = mj.load_run(tmp_path / "jump")
    assert run.outcome is mj.Outcome.NOT_FINITE
    assert run.t[-1] in (4e-12, 5e-12)
    assert np.all(np.isfinite(run.m))


def test_a_failure_before_the_first_step(spin):
    broken = mj.System(spin.mesh, Ms=8e5, energy=mj.Zeeman(B=lambda x, y, z: (0 * x, 0 * x, np.inf * x)))
    with pytest.raises(mj.SolveError, match=r"at t = 0 s in cell \(x, y, z\) = \(0, 0, 0\)"):
        mj.simulate(broken, mj.textures.uniform(spin.mesh, "x"), 1e-12, save_every=1e-12, progress=False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fields_every": 3e-12}, "fields_every.*multiple of `save_every` = 2e-12"),
        ({"fields_every": 1e-12}, "fields_every.*multiple"),
        ({"formats": "ovf"}, "formats"),
        ({"formats": ("hdf",)}, "formats"),
        ({"resume": True}, "resume.*folder"),
        ({"duration": 40}, "did you mean ns"),
        ({"save_every": 0.0}, "save_every"),
        ({"observe": {"m": lambda t, m, s: m}}, "fields_every"),
        ({"observe": {"m_x": lambda t, m, s: t}}, "new names"),
        ({"dt": "abc"}, "`dt` must be a time > 0 in s, but got 'abc'"),
        ({"t0": np.nan}, "`t0` must be a time in s, but got nan"),
        ({"dynamics": "LLG"}, r"`dynamics` must be an equation of motion, such as `mj.LLG\(\)`"),
        ({"stop": lambda t, m, s: True}, r"`mj.stop.when\(…\)` makes one of a function"),
        ({"fields_every": "10 ps"}, "`fields_every` must be a multiple of `save_every` = 2e-12 s, but got '10 ps'"),
        ({"checkpoint_every": "often"}, "`checkpoint_every` must be a time ≥ 0 in s of the wall clock"),
    ],
)
def test_bad_arguments_are_named(simulate, changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        simulate(**changes)


def test_places_that_cannot_be_written_to(simulate, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PermissionError, match=r"cannot \("):
        simulate(out=tmp_path / "file" / "sub")
    with pytest.raises(FileExistsError, match="is a file"):
        simulate(out=tmp_path / "file")


def test_a_run_that_cannot_fit_is_refused(simulate, monkeypatch):
    monkeypatch.setattr("magjax.run.simulate.memory_available", lambda: 1000)
    with pytest.raises(MemoryError, match=r"needs about .* GiB .* are free"):
        simulate()


@pytest.mark.slow
def test_silence_and_speech(simulate, capsys, tmp_path):
    simulate(duration=4e-12)
    assert capsys.readouterr() == ("", "")
    simulate(duration=4e-12, progress=True, out=tmp_path / "spoken")
    text = capsys.readouterr().err
    assert "spoken: SUCCESS at t = 4 ps" in text
    assert "100 %: 4 ps of 4 ps" in text
    assert (tmp_path / "spoken" / "log.txt").read_text().count("SUCCESS") == 1
    assert os.listdir(tmp_path) == ["spoken"]


@pytest.mark.slow
def test_a_step_too_long_for_noise_is_told(spin):
    """With the right one, although the chunks themselves are compiled for any number."""
    m0 = mj.textures.uniform(spin.mesh, (1, 0, 0))
    with pytest.warns(UserWarning, match=r"Argument `dt` = 5e-11 s turns spins .* Use dt ≤ \S+ s") as caught:
        run = mj.simulate(spin, m0, 1e-10, save_every=5e-11, dynamics=mj.Langevin(T=300.0), dt=5e-11, progress=False)
    assert len(caught) == 1
    assert run.outcome.succeeded
