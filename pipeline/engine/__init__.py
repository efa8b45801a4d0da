"""Run a graph of steps and store their values."""
