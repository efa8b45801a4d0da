"""New audio decoded from latent vectors."""
