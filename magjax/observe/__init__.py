"""What is seen in states: spectra of waves."""

from magjax.observe.dispersion import Dispersion as Dispersion
from magjax.observe.dispersion import dispersion as dispersion
