"""Running a configuration: its stages in order, each in a folder of its own."""

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from magjax.config.errors import ConfigError, at, line
from magjax.config.job import Job
from magjax.config.loop import run_loop
from magjax.config.microscope import MICROSCOPE_FILES, write_images
from magjax.config.modes import MODE_FILES, run_modes
from magjax.config.path import PATH_FILES, run_path
from magjax.config.record import Record
from magjax.config.report import StageReport, energies_of, first_zero, order
from magjax.config.stage import AbstractStage, Eigenmodes, Equilibrate, Evolve, Hysteresis
from magjax.config.stage import Path as PathStage
from magjax.config.states import has_state, read_state, write_state
from magjax.io import metadata as _metadata
from magjax.results import SolveError
from magjax.run.folder import Folder
from magjax.run.progress import clock, si
from magjax.run.state_fields import shown

#: What stages other than `evolve` write, and so what may be deleted of them.
_FILES = ("m.ovf", "m_*.ovf", "final.png", "loop.csv", "loop.png", *MODE_FILES, *PATH_FILES, *MICROSCOPE_FILES)


@dataclasses.dataclass(frozen=True)
class Options:
    """How a configuration is run.

    - `resume`: go on with what is there. `overwrite`: replace it.
    - `progress`: show how each stage goes. `say`: takes a line of text for the person who waits.
    """

    resume: bool = False
    overwrite: bool = False
    progress: bool = True
    say: Callable[[str], None] = lambda _: None


def execute(
    job: Job, out: str | os.PathLike[str], options: Options = Options(), *, tables: Mapping[str, Any] | None = None
) -> list[StageReport]:
    """Run all stages of a configuration.

    - `job`: the configuration's objects. `out`: the folder; each stage gets one of its name in it.
    - `options`: how. `tables`: the configuration as it was read, to be kept with the results.

    **Returns** a report for each stage.

    **Raises** `FileExistsError` for a folder with something else in it, or with results that `options` do not say what
    to do with; `SolveError` where a stage fails; `RunInterrupted` after Ctrl-C.

    >>> from magjax.config import Config
    >>> from magjax.config.execute import Options, execute
    >>> config = Config.model_validate({
    ...     "mesh": {"cells": [2, 1, 1], "cell_size": "5 nm"},
    ...     "material": {"Ms": "800 kA/m"},
    ...     "energy": {"zeeman": {"B": ["0 T", "0 T", "1 T"]}},
    ...     "initial": {"texture": "uniform", "direction": [1, 0, 0.1]},
    ...     "stage": [{"kind": "minimize"}],
    ...     "output": {"pictures": False},
    ... })
    >>> (report,) = execute(config.build(), "out", Options(progress=False))
    >>> report.name, report.outcome, round(report.average[2], 6)
    ('1-minimize', 'SUCCESS', 1.0)
    """
    return _Execution(job, Path(out), options, dict(tables or {})).run()


