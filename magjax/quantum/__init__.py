"""Quantum spins: operators, Hamiltonians, states, their evolution, entropies and phases."""

from magjax.quantum.anisotropy import SingleIon as SingleIon
from magjax.quantum.dipolar import Dipolar as Dipolar
from magjax.quantum.dmi import DMI as DMI
from magjax.quantum.exchange import Exchange as Exchange
from magjax.quantum.hamiltonian import AbstractHamiltonian as AbstractHamiltonian
from magjax.quantum.hamiltonian import Given as Given
from magjax.quantum.hamiltonian import Sum as Sum
from magjax.quantum.magnons import Magnons as Magnons
from magjax.quantum.magnons import mean_position as mean_position
from magjax.quantum.magnons import ring_exchange as ring_exchange
from magjax.quantum.magnons import wave_packet as wave_packet
from magjax.quantum.observables import expectation as expectation
from magjax.quantum.observables import magnetisation as magnetisation
from magjax.quantum.observables import moment_operators as moment_operators
from magjax.quantum.observables import spin_vectors as spin_vectors
from magjax.quantum.pairwise import all_pairs as all_pairs
from magjax.quantum.pairwise import chain as chain
from magjax.quantum.pairwise import ring as ring
from magjax.quantum.restricted import Restricted as Restricted
from magjax.quantum.sector import Sector as Sector
from magjax.quantum.spins import Spins as Spins
from magjax.quantum.spins import spin_matrices as spin_matrices
from magjax.quantum.states import basis_state as basis_state
from magjax.quantum.states import coherent_state as coherent_state
from magjax.quantum.xxz import XXZ as XXZ
from magjax.quantum.zeeman import Zeeman as Zeeman
