"""Names for files and addresses: lower-case ASCII, unique per name."""

import hashlib
import re
import unicodedata

LONGEST = 60
"""Characters of a slug, its digest aside."""


def slug(name: str) -> str:
    """A name for files and addresses: lower-case ASCII letters, digits and hyphens.

    One that loses more than accents so, or is long, ends in eight digits of its SHA-256: names
    in other scripts stay apart.
    """
    letters = "".join(
        one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)
    )
    plain = re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode().lower())
    plain = plain.strip("-")
    if letters.isascii() and 0 < len(plain) <= LONGEST:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[:LONGEST]}-{digest}".strip("-")
