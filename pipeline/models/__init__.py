"""The autoencoders: networks, training, tuning and model files."""
