"""The `adaptive` family: an autoencoder that selects per clip which coefficients to keep."""
