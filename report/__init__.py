"""From results to pages: the PDF and the site. Never imports torch."""
