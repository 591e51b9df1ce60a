"""Torques of currents: they have no energy, and join a system by `+` as energies do."""

from magjax.torque.base import AbstractTorque as AbstractTorque
from magjax.torque.slonczewski import Slonczewski as Slonczewski
from magjax.torque.spin_orbit import SpinOrbit as SpinOrbit
from magjax.torque.zhang_li import ZhangLi as ZhangLi
