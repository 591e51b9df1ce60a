"""Physical constants in SI units (CODATA 2022) and the two gyromagnetic ratios of the field.

>>> from magjax import constants
>>> round(constants.GAMMA / (2 * constants.PI) * 1e-9, 4)  # GHz/T
28.025
"""

PI = 3.141592653589793

#: Vacuum permeability μ0 in T·m/A, the value every micromagnetic code and the µMAG problems use.
MU0 = 4e-7 * PI
#: Planck constant h in J·s.
PLANCK = 6.62607015e-34
#: Reduced Planck constant ħ in J·s.
HBAR = PLANCK / (2 * PI)
#: Boltzmann constant k in J/K.
KB = 1.380649e-23
#: Elementary charge e in C.
E_CHARGE = 1.602176634e-19
#: Bohr magneton μ_B in J/T.
MU_B = 9.2740100657e-24
#: Electron g-factor magnitude |g_e|.
G_E = 2.00231930436092
#: Gyromagnetic ratio of the electron |γ_e| in rad/(s·T); dm/dt = −γ m×B.
GAMMA = 1.76085963e11
#: γ0 = μ0|γ_e| in m/(A·s), for those who think in H.
GAMMA0 = MU0 * GAMMA
#: Speed of light in m/s.
SPEED_OF_LIGHT = 299792458.0
#: Mass of the electron in kg.
M_ELECTRON = 9.1093837139e-31
