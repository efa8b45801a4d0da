"""Bytes as text in data scripts, seven bits per byte of UTF-8: base64 has six.

A page opened with file:// can read other files only as scripts, so sounds and models are strings.
The text begins with `MARK`. Each group of seven bits, most significant first, is the ASCII
character of that code. Four of them cannot be in a string of a script: each is a character of two
bytes together with the group after it. `Latentes.bytes` in site/script_loader.js decodes it.
"""

import re
from collections.abc import Iterator

import numpy as np

MARK = "\x01"
"""First character; JSON escapes it, so that in a data script only bytes begin with it."""

FORBIDDEN = '"\\\n\r'
"""Characters that cannot be in a string; with the group g after it, the i-th one is the character
of code 128 (i + 1) + g."""

PAIR = re.compile(rf"([{re.escape(FORBIDDEN)}])(.)", re.DOTALL)

CHARACTERS = {
    first + chr(group): chr(128 * place + group)
    for place, first in enumerate(FORBIDDEN, start=1)
    for group in range(128)
}
"""The character of each pair."""

PAIR_CHARACTER = re.compile("[\x80-\u027f]")

BYTE_TEXT = re.compile(f'"{MARK}([^"]*)"')
"""Bytes in the source of a data script."""


def encode(data: bytes) -> str:
    """Return bytes as text."""
    count = -(-8 * len(data) // 7)
    sevens = np.frombuffer(data + bytes(-len(data) % 7), np.uint8).reshape(-1, 7)
    groups = np.zeros((len(sevens), 8), np.uint8)  # of seven bytes each
    for place in range(7):
        groups[:, place] |= sevens[:, place] >> (place + 1)
        groups[:, place + 1] = sevens[:, place] << (6 - place)
    text = (groups & 127).tobytes()[:count].decode("ascii")
    if data and text[-1] in FORBIDDEN:  # neither change adds a byte
        text = text[:-1] + chr(ord(text[-1]) + 1) if len(data) % 7 else text + "\0"
    return MARK + PAIR.sub(lambda pair: CHARACTERS[pair[0]], text)


def decode(text: str) -> bytes:
    """Return the bytes of a text.

    Raises:
        ValueError: the text is not one that `encode` returns.
    """
    if not text.startswith(MARK):
        raise ValueError("does not begin with the mark of bytes")
    groups = PAIR_CHARACTER.sub(
        lambda pair: FORBIDDEN[ord(pair[0]) // 128 - 1] + chr(ord(pair[0]) % 128), text[1:]
    )
    codes = np.frombuffer(groups.encode("ascii"), np.uint8)
    bits = np.unpackbits(codes[:, None], axis=1)[:, 1:].ravel()
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()


def byte_parts(source: str) -> Iterator[bytes]:
    """Yield the bytes in the source of a data script, leaving out what cannot be decoded."""
    for match in BYTE_TEXT.finditer(source):
        try:
            yield decode(MARK + match[1])
        except ValueError:
            continue