class _Execution:
    """One way through the stages."""

    def __init__(self, job: Job, out: Path, options: Options, tables: dict[str, Any]):
        self.job, self.out, self.options, self.tables = job, out, options, tables
        self.states: dict[str, Any] = {}
        self.about = {"config": json.dumps(tables, default=str)} if tables else {}
        self.record = Record(out, self._digest(), self.tables)
        self.sublattices = tuple(job.config.sublattices)

    def run(self) -> list[StageReport]:
        """All stages, each done once, and nothing of it in a folder where another job is at work."""
        if not (self._look() and self.options.resume):
            # What cannot be made must leave no folder and replace no results.
            self.job.attempt()
        self.record.make()
        with Folder(self.out).locked():
            return self._stages(self._open())

    def _stages(self, done: dict[str, Any]) -> list[StageReport]:
        reports = []
        config = self.job.config
        for stage, name, start in zip(config.stage, config.names(), config.starts(), strict=True):
            folder = self.out / name
            kept = done.get(name)
            if kept is not None and not isinstance(stage, Evolve) and has_state(folder, self.sublattices):
                report = self._kept(folder, kept)
            else:
                report = self._stage(stage, name, start, folder)
            # Images may be asked for afterwards.
            self._look_at(stage, name, report)
            self.states[name] = report.m
            done[name] = report.record()
            self._write(done)
            reports.append(report)
        return self._finished(reports)

    def _stage(self, stage: AbstractStage, name: str, start: str, folder: Path) -> StageReport:
        began = time.monotonic()
        i = self.job.config.names().index(name)
        with at("stage", i):
            system = self.job.system_of(stage)
        m0 = self.job.initial(stage) if start == "own" else self._named(start)
        if not isinstance(stage, Evolve) and any(self.job.config.torque.terms()):
            self._say(f"{name}: of the energies alone; what is in [torque] acts in stages that evolve")
        match stage:
            case Evolve():
                return self._evolve(stage, name, system, m0, folder, began)
            case Hysteresis():
                return self._loop(stage, name, system, m0, folder, began)
            case PathStage():
                report = run_path(stage, name, system, m0, folder, self.job, self.about, self._say, self._named)
            case Eigenmodes():
                with at("stage", i):
                    report = run_modes(stage, name, system, m0, folder, self.job, self.about, self._say)
            case Equilibrate():
                return self._equilibrate(stage, name, system, m0, folder, began)
            case _:
                raise ConfigError([line(("stage", i, "kind"), f"is {stage.kind!r}, which nothing here can do.")])
        report = dataclasses.replace(report, energies=energies_of(system, report.m), seconds=time.monotonic() - began)
        self._keep_state(report)
        return report

    def _equilibrate(
        self, stage: Equilibrate, name: str, system: Any, m0: Any, folder: Path, began: float
    ) -> StageReport:
        import magjax as mj

        if self.options.progress:
            verb = "minimising the energy of" if stage.kind == "minimize" else "relaxing"
            self.options.say(f"{name}: {verb} {system.mesh.n_cells:,} cells")
        limit: dict[str, Any] = {} if stage.max_steps is None else {"max_steps": stage.max_steps}
        solve = mj.minimize if stage.kind == "minimize" else mj.relax
        found = solve(system, m0, tolerance=stage.torque, **limit)
        if not found.result.succeeded:
            raise SolveError(
                found.result, stage.kind, f"in the stage {name!r} at a torque of {float(found.torque):.3g} T"
            )
        average = tuple(float(c) for c in np.asarray(system.average(found.m)))
        energies = {"total": float(found.energy)}
        demag = int(found.evaluations) if any(t.is_nonlocal for t in system.energy.terms) else None
        report = StageReport(
            name, stage.kind, folder, found.m, average, energies, found.result.name, int(found.steps), demag,
            time.monotonic() - began, (f"largest torque {si(float(found.torque), 'T')}", *order(system, found.m)),
        )  # fmt: skip
        self._keep_state(report)
        if self.options.progress:
            x, y, z = average
            self.options.say(
                f"{name}: {report.outcome} after {report.steps} steps, {clock(report.seconds)}; "
                f"⟨m⟩ = ({x:.4f}, {y:.4f}, {z:.4f})"
            )
        return report

    def _evolve(self, stage: Evolve, name: str, system: Any, m0: Any, folder: Path, began: float) -> StageReport:
        import magjax as mj

        config = self.job.config
        solver = stage.solver or config.solver
        with at("stage", config.names().index(name), "temperature"):
            dynamics = stage.dynamics(self.job.site)
        if self.options.progress:
            self.options.say(f"{name}: evolving {system.mesh.n_cells:,} cells for {si(stage.duration, 's')}")
        run = mj.simulate(
            system,
            m0,
            stage.duration,
            save_every=stage.interval,
            fields_every=stage.fields_every,
            out=folder,
            resume=self.options.resume,
            overwrite=self.options.overwrite,
            progress=self.options.progress,
            stop=None if stage.stop is None else mj.stop.torque(stage.stop.torque),
            solver=solver.build(),
            tolerance=solver.tolerance,
            dt=solver.dt,
            dynamics=dynamics,
            seed=stage.seed,
            formats=config.output.formats,
            pictures=config.output.pictures,
            movie=config.output.movie and stage.fields_every is not None,
            observe=None if stage.track is None else stage.track.observed(),
            metadata=self.about,
        )
        # Components that never leave zero by much only cross it by chance.
        told = [name for name in run.order_columns if np.max(np.abs(run.table[name])) > 0.05]
        zeros = {column: first_zero(run.t, run.table[column]) for column in told}
        notes = [f"⟨{column}⟩ first passes zero at {t * 1e9:.5g} ns" for column, t in zeros.items() if t is not None]
        notes += order(system, run.m)
        if stage.track is not None:
            notes.append(stage.track.note(run, system.mesh))
        if stage.ringing is not None:
            notes += stage.ringing.write(run, folder, pictures=config.output.pictures)
        if stage.spectrum is not None:
            notes.append(f"spectrum: {stage.spectrum.write(run, folder, pictures=config.output.pictures)}")
        return StageReport(
            name, stage.kind, folder, run.m, tuple(float(c) for c in run.average[-1]),
            {key.removeprefix("E_"): float(v[-1]) for key, v in run.table.items() if key.startswith("E_")},
            "UNFINISHED" if run.outcome is None else run.outcome.name, int(run.metadata["steps"]),
            run.metadata.get("demag_evaluations"), time.monotonic() - began, tuple(notes),
        )  # fmt: skip

    def _loop(self, stage: Hysteresis, name: str, system: Any, m0: Any, folder: Path, began: float) -> StageReport:
        found = run_loop(
            stage, name, system, m0, folder, about=self.about, resume=self.options.resume,
            say=self.options.say if self.options.progress else None, pictures=self.job.config.output.pictures,
        )  # fmt: skip
        demag = found.evaluations if any(t.is_nonlocal for t in system.energy.terms) else None
        return StageReport(
            name, stage.kind, folder, found.m, found.average, {"total": found.energy}, "SUCCESS", found.steps, demag,
            time.monotonic() - began, found.notes,
        )  # fmt: skip

    def _look_at(self, stage: AbstractStage, name: str, report: StageReport) -> None:
        """What microscopes see of the stage's last state."""
        if stage.microscopes:
            place, pictures = ("stage", self.job.config.names().index(name)), self.job.config.output.pictures
            system = self.job.system_of(stage)
            write_images(stage.microscopes, report.m, system, report.folder, self.about, place, pictures=pictures)

    def _named(self, name: str) -> Any:
        """The last state of a stage, or the one that the file begins with."""
        return self.states[name] if name in self.states else self.job.initial()

    def _say(self, text: str) -> None:
        if self.options.progress:
            self.options.say(text)

    def _keep_state(self, report: StageReport) -> None:
        write_state(report.folder, self.job.site.mesh, report.m, self.sublattices, self.about)

    def _finished(self, reports: list[StageReport]) -> list[StageReport]:
        """Energies and pictures of equilibria, left to the end: nobody should wait for them before the first result."""
        config, finished = self.job.config, []
        for stage, report in zip(config.stage, reports, strict=True):
            if isinstance(stage, Equilibrate) and len(report.energies) == 1:
                report = dataclasses.replace(report, energies=energies_of(self.job.system_of(stage), report.m))
                if config.output.pictures:
                    from magjax.plot.fields import plot_field

                    field, name = shown(report.m, self.sublattices)
                    plot_field(self.job.site.mesh, field, name=name).savefig(report.folder / "final.png")
            finished.append(report)
        self._write({report.name: report.record() for report in finished})
        return finished

    def _kept(self, folder: Path, record: dict[str, Any]) -> StageReport:
        m, _ = read_state(folder, self.sublattices, self.job.dtype)
        names = ("name", "kind", "energies", "outcome", "steps", "demag_evaluations", "columns")
        kept = {key: record[key] for key in names if key in record}
        return StageReport(
            folder=folder, m=m, average=tuple(record["average"]), seconds=0.0, notes=("kept from before",), **kept
        )

    def _look(self) -> dict[str, Any]:
        return self.record.look(resume=self.options.resume, overwrite=self.options.overwrite)

    def _open(self) -> dict[str, Any]:
        """Make the folder ready; the stages that are done already, by name."""
        record = self._look()
        if record and self.options.resume:
            return dict(record.get("stages", {}))
        for name, kept in record.get("stages", {}).items():
            if kept.get("kind") != "evolve":
                for pattern in _FILES:
                    for file in (self.out / name).glob(pattern):
                        file.unlink()
        self._write({})
        return {}

    def _write(self, stages: dict[str, Any]) -> None:
        self.record.write(_metadata.gather(dtype=self.job.dtype) | {"stages": stages, **self.about})

    def _digest(self) -> str:
        """What must not change between a run and its resumption; a run may become longer, and its output richer."""
        config = self.job.config
        kept = {k: v for k, v in self.tables.items() if k not in ("output", "title", "stage")}
        stages = [
            {k: v for k, v in stage.items() if k not in ("duration", "ringing", "spectrum", "microscopes")}
            for stage in self.tables.get("stage", [])
        ]
        text = json.dumps([kept, stages, str(self.job.dtype), config.names()], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
