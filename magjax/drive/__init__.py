"""Functions of time: `mj.drive`.

`mj.drive.sin(frequency=1e9) * (0, 1e-3, 0)` is a value for any parameter of a system.
"""

from magjax.drive.base import AbstractDrive as AbstractDrive
from magjax.drive.base import Constant as constant
from magjax.drive.base import Driven as Driven
from magjax.drive.function import Function as function
from magjax.drive.gaussian import Gaussian as gaussian
from magjax.drive.gaussian import wave_packet as wave_packet
from magjax.drive.harmonic import Cos as cos
from magjax.drive.harmonic import Sin as sin
from magjax.drive.profile import Profile as Profile
from magjax.drive.ramp import Ramp as ramp
from magjax.drive.sinc import Sinc as sinc
from magjax.drive.steps import Steps as steps
from magjax.drive.table import Table as table
from magjax.drive.table import read_table as read_table

__all__ = [
    "AbstractDrive",
    "Driven",
    "Profile",
    "constant",
    "cos",
    "function",
    "gaussian",
    "ramp",
    "read_table",
    "sin",
    "sinc",
    "steps",
    "table",
    "wave_packet",
]
