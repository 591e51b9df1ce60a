"""`magjax run` of a configuration with a mesh."""

from typing import TYPE_CHECKING, Any

from magjax.cli.order import Order

if TYPE_CHECKING:
    from magjax.config import Config


def run(order: Order) -> None:
    """Run the stages of a configuration, at every point of its scan.

    - `order`: what the person asked for.
    """
    from magjax.config.load import check, points

    checked = check(order.tables, str(order.config))
    chosen = order.prepared(checked.precision)

    from magjax.cli.summary import print_summary
    from magjax.config.scan import scan

    nx, ny, nz = checked.mesh.counts
    options = order.options(f"{nx}×{ny}×{nz} cells, {chosen} precision")
    # All points are checked before the first is run.
    jobs = [(setting, _fitting(each, str(order.config), chosen), each) for setting, each in points(order.tables)]
    reports = scan(jobs, order.out, options, folder=order.config.resolve().parent, compare=checked.compare)
    if not order.quiet:
        print_summary(reports, order.out)


def _fitting(tables: dict[str, Any], path: str, precision: str) -> "Config":
    """One configuration, known to fit into memory."""
    import numpy as np

    from magjax.config.load import check
    from magjax.numerics.memory import memory_available
    from magjax.run.memory import check_memory

    checked = check({**tables, "precision": precision}, path)
    check_memory(checked.memory(np.dtype(np.float64 if precision == "double" else np.float32)), memory_available())
    return checked
