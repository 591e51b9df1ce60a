"""Derivatives of long runs: a tape of steps, and how one is transposed."""
