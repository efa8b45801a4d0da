"""How templates are read, those of the document and those of the site's pages alike."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.ext import Extension

from report import claims
from report.own import Own


def environment(
    own: Own, kept: Path | None, extensions: Sequence[type[Extension]] = (), **more: Any
) -> jinja2.Environment:
    """Where templates are found: the user's before ours. An unknown name in one is an error, and
    what they print is escaped.

    What templates compile to is kept in the folder `kept`, if one is given.
    """
    cache = None
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        grammar = hashlib.sha256(Path(claims.__file__).read_bytes()).hexdigest()[:16]
        cache = jinja2.FileSystemBytecodeCache(str(kept), f"{grammar}-%s")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(own.folders),
        extensions=extensions,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        bytecode_cache=cache,
        **more,
    )
