"""Pandoc and its Lua filters: Markdown to Typst and HTML."""
