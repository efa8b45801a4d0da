"""What a reader hears of the report's Markdown."""

import re


def plain(markdown: str) -> str:
    """The report's Markdown as a reader hears it."""
    text = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\{\.n [^}]*\}", r"\1", markdown)
    text = text.replace("\\", "").replace("\u00a0", " ").replace("\u202f", "")
    # The sentences of a paragraph stand on lines of their own.
    return re.sub(r"(?<=[^\s|>])\n(?=[^\W\d_]|\*\*|«|¿|\[\()", " ", text)
