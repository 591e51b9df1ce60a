"""The way down to an equilibrium: directions, steps along them, and derivatives of where they end."""
