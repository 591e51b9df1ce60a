"""Validated TOML: every table is a pydantic class that checks its keys, units and bounds, and builds its object."""

from magjax.config.config import Config as Config
from magjax.config.errors import ConfigError as ConfigError
from magjax.config.load import load as load
