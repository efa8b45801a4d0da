"""Shapes of the models in exact integer arithmetic, without torch."""
