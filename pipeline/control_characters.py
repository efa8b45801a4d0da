"""Escape control and bidirectional characters: file and song names may contain any of Unicode.

A character that cannot be shown as it is becomes its code point in parentheses, such as (U+202E),
so that no information is lost.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

JOINERS = "\u00ad\u200b\u200c\u200d\u2060"
"""Invisible characters that scripts and emoji need, and that cannot reorder text."""


def escape_invisible(text: str) -> str:
    """Replace control characters, and those that reorder the text around them (CVE-2021-42574),
    with their code points; white space is kept."""
    return "".join(code_points(one) if _must_escape(one) else one for one in text)


def escape_invisible_json(content: Any) -> Any:
    """Apply `escape_invisible` to all strings of JSON content, keys included."""
    if isinstance(content, str):
        return content if content.isascii() and content.isprintable() else escape_invisible(content)
    if isinstance(content, Mapping):
        return {escape_invisible_json(k): escape_invisible_json(v) for k, v in content.items()}
    if isinstance(content, list | tuple):
        return [escape_invisible_json(value) for value in content]
    return content


def one_line(text: str) -> str:
    """Text safe for a terminal: `escape_invisible`, with tabs and line breaks escaped too."""
    return "".join(code_points(one) if one in "\t\n\r" else one for one in escape_invisible(text))


def code_points(characters: str) -> str:
    """Format characters as their code points: (U+6771 U+4EAC)."""
    return f"({' '.join(f'U+{ord(one):04X}' for one in characters)})"


def _must_escape(character: str) -> bool:
    if character in "\t\n\r" or character in JOINERS:
        return False
    control = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return control or ord(character) & 0xFFFE == 0xFFFE  # U+xxFFFE and U+xxFFFF: noncharacters
