"""A stage that finds a path of least energy between two states: its table, its pictures, its fields, its rate."""

from collections.abc import Callable, Mapping
from pathlib import Path as Folder
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from magjax import constants
from magjax.config.errors import ConfigError, at, line
from magjax.config.job import Job
from magjax.config.report import StageReport
from magjax.config.stage import Path, Rate
from magjax.io import ovf, table
from magjax.results import SolveError
from magjax.run.progress import si
from magjax.run.state_fields import fields_of, shown
from magjax.solve.minimize import minimize
from magjax.solve.path import apart, find_path
from magjax.solve.paths.energy_path import EnergyPath

#: What the stage writes.
PATH_FILES = ("path.csv", "path.png", "images.png", "image_*.ovf")


def run_path(
    stage: Path,
    name: str,
    system: Any,
    m0: Any,
    folder: Folder,
    job: Job,
    about: Mapping[str, Any],
    say: Callable[[str], None],
    named: Callable[[str], Any],
) -> StageReport:
    """Minimise both ends, find the path between them, and write `PATH_FILES`; the stage's last state is the saddle.

    - `m0`: where it begins. `named`: the state of a stage by its name.
    - `about`: metadata for the files. `say`: takes a line of text for the person who waits.

    **Raises** `ConfigError` where both ends fall into one minimum, and for rates that make no sense; `SolveError` for
    ends and paths that do not converge, the latter after all is written that was found.
    """
    place = ("stage", job.config.stage.index(stage))

    def state(key: tuple[Any, ...], given: Any) -> Any:
        with at(*place, *key):
            return named(given) if isinstance(given, str) else job.state_of(given)

    last, via = state(("to",), stage.to), [state(("via", i), given) for i, given in enumerate(stage.via)]
    say(f"{name}: a path of {stage.images} images over {system.mesh.n_cells:,} cells")
    ends = [_minimum(stage, name, system, m) for m in (m0, last)]
    if not apart(*ends):
        problem = "must be another state than the start, but both fall into one minimum."
        raise ConfigError([line((*place, "to"), problem)])
    limit: dict[str, Any] = {} if stage.max_steps is None else {"max_steps": stage.max_steps}
    with at(*place):
        path = find_path(
            system, *ends, via=via, images=stage.images, method=stage.method, climbing=stage.climbing,
            tolerance=stage.tolerance, torque=stage.torque, **limit,
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    sublattices = tuple(job.config.sublattices)
    _write(path, system, folder, sublattices, about)
    if job.config.output.pictures:
        from magjax.plot.path import plot_images

        path.plot().savefig(folder / "path.png")
        states, saddle = np.stack([shown(m, sublattices)[0] for m in path.states]), shown(path.saddle, sublattices)[0]
        plot_images(system.mesh, states, saddle, path.top).savefig(folder / "images.png")
    if not path.result.succeeded:
        raise SolveError(path.result, "path", f"in the stage {name!r} at a force of {si(float(path.force), 'T')}")
    notes, columns = _findings(path)
    if stage.rate is not None:
        with at(*place, "rate"):
            columns["rate (1/s)"] = rate = _rate(stage.rate, path, system)
        notes.append(_crossed(stage.rate, rate, path))
    say(f"{name}: {path.result.name} after {int(path.steps)} steps; {notes[0]}")
    average = tuple(float(c) for c in np.asarray(system.average(path.saddle)))
    return StageReport(
        name, stage.kind, folder, path.saddle, average, {}, path.result.name, int(path.steps), None, 0.0, tuple(notes),
        columns,
    )  # fmt: skip


def _minimum(stage: Path, name: str, system: Any, m: Any) -> Any:
    found = minimize(system, m, tolerance=stage.torque)
    if not found.result.succeeded:
        raise SolveError(found.result, "minimize", f"at an end of {name!r} at a torque of {float(found.torque):.3g} T")
    return found.m


def _findings(path: EnergyPath) -> tuple[list[str], dict[str, float]]:
    up, down = path.barrier, path.barrier_back
    notes = [f"barrier {_energy(up)}, back {_energy(down)}"]
    if len(path.curvatures):
        size = "the lowest way over" if path.order == 1 else "a lower way is near: lead the path by `via`"
        notes.append(f"the saddle falls in {path.order} direction{'s' * (path.order != 1)}: {size}")
    elif min(up, down) <= 0:
        notes.append("there is no hill between them: the energy only falls")
    if path.valleys:
        where = ", ".join(map(str, path.valleys))
        notes.append(f"the path passes a valley at image {where}: the barrier is that of the highest pass")
    return notes, {"barrier (J)": up, "barrier_back (J)": down}


def _energy(joules: float) -> str:
    return f"{si(joules, 'J', 6)} ({si(joules / constants.E_CHARGE, 'eV', 6)}, {joules / constants.KB:.5g} K)"


def _rate(given: Rate, path: EnergyPath, system: Any) -> float:
    alpha = None
    if given.form == "langer":
        prepared = system.prepare(path.states.dtype).starting_at(path.t)
        found = np.unique(np.asarray(prepared.coefficients(jnp.zeros((), path.states.dtype))[1]))
        if len(found) > 1:
            raise ValueError("Argument `form` must be 'transition-state' where the damping varies in space.")
        alpha = float(found[0])
    modes = given.zero_modes
    one = path.rate(system, given.temperature, alpha=alpha, zero_modes=(modes.start, modes.saddle))
    return given.saddles * float(one)


def _crossed(given: Rate, rate: float, path: EnergyPath) -> str:
    log = float(np.log(rate)) + path.barrier / (constants.KB * given.temperature) if rate > 0 else np.nan
    once = si(1 / rate, "s", 4) if rate > 1e-4 else f"{1 / rate:.4g} s" if rate > 0 else "more than 1e300 s"
    return (
        f"crossed {rate:.4g} times a second at {given.temperature:g} K, once in {once} ({given.form}; prefactor "
        f"{np.exp(log):.4g} 1/s)"
    )


def _write(
    path: EnergyPath, system: Any, folder: Folder, sublattices: tuple[str, ...], about: Mapping[str, Any]
) -> None:
    count = len(path.energy)
    terms, averages = _along(system, path.states)
    columns = {"image": np.arange(count), "position": path.position, "E": path.energy - path.energy[0]}
    columns |= {f"{name}_{axis}": m[:, i] for name, m in averages.items() for i, axis in enumerate("xyz")}
    columns |= {f"E_{name}": values for name, values in terms.items()} | {"E_total": path.energy}
    units = {name: "J" for name in columns if name == "E" or name.startswith("E_")} | {"position": "rad"}
    table.write(folder / "path.csv", {k: np.asarray(v, float) for k, v in columns.items()}, units, metadata=about)
    for old in folder.glob("image_*.ovf"):
        old.unlink()
    digits = max(2, len(str(count - 1)))
    for i, state in enumerate(path.states):
        place = {"position_rad": float(path.position[i]), "E_total_J": float(path.energy[i])}
        for name, field in fields_of(state, sublattices).items():
            file = folder / f"image_{i:0{digits}d}{name.removeprefix('m')}.ovf"
            labels = (f"{name}_x", f"{name}_y", f"{name}_z")
            ovf.write(file, system.mesh, field, labels=labels, metadata=place | dict(about))


@eqx.filter_jit
def _along(system: Any, states: Any) -> Any:
    """Energies by term, J, and averages of all states on a path."""
    return jax.lax.map(lambda m: (system.energies(m), system.averages(m)), states)
