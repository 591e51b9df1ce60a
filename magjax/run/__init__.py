"""Simulations run from the host: compiled chunks, progress, files, checkpoints, and results to work with."""
