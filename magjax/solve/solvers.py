"""The time integrators by name: ours, and the wrapper that puts diffrax's own on the sphere."""

from magjax.solve.inertial_rk43 import InertialRK43 as InertialRK43
from magjax.solve.multirate import Multirate as Multirate
from magjax.solve.normalized_heun import NormalizedHeun as NormalizedHeun
from magjax.solve.rk43 import RK43 as RK43
from magjax.solve.rotation_heun import RotationHeun as RotationHeun
from magjax.solve.semi_implicit import SemiImplicit as SemiImplicit
from magjax.solve.solver import OnSphere as OnSphere
