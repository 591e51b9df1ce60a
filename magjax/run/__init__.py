"""Running a simulation from the host: compiled chunks, progress, files, checkpoints, and the result a person works with."""
