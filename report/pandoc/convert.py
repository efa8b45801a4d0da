"""Runs pandoc on the report's Markdown and maps its errors to lines of templates."""

import hashlib
import json
import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

from report.customization import Customization
from report.errors import ReportError, nearest
from report.language.words import Words
from report.page_cache import Kept

PYPANDOC = distribution("pypandoc-binary")
PANDOC = Path(str(PYPANDOC.locate_file("pypandoc/files/pandoc")))
"""Path of the executable; pypandoc itself would import urllib and run `pandoc --version`."""
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
    metadata = {
        "words": labels,
        "site": site or "",
        "bibliography": [str(path) for path in _bibliographies(customization)],
        "csl": str(customization.find("referencias.csl")),
        "lang": "es",
        "link-citations": True,
    }
    metadata_file = folder / f"metadata-{to}.json"
    metadata_file.write_text(json.dumps(metadata), encoding="utf-8")
    # Looking for definitions takes pandoc a quarter of its time.
    reader = READER if DEFINITION.search(markdown) else f"{READER}-definition_lists"
    command = [
        str(PANDOC), "--from", reader, "--to", to, "--fail-if-warnings",
        "--lua-filter", str(FILTER), "--metadata-file", metadata_file.name, "--wrap=none", *options,
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
            message = " ".join(line for line in done.stderr.splitlines() if "traceback" not in line)
            raise ReportError(_located(message.strip(), markdown, customization))
        return done.stdout.encode()

    if cache is None:
        return run().decode()
    read = [metadata_file, customization.find("referencias.csl"), *_bibliographies(customization)]
    read += sorted(FILTER.parent.glob("*.lua"))
    if to != "typst":  # the filter asks for the size of each figure and whether it has a table
        read += [path for part in ("figures", "datos") for path in sorted(folder.glob(f"{part}/*"))]
    kept = Kept(cache / to)
    converted = kept.get(_digest([PYPANDOC.version, *command, markdown], read), run)
    kept.prune()
    return converted.decode()


def _digest(texts: list[str], files: list[Path]) -> str:
    """Digest of texts, and of the names and contents of files."""
    contents = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hashlib.sha256(json.dumps([texts, contents]).encode()).hexdigest()


def _bibliographies(customization: Customization) -> list[Path]:
    own = [customization.bibliography] if customization.bibliography else []
    return [customization.find("referencias.bib"), *own]


def _located(message: str, markdown: str, customization: Customization) -> str:
    """Prefix an error of pandoc or the filter with the template line it is about, if known."""
    if bad_range := re.search(r"the range from @([\w:.-]+) .*?(?=  |$)", message):
        return f"{_location(f'@{bad_range[1]}', customization)}{bad_range[0]}"
    if outside := re.search(r"the image (.+?) is not a file of this report", message):
        return f"{_location(outside[1], customization)}{outside[0]}"
    match = re.search(r"unknown reference @([\w:.-]+)|[Cc]itation ([\w:.-]+) not found", message)
    if match is None:
        return f"pandoc rejected the report's Markdown: {message}"
    name = match[1] or match[2]
    if match[1]:
        known = re.findall(r"\{#((?:fig|tbl|eq|sec)-[\w-]+)", markdown)
        kind = "figure, table, equation or section"
    else:
        bib = "".join(path.read_text(encoding="utf-8") for path in _bibliographies(customization))
        known, kind = re.findall(r"^@\w+\{([^,\s]+)", bib, re.MULTILINE), "reference"
    place = _location(f"@{name}", customization)
    return f"{place}no {kind} is called @{name}{nearest(name, known)}"


def _location(text: str, customization: Customization) -> str:
    """FILE:LINE and a colon for the first place of a text in a template; empty if none."""
    for folder in customization.folders:
        for path in sorted(folder.glob("*.md")):
            for line, content in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(rf"{re.escape(text)}(?![\w-])", content):
                    return f"{path}:{line}: "
    return ""
