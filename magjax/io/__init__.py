"""Files: one format per module.

`ovf` and `vtk` hold one field, `table` and `odt` columns of numbers, `netcdf` and `zarr` whole runs,
`checkpoint` the exact state of a computation. Every file is written beside its final name and renamed
once whole, and says in its `metadata` what made it.
"""
