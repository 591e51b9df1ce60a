"""Files: one format per module.

`ovf` and `vtk` hold one field, `table` and `odt` columns of numbers, `netcdf` and `zarr` whole runs as `xarray` makes
them, `checkpoint` the exact state of a computation; `formats` tells them apart by their endings. A file is written
beside its final name and renamed once whole, and says in its `metadata` what made it. A file that is not what it claims
raises `errors.FileFormatError`.
"""
