"""Model shapes in exact integer arithmetic, without torch."""
