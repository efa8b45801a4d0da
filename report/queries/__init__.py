"""Queries on the results, for chapters, figures and pages."""
