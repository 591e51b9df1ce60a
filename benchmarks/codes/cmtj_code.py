"""cmtj, through its public names: macrospins with noise, one after the other, for it knows no batches."""

import importlib.metadata
import time

import cmtj


def about() -> dict:
    """Versions and device."""
    return {"cmtj": importlib.metadata.version("cmtj"), "device": "cpu"}


def device_peak_memory() -> int | None:
    """None: it runs on a CPU."""
    return None


def noisy_ensemble(replicas: int, steps: int) -> dict:
    """Heun's method for as many replicas as a few seconds allow; the cost of one is that of any."""
    Ms, edge, dt, mu0 = 8e5, 5e-9, 1e-13, 1.25663706e-6
    count = min(replicas, 200)

    def run() -> None:
        zero = cmtj.CVector(0.0, 0.0, 0.0)
        layer = cmtj.Layer(
            "free", cmtj.CVector(0.1, 0.0, 1.0), cmtj.CVector(0.0, 0.0, 1.0), mu0 * Ms, edge, edge * edge,
            [zero, zero, zero], 0.1)  # fmt: skip
        junction = cmtj.Junction([layer])
        junction.setLayerAnisotropyDriver("all", cmtj.ScalarDriver.getConstantDriver(1e4))
        junction.setLayerTemperatureDriver("all", cmtj.ScalarDriver.getConstantDriver(300.0))
        field = cmtj.ScalarDriver.getConstantDriver(0.1 / mu0)
        null = cmtj.NullDriver()
        junction.setLayerExternalFieldDriver("all", cmtj.AxialDriver(null, null, field))
        junction.runSimulation(steps * dt, dt, steps * dt, solverMode=cmtj.SolverMode.Heun)

    run()
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        run()
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    each = 1e9 / (count * steps)
    found = {"min_s": took, "max_s": took, "cpu_s": cpu, "ns_per_spin_step": each * took, "cpu_ns": each * cpu}
    return {"cmtj": found}
