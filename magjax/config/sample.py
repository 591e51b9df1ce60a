"""The system that a configuration stands for: one magnetisation or several, as it is and as a stage has it."""

from typing import TYPE_CHECKING, Any

from magjax.config.errors import at
from magjax.config.stage import AbstractStage, Evolve
from magjax.config.sublattices import SublatticeChange

if TYPE_CHECKING:
    from magjax.config.config import Config
    from magjax.config.job import Job

#: Names and numbers that lead to a table.
Place = Any


def sample(job: "Job", stage: AbstractStage | None = None) -> Any:
    """The `magjax.System` or `magjax.Sublattices` of a file, or of one of its stages.

    - `job`: the configuration's objects; terms that it has built already are not built again.

    **Raises** `ConfigError` for values that fit their keys but not each other.
    """
    config = job.config
    place: Place = () if stage is None else ("stage", config.stage.index(stage))
    if not config.sublattices:
        return _one(job, config, stage, stage, (), place)
    import magjax as mj

    systems = {}
    for name, own in config.sublattices.items():
        change = None if stage is None else stage.sublattices.get(name, SublatticeChange())
        here = place and (*place, "sublattices", name)
        systems[name] = _one(job, own, change, stage, ("sublattices", name), here)
    energy = config.energy if stage is None else config.energy.replaced_by(stage.energy)
    common = energy.build(job.site, job.terms, place)
    with at("coupling"):
        by_pairs = [(each.between, each.build(job.site)) for each in config.coupling]
        coupling: Any = by_pairs[0][1] if by_pairs and by_pairs[0][0] is None else dict(by_pairs)
    with at("sublattices"):
        return mj.Sublattices(systems, coupling=coupling or None, energy=common)


def is_changed(config: "Config", stage: AbstractStage) -> bool:
    """Whether a stage's system is another than the file's: for terms of its own, damping, or torques."""
    if stage.energy.model_fields_set or stage.alpha is not None or stage.sublattices:
        return True
    if not isinstance(stage, Evolve):
        return False
    each = (config, stage, *config.sublattices.values())
    return any(any(part.torque.terms()) for part in each)


def _one(job: "Job", own: Any, change: Any, stage: AbstractStage | None, home: Place, place: Place) -> Any:
    """One magnetisation.

    - `own`: what has its `material`, `energy` and `torque`, at `home` in the file.
    - `change`: what has the stage's `energy`, `torque` and `alpha` for it, at `place`; `None` without a stage.
    """
    from magjax.system import System

    site, material = job.site, own.material
    energy = own.energy if change is None else own.energy.replaced_by(change.energy)
    terms = energy.build(site, job.terms, place or home)
    with at(*home, "material", "Ms"):
        Ms = material.Ms.build(site)
    alpha, where = _damping(material, change, stage, home, place)
    with at(*where, "alpha"):
        damping = alpha.build(site)
    shape, regions = job.shape, job.regions
    with at(*home, "material"):
        ratio = material.ratio
        system = System(site.mesh, energy=terms, gamma=ratio, shape=shape, regions=regions, Ms=Ms, alpha=damping)
    if change is None or not isinstance(stage, Evolve):
        return system
    torques = own.torque.replaced_by(change.torque)
    return torques.join(system, site, place if change.torque.model_fields_set else home)


def _damping(material: Any, change: Any, stage: AbstractStage | None, home: Place, place: Place) -> tuple[Any, Place]:
    """α and where it is said: of the stage for this magnetisation, of the stage for all, or the material's."""
    if change is not None and change.alpha is not None:
        return change.alpha, place
    if stage is not None and stage.alpha is not None:
        return stage.alpha, place[:2]
    return material.alpha, (*home, "material")
