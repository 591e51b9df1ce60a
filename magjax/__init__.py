"""magjax: spin dynamics from one quantum spin to a full micromagnetic sample, differentiable from end to end.

Names are imported on first use, so that `import magjax` is light.
"""

import importlib
from typing import TYPE_CHECKING, Any

from magjax._version import __version__ as __version__

if TYPE_CHECKING:
    from magjax import analytic as analytic
    from magjax import batch as batch
    from magjax import constants as constants
    from magjax import drive as drive
    from magjax import dynamics as dynamics
    from magjax import fit as fit
    from magjax import kinetics as kinetics
    from magjax import observe as observe
    from magjax import quantum as quantum
    from magjax import textures as textures
    from magjax.batch.ensemble import ensemble as ensemble
    from magjax.batch.result import Ensemble as Ensemble
    from magjax.dynamics.langevin import Langevin as Langevin
    from magjax.dynamics.llg import LLG as LLG
    from magjax.energy.base import EnergyTerm as EnergyTerm
    from magjax.energy.coupling import Coupling as Coupling
    from magjax.energy.cubic import CubicAnisotropy as CubicAnisotropy
    from magjax.energy.demag import Demag as Demag
    from magjax.energy.dmi import DMI as DMI
    from magjax.energy.exchange import Exchange as Exchange
    from magjax.energy.interlayer import InterlayerExchange as InterlayerExchange
    from magjax.energy.magnetoelastic import Magnetoelastic as Magnetoelastic
    from magjax.energy.oersted import Oersted as Oersted
    from magjax.energy.oersted_pillar import OerstedPillar as OerstedPillar
    from magjax.energy.uniaxial import UniaxialAnisotropy as UniaxialAnisotropy
    from magjax.energy.zeeman import Zeeman as Zeeman
    from magjax.geometry import shapes as shapes
    from magjax.geometry.regions import Regions as Regions
    from magjax.material.gradient import grad as grad
    from magjax.material.gradient import value_and_grad as value_and_grad
    from magjax.material.parameter import parameter as parameter
    from magjax.mesh import Mesh as Mesh
    from magjax.results import Outcome as Outcome
    from magjax.results import SolveError as SolveError
    from magjax.run.loading import load_run as load_run
    from magjax.run.result import Run as Run
    from magjax.run.simulate import simulate as simulate
    from magjax.solve import solvers as solvers
    from magjax.solve import stop as stop
    from magjax.solve.eigenmodes import eigenmodes as eigenmodes
    from magjax.solve.equilibrium import Equilibrium as Equilibrium
    from magjax.solve.evolve import Trajectory as Trajectory
    from magjax.solve.evolve import evolve as evolve
    from magjax.solve.follow import follow as follow
    from magjax.solve.hysteresis import hysteresis as hysteresis
    from magjax.solve.linear.modes import Modes as Modes
    from magjax.solve.minimize import minimize as minimize
    from magjax.solve.path import find_path as find_path
    from magjax.solve.paths.energy_path import EnergyPath as EnergyPath
    from magjax.solve.relax import relax as relax
    from magjax.solve.sweep import Sweep as Sweep
    from magjax.solve.sweep import sweep_field as sweep_field
    from magjax.solve.switching import Switching as Switching
    from magjax.solve.switching import switching_times as switching_times
    from magjax.system import Sublattices as Sublattices
    from magjax.system import System as System
    from magjax.torque.slonczewski import Slonczewski as Slonczewski
    from magjax.torque.spin_orbit import SpinOrbit as SpinOrbit
    from magjax.torque.zhang_li import ZhangLi as ZhangLi

