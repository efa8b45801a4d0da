"""Slugs: names for files and URLs in lower-case ASCII."""

import hashlib
import re
import unicodedata

MAX_LENGTH = 60
"""Characters of a slug, not counting its digest."""


def slug(name: str) -> str:
    """Convert a name to lower-case ASCII letters, digits and hyphens.

    Names that lose more than accents, and long ones, get eight digits of their SHA-256 appended,
    so that different names in other scripts have different slugs.
    """
    letters = "".join(
        one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)
    )
    plain = re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode().lower())
    plain = plain.strip("-")
    if letters.isascii() and 0 < len(plain) <= MAX_LENGTH:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[:MAX_LENGTH]}-{digest}".strip("-")
