"""Many macrospins, 1e3 to 1e6: the cost of a spin and step with noise, and of a controlled trajectory without."""

from rich.table import Table

import harness

#: Replicas and steps: about as much work each, so that the cost of starting shows with few replicas.
NOISY = ((1_000, 10_000), (10_000, 1_000), (100_000, 200), (1_000_000, 50))
MEMBERS = (1_000, 10_000)
#: Replicas, and numbers of steps on which their memory must not depend; each in a process of its own.
MEMORY = (100_000, (20, 200, 2_000))


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Noise in every code that is there; controlled steps in ours."""
    about, rows = {}, []
    for code in ("magjax", "cmtj"):
        try:
            worker = harness.Worker(code, options)
        except harness.Missing as reason:
            notes.add(str(reason))
            continue
        about[code] = worker.ask("about")
        for replicas, steps in NOISY if code == "magjax" else NOISY[:1]:
            answer = worker.ask("call", name="noisy_ensemble", replicas=replicas, steps=steps)
            if "error" in answer:
                notes.add(f"{code}, {replicas} replicas: {answer['error']}")
                continue
            rows += [
                {"code": code, "way": way, "replicas": replicas, "steps": steps, **found}
                for way, found in answer.items()
            ]
        for members in MEMBERS if code == "magjax" else ():
            answer = worker.ask("call", name="adaptive_batch", members=members)
            if "error" in answer:
                notes.add(f"{members} members: {answer['error']}")
            else:
                rows.append({"code": code, "way": "controlled, 2 ns", "replicas": members, **answer})
        worker.close()
    return about, rows + _memory(options, notes)


def _memory(options: harness.Options, notes: set[str]) -> list[dict]:
    """Peak memory against the number of steps."""
    rows = []
    replicas, lengths = MEMORY
    for steps in lengths if "magjax" in options.codes else ():
        try:
            worker = harness.Worker("magjax", options)
        except harness.Missing as reason:
            notes.add(str(reason))
            break
        answer = worker.ask("call", name="ensemble_memory", replicas=replicas, steps=steps)
        if "error" in answer:
            notes.add(f"memory, {steps} steps: {answer['error']}")
        else:
            size = worker.ask("memory")["host_bytes"]
            rows.append(
                {"code": "magjax", "way": "memory", "replicas": replicas, "steps": steps, "bytes": size, **answer}
            )
        worker.close()
    return rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(
        title="Macrospins: with noise in float32, and with controlled steps; on the wall, and of the processor"
    )
    for column in ("code", "way", "members", "steps", "ns per spin and step", "µs per trajectory", "error", "MB"):
        view.add_column(column, justify="left" if column in ("code", "way") else "right")
    for row in rows:
        noisy, controlled = "ns_per_spin_step" in row, "us_per_trajectory" in row
        view.add_row(
            row["code"],
            row["way"],
            f"{row['replicas']:,}",
            f"{row['steps']:,}" if "steps" in row else "",
            f"{row['ns_per_spin_step']:.1f} / {row['cpu_ns']:.1f}" if noisy else "",
            f"{row['us_per_trajectory']:.1f} / {row['cpu_us']:.1f}" if controlled else "",
            f"{row['largest_error']:.0e}" if controlled else "",
            f"{row['bytes'] / 1e6:.0f}" if "bytes" in row else "",
        )
    return view
