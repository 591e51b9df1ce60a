"""What is seen in states: averages, torques and angles as functions of time, spins and system; spectra of waves."""

from magjax.observe.angle import max_angle as max_angle
from magjax.observe.average import average as average
from magjax.observe.average import average_in as average_in
from magjax.observe.dispersion import Dispersion as Dispersion
from magjax.observe.dispersion import dispersion as dispersion
from magjax.observe.emergent import emergent_field as emergent_field
from magjax.observe.energies import energies as energies
from magjax.observe.motion import thiele_tensors as thiele_tensors
from magjax.observe.motion import velocity as velocity
from magjax.observe.ringing import Ringing as Ringing
from magjax.observe.ringing import ringing as ringing
from magjax.observe.skyrmion import core_position as core_position
from magjax.observe.skyrmion import helicity as helicity
from magjax.observe.skyrmion import skyrmion_position as skyrmion_position
from magjax.observe.skyrmion import skyrmion_radius as skyrmion_radius
from magjax.observe.sublattices import average_of as average_of
from magjax.observe.sublattices import neel_vector as neel_vector
from magjax.observe.sublattices import net_moment as net_moment
from magjax.observe.survival import Survival as Survival
from magjax.observe.survival import coercivity as coercivity
from magjax.observe.survival import survival as survival
from magjax.observe.survival import switching_rate as switching_rate
from magjax.observe.topology import skyrmion_density as skyrmion_density
from magjax.observe.topology import skyrmion_number as skyrmion_number
from magjax.observe.torque import max_torque as max_torque
from magjax.observe.wall import Wall as Wall
