"""Closed forms: they know constants only, so that they can judge everything above them."""

from magjax.analytic import antiferromagnet as antiferromagnet
from magjax.analytic import brown as brown
from magjax.analytic import damping_forms as damping_forms
from magjax.analytic import demag as demag
from magjax.analytic import dephasing as dephasing
from magjax.analytic import dispersion as dispersion
from magjax.analytic import domain_wall as domain_wall
from magjax.analytic import ferrimagnet as ferrimagnet
from magjax.analytic import film_waves as film_waves
from magjax.analytic import heisenberg as heisenberg
from magjax.analytic import inertial as inertial
from magjax.analytic import ink_drop as ink_drop
from magjax.analytic import lifetime as lifetime
from magjax.analytic import macrospin as macrospin
from magjax.analytic import magnetisation_algebra as magnetisation_algebra
from magjax.analytic import magnon_gas as magnon_gas
from magjax.analytic import radiation as radiation
from magjax.analytic import recurrence as recurrence
from magjax.analytic import rotating_field as rotating_field
from magjax.analytic import sharrock as sharrock
from magjax.analytic import spin_half as spin_half
from magjax.analytic import spin_spin as spin_spin
from magjax.analytic import stoner_wohlfarth as stoner_wohlfarth
from magjax.analytic import thiele as thiele
from magjax.analytic import two_state as two_state
from magjax.analytic import viscosity as viscosity
