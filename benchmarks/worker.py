"""One code in one process: reads commands as lines of JSON, answers with lines of JSON.

A process per code and case keeps precisions, thread pools and peak memory apart, and lets codes whose
dependencies exclude each other be timed in turns.
"""

import importlib
import json
import os
import resource
import sys
import time
import traceback
from typing import Any


def _own_stdout() -> Any:
    """The pipe to the harness; whatever the code itself prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return pipe


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes if sys.platform == "darwin" else kibibytes * 1024


class Server:
    """Holds the case that is being timed."""

    def __init__(self, code: str) -> None:
        self._adapter: Any = importlib.import_module(f"codes.{code}_code")
        self._step: Any = None
        self._baseline = peak_memory()

    def about(self) -> dict:
        """Versions and device."""
        return self._adapter.about()

    def rhs(self, problem: dict) -> dict:
        """Set up one evaluation of dm/dt, compile it, and say what it gives at a few cells."""
        from problems import Problem, probe

        start = time.perf_counter()
        case = self._adapter.Rhs(Problem.from_json(problem))
        ready = time.perf_counter()
        self._step = case.evaluate
        self._step(1)
        compiled = time.perf_counter()
        self._step(1)
        return {
            "setup_s": ready - start,
            "compile_s": 2 * compiled - ready - time.perf_counter(),
            "probe": probe(case.dmdt()),
        }

    def time(self, seconds: float) -> dict:
        """Evaluate for about `seconds` s; seconds per evaluation."""
        start = time.perf_counter()
        self._step(1)
        count = max(1, int(seconds / max(time.perf_counter() - start, 1e-6)))
        start = time.perf_counter()
        self._step(count)
        return {"per_evaluation_s": (time.perf_counter() - start) / count, "evaluations": count}

    def memory(self) -> dict:
        """Peak memory over that of the imported libraries, in bytes; the device's own counter where it has one."""
        device = self._adapter.device_peak_memory()
        return {"host_bytes": peak_memory() - self._baseline, "device_bytes": device}

    def call(self, name: str, **arguments: Any) -> dict:
        """A measurement that only some codes offer: a function of the adapter."""
        return getattr(self._adapter, name)(**arguments)


def main() -> None:
    """Serve until standard input ends."""
    replies = _own_stdout()
    code, cores = sys.argv[1], [int(core) for core in sys.argv[2].split(",")]
    if hasattr(os, "sched_setaffinity"):
        # Before the code is imported: thread pools are as large as the cores that they may use.
        os.sched_setaffinity(0, cores)
    try:
        server = Server(code)
    except ImportError as error:
        replies.write(json.dumps({"missing": str(error)}) + "\n")
        return
    replies.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = getattr(server, command.pop("do"))(**command)
        except Exception as error:  # noqa: BLE001 - the harness reports it and goes on with the other codes
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main()
