"""`[[stage]]`: what is done with the system, one thing after the other."""

import abc
import math
import re
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.energy import Energies
from magjax.config.errors import Problem
from magjax.config.initial import Initial, read_initial
from magjax.config.microscope import Microscopes
from magjax.config.model import (
    Count,
    Direction,
    Duration,
    Flag,
    Frequency,
    Kelvin,
    Model,
    Natural,
    Tesla,
    as_list,
    choose,
    number,
)
from magjax.config.parameter import Damping, FieldB, Site, Temperature
from magjax.config.ringing import RingingConfig
from magjax.config.solver import SolverConfig
from magjax.config.spectrum import Spectrum
from magjax.config.sublattices import SublatticeChange
from magjax.config.torque import TorquesConfig
from magjax.config.track import Track

Torque = Annotated[float, BeforeValidator(number("T", above=0))]
Images = Annotated[int, pydantic.Field(ge=3, le=1000, strict=True)]
TeslaStep = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3))]


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}", value):
        raise Problem(f"must be made of letters, digits and . _ + -, for it names a folder, but got {value!r}.")
    return value


class AbstractStage(Model, abc.ABC):
    """A table `[[stage]]` with the key `kind`.

    - `name`: names its folder, and lets later stages start `from` it.
    - `from`: the stage whose last state it starts from, or "initial"; the one before it unless given.
    - `initial`: a state of its own to start from.
    - `energy`: terms that replace those of the same name, or join them.
    - `alpha`: damping in this stage. `sublattices`: what is other about single sublattices, by name.
    - `microscopes`: how the last state looks in them.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    kind: str
    name: Annotated[str, BeforeValidator(_name)] = ""
    start: str | None = pydantic.Field(default=None, alias="from")
    initial: Initial | None = None
    energy: Energies = Energies()
    alpha: Damping | None = None
    sublattices: dict[str, SublatticeChange] = pydantic.Field(default_factory=dict)
    microscopes: Microscopes = ()

    @pydantic.model_validator(mode="after")
    def _one_start(self) -> "AbstractStage":
        if self.start is not None and self.initial is not None:
            raise Problem("must have at most one of `from` and `initial`: both say where it starts.")
        return self


class Equilibrate(AbstractStage):
    """`kind = "minimize"` (line-searched descent of the energy) or `"relax"` (damped motion without precession).

    - `torque`: largest |m×B_eff| that may remain, T; by default 1e-5 μ0 Ms.
    - `max_steps`: at most so many steps.
    """

    kind: Literal["minimize", "relax"]
    torque: Torque | None = None
    max_steps: Count | None = None


class Stop(Model):
    """`stop = { torque = "1 uT" }`: end before the time is over."""

    torque: Torque


class Evolve(AbstractStage):
    """`kind = "evolve"`: the Landau–Lifshitz–Gilbert equation in time.

    - `temperature`: of a heat bath, K; none unless given. `seed`: says which noise. `form`: of the equation,
      "landau-lifshitz" or "gilbert".
    - `duration`: s. `save_every`: interval of the table, s; 200 rows unless given.
    - `fields_every`: interval of field files, s; none unless given.
    - `stop`: end early. `solver`: replaces `[solver]`. `spectrum`: the waves in the saved fields. `ringing`: the
      frequencies at which ⟨m⟩ rings, and each cell in the saved fields.
    - `torque`: torques that replace those of the same name, or join them. `track`: a wall, skyrmion or core to follow.
    """

    kind: Literal["evolve"]
    duration: Duration
    temperature: Temperature | None = None
    seed: Natural | None = None
    form: Literal["gilbert", "landau-lifshitz"] = "gilbert"
    save_every: Duration | None = None
    fields_every: Duration | None = None
    stop: Stop | None = None
    solver: SolverConfig | None = None
    spectrum: Spectrum | None = None
    ringing: RingingConfig | None = None
    torque: TorquesConfig = TorquesConfig()
    track: Track | None = None

    @pydantic.model_validator(mode="after")
    def _rows(self) -> "Evolve":
        for key, most in (("save_every", 10_000_000), ("fields_every", 100_000)):
            interval = getattr(self, key)
            if interval is not None and self.duration / interval > most:
                raise Problem(f"must make at most {most:,} saves, but got {interval:g} s.", key)
        if self.fields_every is not None:
            ratio = self.fields_every / self.interval
            if ratio < 0.5 or abs(ratio - round(ratio)) > 1e-6 * ratio:
                got = f"but got {self.fields_every:g} s"
                raise Problem(f"must be a multiple of `save_every` = {self.interval:g} s, {got}.", "fields_every")
        if self.spectrum is not None and self.fields_every is None:
            raise Problem("must be given: the spectrum is that of the saved fields.", "fields_every")
        return self

    @pydantic.model_validator(mode="after")
    def _noise(self) -> "Evolve":
        if self.seed is not None and self.temperature is None:
            raise Problem("has no meaning without `temperature`: there is no noise to choose.", "seed")
        return self

    def dynamics(self, site: Site) -> Any:
        """The equation of motion."""
        from magjax.dynamics import LLG, Langevin

        if self.temperature is None:
            return LLG(self.form)
        return Langevin(self.temperature.build(site), self.seed or 0, form=self.form)

    @property
    def interval(self) -> float:
        """Time between rows of the table, s."""
        return self.duration / 200 if self.save_every is None else self.save_every


class Hysteresis(AbstractStage):
    """`kind = "hysteresis"`: the equilibrium in one field after the other, each from the one before.

    - `direction`: of the field.
    - `through`: the fields to go through, T, such as `["100 mT", "-100 mT", "100 mT"]`.
    - `step`: between two fields, T; without it, only the fields in `through` themselves.
    - `torque`, `max_steps`: of each minimisation.
    """

    kind: Literal["hysteresis"]
    direction: Direction
    through: tuple[Tesla, ...] = pydantic.Field(min_length=1)
    step: TeslaStep | None = None
    torque: Torque | None = None
    max_steps: Count | None = None

    @pydantic.model_validator(mode="after")
    def _count(self) -> "Hysteresis":
        if self.step is not None and len(self.fields) > 100_000:
            raise Problem(f"must make at most 100,000 fields, but got {self.step:g} T.", "step")
        return self

    @property
    def fields(self) -> tuple[float, ...]:
        """The strengths of the field in order, T."""
        if self.step is None:
            return self.through
        fields = [self.through[0]]
        for first, last in zip(self.through, self.through[1:], strict=False):
            count = min(max(1, math.ceil(abs(last - first) / self.step - 1e-9)), 200_000)
            fields += [first + (last - first) * (i + 1) / count for i in range(count)]
        return tuple(fields)


ZeroMode = Literal["translation x", "translation y", "translation z", "rotation x", "rotation y", "rotation z"]


def _state(value: Any) -> Any:
    return value if isinstance(value, str) else read_initial(value)


#: A stage's name, "initial", or a texture of its own.
State = Annotated[Any, BeforeValidator(_state)]


class ZeroModes(Model):
    """Modes along which the energy stays as it is, at the `start` of a path and at its `saddle`."""

    start: tuple[ZeroMode, ...] = ()
    saddle: tuple[ZeroMode, ...] = ()


class Rate(Model):
    """`rate = { temperature = "300 K" }`: how often a saddle is crossed, harmonic about it and about the start.

    - `form`: "transition-state", without damping, or "langer", with that of the stage.
    - `zero_modes`: names of those that are not harmonic. `saddles`: how many equal ones there are to cross.
    """

    temperature: Kelvin
    form: Literal["transition-state", "langer"] = "transition-state"
    zero_modes: ZeroModes = ZeroModes()
    saddles: Count = 1


class Path(AbstractStage):
    """`kind = "path"`: the way of least energy from one equilibrium to another. Its last state is the saddle.

    - `to`: where it leads; it begins where other stages do. Ends are minimised first.
    - `via`: states that the first path passes through. Each is a stage's name, "initial", or a table with a texture.
    - `images`: states on the path, ends included. `method`: "band" or "string".
    - `climbing`: whether the highest climbs to the saddle; on a band unless told otherwise, never on a string.
    - `tolerance`: largest force left on the path, T. `torque`: left in its ends, T. `max_steps`: of the path.
    - `rate`: of crossing the saddle.
    """

    kind: Literal["path"]
    to: State
    via: Annotated[tuple[State, ...], BeforeValidator(as_list)] = ()
    images: Images = 15
    method: Literal["band", "string"] = "band"
    climbing: Flag | None = None
    tolerance: Torque | None = None
    torque: Torque | None = None
    max_steps: Count | None = None
    rate: Rate | None = None

    @pydantic.model_validator(mode="after")
    def _saddle(self) -> "Path":
        if self.method == "string" and self.climbing:
            raise Problem("must be left out with `method` = 'string', whose saddle is refined without it.", "climbing")
        if self.rate is not None and self.method == "band" and self.climbing is False:
            raise Problem("must be true where a `rate` is asked for: it is that of crossing the saddle.", "climbing")
        return self

    @property
    def names(self) -> tuple[tuple[tuple[Any, ...], str], ...]:
        """Stages whose states it needs besides its start, each with the place of its name in the table."""
        return tuple((place, state) for place, state in self._others() if isinstance(state, str))

    @property
    def states(self) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        """Textures that it needs besides its start, each with its place in the table."""
        return tuple((place, state) for place, state in self._others() if not isinstance(state, str))

    def _others(self) -> list[tuple[tuple[Any, ...], Any]]:
        return [(("to",), self.to), *((("via", i), state) for i, state in enumerate(self.via))]


class Eigenmodes(AbstractStage):
    """`kind = "eigenmodes"`: the small motions about the state that it starts from, which must be an equilibrium.

    - `count`: how many modes, from the lowest frequency on. `pictures`: how many of their profiles are drawn.
    - `excitation`: amplitude of an oscillating field, T: how strongly it drives each mode, and the spectrum absorbed.
    - `f_min`, `f_max`: range of the spectrum, Hz; around the modes unless given.
    - `torque`: largest torque that may be left in the state, T; by default 1e-4 μ0 Ms.
    """

    kind: Literal["eigenmodes"]
    count: Count = 20
    pictures: Natural = 8
    excitation: FieldB | None = None
    f_min: Frequency | None = None
    f_max: Frequency | None = None
    torque: Torque | None = None

    @pydantic.model_validator(mode="after")
    def _range(self) -> "Eigenmodes":
        for key in ("f_min", "f_max"):
            if getattr(self, key) is not None and self.excitation is None:
                raise Problem("has no meaning without `excitation`: there is no spectrum.", key)
        if self.f_min is not None and self.f_max is not None and not self.f_min < self.f_max:
            raise Problem(f"must be above `f_min` = {self.f_min:g} Hz, but got {self.f_max:g} Hz.", "f_max")
        return self


STAGES: dict[str, type[AbstractStage]] = {
    "minimize": Equilibrate,
    "relax": Equilibrate,
    "evolve": Evolve,
    "hysteresis": Hysteresis,
    "eigenmodes": Eigenmodes,
    "path": Path,
}


#: Any stage.
Stage = Annotated[AbstractStage, BeforeValidator(choose("kind", lambda: STAGES))]
