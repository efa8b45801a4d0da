"""The family `adaptive`: a trained autoencoder whose encoder chooses what to keep of each clip."""
