"""Analysis of latent vectors: features, clusters, projections and classifiers."""
