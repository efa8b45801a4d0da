"""Characters that would hide or turn text: names of files and songs may hold any of Unicode's.

One that cannot be shown as it is stands as its code point in brackets, as in (U+202E), so that
nothing is lost.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

JOINERS = "\u00ad\u200b\u200c\u200d\u2060"
"""Invisible characters that scripts and emoji need, and that move nothing."""


def visible(text: str) -> str:
    """Text whose control characters, and those that change the direction of the text around
    them (the trick of CVE-2021-42574), are told by their code points; white space stays."""
    return "".join(code_points(one) if _hides(one) else one for one in text)


def visible_in(content: Any) -> Any:
    """JSON content with all its strings `visible`, keys too."""
    if isinstance(content, str):
        return content if content.isascii() and content.isprintable() else visible(content)
    if isinstance(content, Mapping):
        return {visible_in(key): visible_in(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [visible_in(value) for value in content]
    return content


def one_line(text: str) -> str:
    """Text as a terminal may have it: `visible`, and in one line whatever a file is called."""
    return "".join(code_points(one) if one in "\t\n\r" else one for one in visible(text))


def code_points(characters: str) -> str:
    """Characters by their code points: (U+6771 U+4EAC)."""
    return f"({' '.join(f'U+{ord(one):04X}' for one in characters)})"


def _hides(character: str) -> bool:
    if character in "\t\n\r" or character in JOINERS:
        return False
    hiding = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return hiding or ord(character) & 0xFFFE == 0xFFFE  # the last two of a plane are none
