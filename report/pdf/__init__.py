"""The PDF: cover, typesetting, links."""
