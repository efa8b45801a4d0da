"""Latent vectors as files: quantised coefficients, coded with a learned context model."""
