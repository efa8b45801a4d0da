"""Spanish: words of templates/words.toml, and how numbers, dates and lists are written."""
