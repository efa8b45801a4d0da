"""Audio files and waveforms: find, read, resample, write."""
