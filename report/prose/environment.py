"""The Jinja environment shared by the document and the site's pages."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.ext import Extension

from report.customization import Customization
from report.page_cache import Kept
from report.paths import PACKAGE
from report.prose.sandbox import Sandbox


class _CompiledTemplates(jinja2.BytecodeCache):
    """Keeps compiled templates, each under `prefix` and a digest of its name."""

    def __init__(self, kept: Kept, prefix: str) -> None:
        self.kept, self.prefix = kept, prefix

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a compiled template, if it is kept."""
        content = self.kept.read(f"{self.prefix}-{bucket.key}")
        if content is not None:
            bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        self.kept.write(f"{self.prefix}-{bucket.key}", bucket.bytecode_to_string())


def template_environment(
    customization: Customization,
    cache_folder: Path | None,
    extensions: Sequence[type[Extension]] = (),
    **options: Any,
) -> jinja2.Environment:
    """Return a sandbox that looks for templates in the user's folder, then in ours.

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
        cache = _CompiledTemplates(Kept(cache_folder), key)
    return Sandbox(
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
