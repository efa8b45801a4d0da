"""Checks that a built study must pass before it is published."""
