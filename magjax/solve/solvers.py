"""The time integrators by name: ours, and the wrapper that puts diffrax's own on the sphere."""

from magjax.solve.steppers.inertial_rk43 import InertialRK43 as InertialRK43
from magjax.solve.steppers.multirate import Multirate as Multirate
from magjax.solve.steppers.normalized_heun import NormalizedHeun as NormalizedHeun
from magjax.solve.steppers.rk43 import RK43 as RK43
from magjax.solve.steppers.rotation_heun import RotationHeun as RotationHeun
from magjax.solve.steppers.semi_implicit import SemiImplicit as SemiImplicit
from magjax.solve.steppers.solver import OnSphere as OnSphere
