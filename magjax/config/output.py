"""`[output]`: what is written."""

from typing import Annotated, Literal

import pydantic

from magjax.config.model import Flag, Model

Format = Literal["ovf", "vtk", "zarr", "netcdf"]


class OutputConfig(Model):
    """`[output]`; the table and the last state of each stage are always written.

    - `formats`: of the fields that a stage saves.
    - `pictures`: whether to draw time series and last states. `movie`: whether to animate the saved fields.
    """

    formats: Annotated[tuple[Format, ...], pydantic.Field(min_length=1)] = ("ovf",)
    pictures: Flag = True
    movie: Flag = False
