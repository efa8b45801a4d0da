"""What chapters, figures and pages ask of the results."""
