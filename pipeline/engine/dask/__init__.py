"""Run steps on the workers of a Dask cluster."""
