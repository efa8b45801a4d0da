"""Removes comments and unneeded white space from the site's scripts."""

import re

from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, String

STATEMENT_GOES_ON_AFTER = "{;,(=>?:&|["
STATEMENT_GOES_ON_BEFORE = ")};.?:]"

APART = re.compile(r"[\w$]{2}|\+\+|--|//|\d\.")
"""Neighbouring characters that belong to one token unless a space divides them."""


def minify(script: str) -> str:
    """The same JavaScript without comments, indentation and most spaces and line breaks."""
    tokens: list[str] = []
    gap = ""
    for kind, text in JavascriptLexer(stripnl=False).get_tokens(script):
        if kind in Comment or (kind not in String and not text.strip()):
            gap += text
            continue
        if gap and tokens:
            tokens.append(_separator(tokens[-1][-1], gap, text[0]))
        tokens.append(text)
        gap = ""
    return "".join(tokens)


def _separator(before: str, gap: str, after: str) -> str:
    """What remains of the gap between two tokens, which end and begin with these characters."""
    goes_on = before in STATEMENT_GOES_ON_AFTER or after in STATEMENT_GOES_ON_BEFORE
    if "\n" in gap and not goes_on:
        return "\n"
    return " " if APART.fullmatch(before + after) else ""