# name → (module, attribute); an empty attribute is the module itself
_WHERE = {
    "analytic": ("magjax.analytic", ""),
    "batch": ("magjax.batch", ""),
    "constants": ("magjax.constants", ""),
    "drive": ("magjax.drive", ""),
    "dynamics": ("magjax.dynamics", ""),
    "fit": ("magjax.fit", ""),
    "kinetics": ("magjax.kinetics", ""),
    "observe": ("magjax.observe", ""),
    "quantum": ("magjax.quantum", ""),
    "shapes": ("magjax.geometry.shapes", ""),
    "solvers": ("magjax.solve.solvers", ""),
    "stop": ("magjax.solve.stop", ""),
    "textures": ("magjax.textures", ""),
    "Coupling": ("magjax.energy.coupling", "Coupling"),
    "CubicAnisotropy": ("magjax.energy.cubic", "CubicAnisotropy"),
    "DMI": ("magjax.energy.dmi", "DMI"),
    "Demag": ("magjax.energy.demag", "Demag"),
    "Ensemble": ("magjax.batch.result", "Ensemble"),
    "Equilibrium": ("magjax.solve.equilibrium", "Equilibrium"),
    "EnergyPath": ("magjax.solve.paths.energy_path", "EnergyPath"),
    "EnergyTerm": ("magjax.energy.base", "EnergyTerm"),
    "Exchange": ("magjax.energy.exchange", "Exchange"),
    "InterlayerExchange": ("magjax.energy.interlayer", "InterlayerExchange"),
    "LLG": ("magjax.dynamics.llg", "LLG"),
    "Langevin": ("magjax.dynamics.langevin", "Langevin"),
    "Magnetoelastic": ("magjax.energy.magnetoelastic", "Magnetoelastic"),
    "Mesh": ("magjax.mesh", "Mesh"),
    "Modes": ("magjax.solve.linear.modes", "Modes"),
    "Oersted": ("magjax.energy.oersted", "Oersted"),
    "OerstedPillar": ("magjax.energy.oersted_pillar", "OerstedPillar"),
    "Outcome": ("magjax.results", "Outcome"),
    "Regions": ("magjax.geometry.regions", "Regions"),
    "Run": ("magjax.run.result", "Run"),
    "Slonczewski": ("magjax.torque.slonczewski", "Slonczewski"),
    "SolveError": ("magjax.results", "SolveError"),
    "SpinOrbit": ("magjax.torque.spin_orbit", "SpinOrbit"),
    "Sublattices": ("magjax.system", "Sublattices"),
    "Sweep": ("magjax.solve.sweep", "Sweep"),
    "Switching": ("magjax.solve.switching", "Switching"),
    "System": ("magjax.system", "System"),
    "Trajectory": ("magjax.solve.evolve", "Trajectory"),
    "UniaxialAnisotropy": ("magjax.energy.uniaxial", "UniaxialAnisotropy"),
    "Zeeman": ("magjax.energy.zeeman", "Zeeman"),
    "ZhangLi": ("magjax.torque.zhang_li", "ZhangLi"),
    "ensemble": ("magjax.batch.ensemble", "ensemble"),
    "eigenmodes": ("magjax.solve.eigenmodes", "eigenmodes"),
    "evolve": ("magjax.solve.evolve", "evolve"),
    "follow": ("magjax.solve.follow", "follow"),
    "find_path": ("magjax.solve.path", "find_path"),
    "grad": ("magjax.material.gradient", "grad"),
    "hysteresis": ("magjax.solve.hysteresis", "hysteresis"),
    "load_run": ("magjax.run.loading", "load_run"),
    "minimize": ("magjax.solve.minimize", "minimize"),
    "parameter": ("magjax.material.parameter", "parameter"),
    "relax": ("magjax.solve.relax", "relax"),
    "simulate": ("magjax.run.simulate", "simulate"),
    "sweep_field": ("magjax.solve.sweep", "sweep_field"),
    "switching_times": ("magjax.solve.switching", "switching_times"),
    "value_and_grad": ("magjax.material.gradient", "value_and_grad"),
}

__all__ = ["__version__", *_WHERE]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'magjax' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    found = importlib.import_module(module)
    value = getattr(found, attribute) if attribute else found
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
