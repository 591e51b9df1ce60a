"""The version, where even the lowest storey can read it without the packaging's metadata."""

__version__ = "0.1.0"
