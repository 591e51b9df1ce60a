"""States to start from: `mj.textures`. Unit vectors on every cell, arrays `(3, nz, ny, nx)`."""

from magjax.textures.antiparallel import antiparallel as antiparallel
from magjax.textures.domains import domain_wall as domain_wall
from magjax.textures.domains import two_domains as two_domains
from magjax.textures.file import from_file as from_file
from magjax.textures.function import from_function as from_function
from magjax.textures.helix import helix as helix
from magjax.textures.hopfion import hopfion as hopfion
from magjax.textures.masked import masked as masked
from magjax.textures.random import random as random
from magjax.textures.skyrmion import skyrmion as skyrmion
from magjax.textures.uniform import uniform as uniform
from magjax.textures.vortex import antivortex as antivortex
from magjax.textures.vortex import vortex as vortex
