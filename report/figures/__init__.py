"""The figures of the report, one module each, in one style."""
