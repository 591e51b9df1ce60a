"""Small motions about an equilibrium: their operator, its eigenvectors, and what they are."""
