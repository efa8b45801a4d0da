"""What latent vectors contain: features, clusters, projections and classifiers."""
