"""`magjax info`."""

import typer


def info() -> None:
    """Show versions, devices and caches: what to say in a report of a problem."""
    import importlib.metadata
    import platform

    import jax

    from magjax import __version__
    from magjax.cli.environment import prepare
    from magjax.numerics.kernel_cache import directory
    from magjax.numerics.memory import memory_available

    precision = prepare()
    typer.echo(f"magjax     {__version__}")
    typer.echo(f"python     {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in ("jax", "jaxlib", "diffrax", "equinox", "numpy", "scipy", "ducc0", "numba"):
        try:
            typer.echo(f"{package:11}{importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            typer.echo(f"{package:11}not installed")
    for device in jax.devices():
        typer.echo(f"device     {device.device_kind} ({device.platform}), {precision} precision by default")
    free = memory_available()
    typer.echo(f"memory     {'unknown' if free is None else f'{free / 2**30:.1f} GiB free'}")
    place = directory()
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) if place.is_dir() else 0
    typer.echo(f"cache      {place} ({size / 2**20:.0f} MiB)")
