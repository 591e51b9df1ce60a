"""`drive = { waveform = … }`: how a parameter changes in time."""

import abc
from functools import reduce
from operator import mul
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Angle, Duration, Frequency, Model, Number, Time, as_list, choose
from magjax.config.parameter import Site


class AbstractWaveformConfig(Model, abc.ABC):
    """A table with the key `waveform`; times count from the start of the stage."""

    waveform: str

    @abc.abstractmethod
    def build(self, site: Site) -> Any:
        """The function of time."""


class Sine(AbstractWaveformConfig):
    """`sin` or `cos` of 2π `frequency` (t − `t0`) + `phase`."""

    waveform: Literal["sin", "cos"]
    frequency: Frequency
    phase: Angle = 0.0
    t0: Time = 0.0

    def build(self, site: Site) -> Any:
        from magjax import drive

        make = drive.sin if self.waveform == "sin" else drive.cos
        return make(self.frequency, self.phase, self.t0)


class Sinc(AbstractWaveformConfig):
    """sin u / u with u = 2π `cutoff` (t − `t0`): excites every frequency up to the cutoff alike."""

    cutoff: Frequency
    t0: Time = 0.0

    def build(self, site: Site) -> Any:
        from magjax import drive

        return drive.sinc(self.cutoff, self.t0)


class Gaussian(AbstractWaveformConfig):
    """A pulse about `t0` of standard deviation `width`; with a `frequency`, a packet of waves."""

    t0: Time
    width: Duration
    frequency: Frequency | None = None
    phase: Angle = 0.0

    def build(self, site: Site) -> Any:
        from magjax import drive

        if self.frequency is None:
            return drive.gaussian(self.t0, self.width)
        return drive.wave_packet(self.frequency, self.t0, self.width, self.phase)


class Ramp(AbstractWaveformConfig):
    """`start` until `t0`, a straight line to `end` at `t1`, `end` from then on."""

    t0: Time = 0.0
    t1: Time
    start: Number = 0.0
    end: Number = 1.0

    def build(self, site: Site) -> Any:
        from magjax import drive

        return drive.ramp(self.t0, self.t1, self.start, self.end)


class Steps(AbstractWaveformConfig):
    """`values[i]` from `times[i]` on, and 0 before the first."""

    times: tuple[Time, ...] = pydantic.Field(min_length=1)
    values: tuple[Number, ...] = pydantic.Field(min_length=1)

    def build(self, site: Site) -> Any:
        from magjax import drive

        return drive.steps(self.times, self.values)


class Table(AbstractWaveformConfig):
    """`times` and `values`, or a `file` with two columns; between them `interpolation` "linear" or "cubic"."""

    times: tuple[Time, ...] | None = None
    values: tuple[Number, ...] | None = None
    file: str | None = None
    interpolation: Literal["linear", "cubic"] = "linear"
    outside: Literal["hold", "zero"] = "hold"

    @pydantic.model_validator(mode="after")
    def _file_or_numbers(self) -> "Table":
        numbers = (self.times is not None, self.values is not None)
        if numbers != ((self.file is None,) * 2):
            raise Problem("must have either a `file`, or `times` and `values`.")
        return self

    def build(self, site: Site) -> Any:
        from magjax import drive

        if self.file is not None:
            return drive.read_table(site.folder / self.file, interpolation=self.interpolation, outside=self.outside)
        return drive.table(self.times or (), self.values or (), self.interpolation, self.outside)


WAVEFORMS: dict[str, type[AbstractWaveformConfig]] = {
    "sin": Sine,
    "cos": Sine,
    "sinc": Sinc,
    "gaussian": Gaussian,
    "ramp": Ramp,
    "steps": Steps,
    "table": Table,
}


#: One waveform, or a list of them, which are multiplied.
Drive = Annotated[
    tuple[Annotated[AbstractWaveformConfig, BeforeValidator(choose("waveform", lambda: WAVEFORMS))], ...],
    pydantic.Field(min_length=1),
    BeforeValidator(as_list),
]


def build_drive(drive: tuple[AbstractWaveformConfig, ...], site: Site) -> Any:
    """The product of the waveforms."""
    return reduce(mul, (waveform.build(site) for waveform in drive))
