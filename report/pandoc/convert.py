"""Runs pandoc on the report's Markdown."""

import hashlib
import json
import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote

from report.customization import Customization
from report.language.words import Words
from report.page_cache import Kept
from report.pandoc.error_lines import explain

PYPANDOC = distribution("pypandoc-binary")
PANDOC = Path(str(PYPANDOC.locate_file("pypandoc/files/pandoc")))
"""Path of the executable; pypandoc itself would import urllib and run `pandoc --version`."""
PLAIN_MARKDOWN = Path(__file__).with_name("plain_markdown.lua")
FILTER = Path(__file__).with_name("report_filter.lua")
SPLIT_PAGES = Path(__file__).with_name("split_pages.lua")
READER = (
    "markdown-smart-raw_html-raw_tex-raw_attribute-latex_macros-citations+citations"
    "-yaml_metadata_block"  # a chapter could name any file as bibliography
)
DEFINITION = re.compile(r"^[\s>]*[:~]\s", re.MULTILINE)
"""Beginning of a line that may define a term."""
REFERENCES = ("figure", "table", "equation", "chapter", "section", "appendix")
CAPTIONS = ("figure", "table", "appendix")


def convert(
    markdown: str,
    to: str,
    folder: Path,
    words: Words,
    customization: Customization,
    site: str | None,
    *options: str,
    cache: Path | None = None,
) -> str:
    """Convert the report's Markdown with pandoc and our filter.

    Args:
        to: pandoc output format.
        folder: working directory of pandoc; figures are looked for here.
        site: URL of the published site.
        options: further pandoc options.
        cache: keeps the result between renders, as a new title changes nothing in the Markdown.

    Raises:
        ReportError: pandoc or the filter failed (warnings count); for an unknown reference the
            message gives the template and line.
    """
    labels = {name: words(f"reference.{name}") for name in REFERENCES}
    labels |= {f"caption_{name}": words(f"caption.{name}") for name in CAPTIONS}
    labels |= {name: words(f"document.{name}") for name in ("data", "scan")}
    template = customization.find("informe.typ").read_text(encoding="utf-8")
    metadata = {
        "words": labels,
        "pictures": [name for path in customization.pictures for name in (path, quote(path))],
        "functions": re.findall(r"^#let ([\w-]+)\(", template, re.MULTILINE),
        "site": site or "",
        "bibliography": [str(path) for path in customization.bibliographies],
        "csl": str(customization.find("referencias.csl")),
        "lang": "es",
        "link-citations": True,
    }
    metadata_file = folder / f"metadata-{to}.json"
    metadata_file.write_text(json.dumps(metadata), encoding="utf-8")
    # Looking for definitions takes pandoc a quarter of its time.
    reader = READER if DEFINITION.search(markdown) else f"{READER}-definition_lists"
    filters = ["--lua-filter", str(PLAIN_MARKDOWN), "--lua-filter", str(FILTER)]
    command = [
        str(PANDOC), "--from", reader, "--to", to, "--fail-if-warnings", *filters,
        "--metadata-file", metadata_file.name, "--wrap=none", *options,
    ]  # fmt: skip

    def run() -> bytes:
        done = subprocess.run(
            command,
            input=markdown,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise explain(done.stderr, markdown, customization)
        return done.stdout.encode()

    if cache is None:
        return run().decode()
    read = [metadata_file, customization.find("referencias.csl"), *customization.bibliographies]
    read += sorted(FILTER.parent.glob("*.lua"))
    if to != "typst":  # the filter asks for the size of each figure and whether it has a table
        read += [path for part in ("figures", "datos") for path in sorted(folder.glob(f"{part}/*"))]
        read += [customization.find(name) for name in customization.pictures]
    kept = Kept(cache / to)
    converted = kept.get(_digest([PYPANDOC.version, *command, markdown], read), run)
    kept.prune()
    return converted.decode()


def _digest(texts: list[str], files: list[Path]) -> str:
    """Digest of texts, and of the names and contents of files."""
    contents = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hashlib.sha256(json.dumps([texts, contents]).encode()).hexdigest()
