"""The Jinja environment shared by the document and the site's pages."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.ext import Extension

from report.customization import Customization
from report.paths import PACKAGE


def template_environment(
    customization: Customization,
    cache_folder: Path | None,
    extensions: Sequence[type[Extension]] = (),
    **options: Any,
) -> jinja2.Environment:
    """Return an environment that looks for templates in the user's folder, then in ours.

    Undefined names are errors and output is autoescaped. `cache_folder`, if given, keeps the
    compiled templates; those of other versions of the code or the words are removed from it.
    """
    cache = None
    if cache_folder is not None:
        cache_folder.mkdir(parents=True, exist_ok=True)
        key = _cache_key(customization)
        for path in cache_folder.iterdir():
            if not path.name.startswith(key):
                path.unlink(missing_ok=True)
        cache = jinja2.FileSystemBytecodeCache(str(cache_folder), f"{key}-%s")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(customization.folders),
        extensions=extensions,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        bytecode_cache=cache,
        **options,
    )


def _cache_key(customization: Customization) -> str:
    """Digest of what compiled templates depend on besides their source.

    Jinja calls filters on constants at compile time, so our code and the words are included.
    """
    digest = hashlib.sha256(jinja2.__version__.encode())
    words = [path for folder in customization.folders if (path := folder / "words.toml").is_file()]
    for path in [*sorted(PACKAGE.rglob("*.py")), *words]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
