"""Closed forms: they know constants only, so that they can judge everything above them."""

from magjax.analytic import demag as demag
from magjax.analytic import dispersion as dispersion
from magjax.analytic import macrospin as macrospin
