"""The PDF: cover data, typesetting with Typst, and attached sounds."""
