"""How one step is made: solvers for diffrax."""
