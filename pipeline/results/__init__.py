"""The results folder: its schema, and the code that fills it."""
