"""How templates are read, those of the document and those of the site's pages alike."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.ext import Extension

from report.customization import Customization
from report.paths import HERE


def template_environment(
    customization: Customization,
    kept: Path | None,
    extensions: Sequence[type[Extension]] = (),
    **more: Any,
) -> jinja2.Environment:
    """Where templates are found: the user's before ours. An unknown name in one is an error, and
    what they print is escaped.

    What templates compile to is kept in the folder `kept`, if one is given.
    """
    cache = None
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        key = _folded(customization)
        for path in kept.iterdir():
            if not path.name.startswith(key):
                path.unlink(missing_ok=True)
        cache = jinja2.FileSystemBytecodeCache(str(kept), f"{key}-%s")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(customization.folders),
        extensions=extensions,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        bytecode_cache=cache,
        **more,
    )


def _folded(customization: Customization) -> str:
    """What compiled templates depend on besides their source: Jinja calls filters on constants
    while it compiles, so that our code and the words are part of what comes of it."""
    digest = hashlib.sha256(jinja2.__version__.encode())
    words = [path for folder in customization.folders if (path := folder / "words.toml").is_file()]
    for path in [*sorted(HERE.rglob("*.py")), *words]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
