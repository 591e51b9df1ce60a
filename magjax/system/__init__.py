"""Systems: what a sample is made of and the energies that act in it; one magnetisation, or several sublattices."""

from magjax.system.base import AbstractPrepared as AbstractPrepared
from magjax.system.base import AbstractSystem as AbstractSystem
from magjax.system.prepared import Prepared as Prepared
from magjax.system.prepared_sublattices import PreparedSublattices as PreparedSublattices
from magjax.system.sublattices import Sublattices as Sublattices
from magjax.system.system import System as System
