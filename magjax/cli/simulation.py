"""`magjax run` of a configuration with a mesh."""

from magjax.cli.order import Order


def run(order: Order) -> None:
    """Run the stages of a configuration, at every point of its scan.

    - `order`: what the person asked for.
    """
    from magjax.config.load import check, points

    checked = check(order.tables, str(order.config))
    chosen = order.prepared(checked.precision)

    from magjax.cli.summary import print_summary
    from magjax.config.attempt import attempt
    from magjax.config.scan import scan

    nx, ny, nz = checked.mesh.counts
    options = order.options(f"{nx}×{ny}×{nz} cells, {chosen} precision")
    folder = order.config.resolve().parent
    tables = list(points(order.tables))
    configs = [check({**each, "precision": chosen}, str(order.config)) for _, each in tables]
    # All points are tried before the first is run.
    attempt([setting for setting, _ in tables], configs, folder, chosen)
    jobs = [(setting, config, each) for (setting, each), config in zip(tables, configs, strict=True)]
    reports = scan(jobs, order.out, options, folder=folder, compare=checked.compare)
    if not order.quiet:
        print_summary(reports, order.out)
