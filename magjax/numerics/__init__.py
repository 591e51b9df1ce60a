"""Numerical methods that know meshes and arrays, not physics."""
