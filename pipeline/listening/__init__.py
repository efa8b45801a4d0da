"""Blind listening tests: reading the answers of listeners, and analysing them."""
