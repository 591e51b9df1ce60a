"""A hysteresis loop field by field, with a table that grows, and its coercivity."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from magjax.config.stage import Hysteresis
from magjax.config.states import has_state, read_state, write_state
from magjax.io import table
from magjax.results import SolveError
from magjax.run.progress import si
from magjax.solve.hysteresis import coercive_fields, hysteresis, remanence

_BEFORE = {"step": "", "B": "T", "B_x": "T", "B_y": "T", "B_z": "T", "m_along": ""}
_AFTER = {"E_total": "J", "max_torque": "T", "steps": ""}


@dataclasses.dataclass(frozen=True, eq=False)
class LoopRun:
    """What `run_loop` returns.

    - `m`: the last state. `average`: ⟨m⟩ of it. `energy`: of it in the last field, J.
    - `steps`, `evaluations`: of all fields. `notes`: lines for a person.
    """

    m: Any
    average: tuple[float, ...]
    energy: float
    steps: int
    evaluations: int
    notes: tuple[str, ...]


def run_loop(
    stage: Hysteresis,
    name: str,
    system: Any,
    m0: Any,
    folder: Path,
    *,
    about: Mapping[str, Any],
    resume: bool,
    say: Callable[[str], None] | None,
    pictures: bool,
) -> LoopRun:
    """Go through the fields of a stage, writing `loop.csv`, the last state and `loop.png`.

    **Raises** `SolveError` in the first field in which no equilibrium is found.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unit = np.asarray(stage.direction) / np.linalg.norm(stage.direction)
    fields = np.asarray(stage.fields)
    writer, done, m = _begin(folder, system, m0, about, resume)
    options = {"tolerance": stage.torque} | ({} if stage.max_steps is None else {"max_steps": stage.max_steps})
    evaluations = 0
    for i in range(done, len(fields)):
        # One field at a time, so that all of them share one program and each leaves a row.
        found = _one(system, m, jnp.asarray(fields[i] * unit, m.dtype)[None], options)
        m, torque = found.m, float(found.torque[0])
        evaluations += int(found.evaluations[0])
        if not found.result.succeeded:
            where = f"in the stage {name!r} at B = {si(float(fields[i]), 'T')} (torque {si(torque, 'T')})"
            raise SolveError(found.result, "hysteresis", where)
        average = np.asarray(found.average[0], float)
        vectors = {f"B_{a}": fields[i] * u for a, u in zip("xyz", unit, strict=True)}
        # That of the whole sample is the first of the averages.
        vectors |= {f"{k}_{a}": float(v[j]) for k, v in system.averages(m).items() for j, a in enumerate("xyz")}
        write_state(folder, system.mesh, m, system.sublattices, {"step": i + 1, **about})
        writer.append({
            "step": i + 1, "B": fields[i], "m_along": average @ unit, "E_total": float(found.energy[0]),
            "max_torque": torque, "steps": int(found.steps[0]), **vectors,
        })  # fmt: skip
        if say is not None and (i + 1 == len(fields) or (i + 1) % max(1, len(fields) // 10) == 0 or i == 0):
            say(f"{name} {100 * (i + 1) // len(fields)} %: B = {si(float(fields[i]), 'T')}, m = {average @ unit:+.4f}")
    data = table.read(folder / "loop.csv").data
    B, along = data["B"].to_numpy(), data["m_along"].to_numpy()
    if pictures and len(B) > 1:
        from magjax.plot.series import plot_series

        plot_series(B, {"m_along": along}, x_name="B", x_unit="T").savefig(folder / "loop.png")
    last = {name: float(data[name].to_numpy()[-1]) for name in ("m_x", "m_y", "m_z", "E_total")}
    average, energy = (last["m_x"], last["m_y"], last["m_z"]), last["E_total"]
    return LoopRun(m, average, energy, int(data["steps"].to_numpy().sum()), evaluations, _notes(B, along))


@eqx.filter_jit
def _one(system: Any, m: Any, fields: Any, options: dict[str, Any]) -> Any:
    return hysteresis(system, m, fields, **options)


def _begin(
    folder: Path, system: Any, m0: Any, about: Mapping[str, Any], resume: bool
) -> tuple[table.TableWriter, int, Any]:
    """The table, how many fields are done, and the state to go on from."""
    path = folder / "loop.csv"
    if resume and path.is_file() and has_state(folder, system.sublattices):
        m, kept = read_state(folder, system.sublattices, m0.dtype)
        # A run that was killed between the files of two sublattices has left no whole state.
        steps = {int(each.get("step", 0)) for each in kept}
        done = steps.pop() if len(steps) == 1 else 0
        rows = table.read(path).data["step"]
        # The state is written before its row: without the row, the field before is the last whole one.
        if done and len(rows) >= done:
            return table.resume(path, after=done), done, m
    names = {f"{name}_{axis}": "" for name in system.average_names for axis in "xyz"}
    return table.create(path, {**_BEFORE, **names, **_AFTER}, metadata=about), 0, m0


def _notes(B: np.ndarray, along: np.ndarray) -> tuple[str, ...]:
    notes = []
    coercive = coercive_fields(B, along)
    if len(coercive):
        notes.append("coercive fields " + ", ".join(si(float(b), "T") for b in coercive))
    left = remanence(B, along)
    if len(left):
        notes.append("remanence " + ", ".join(f"{m:+.4f}" for m in left))
    return tuple(notes)
