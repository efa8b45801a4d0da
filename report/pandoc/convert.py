"""Run pandoc on the report's Markdown, and trace its errors back to a template's line."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import pypandoc

from report.customization import Customization
from report.errors import ReportError, nearest
from report.prose.words import Words

PANDOC = Path(pypandoc.__file__).parent / "files" / "pandoc"
"""Asking pypandoc for it would run `pandoc --version` first: time, and one more thing that an
interrupt can make fail aloud."""
FILTER = Path(__file__).with_name("report_filter.lua")
SPLIT_PAGES = Path(__file__).with_name("split_pages.lua")
READER = "markdown-smart-raw_html-raw_tex-raw_attribute-latex_macros-citations+citations"
REFERENCES = ("figure", "table", "equation", "chapter", "section", "appendix")
CAPTIONS = ("figure", "table", "appendix")


def convert(
    markdown: str,
    to: str,
    folder: Path,
    words: Words,
    customization: Customization,
    site: str | None,
    *more: str,
) -> str:
    """What pandoc makes of the report in `folder`, where its figures are.

    `site` is the address of the published site. A warning of pandoc is an error.

    Raises:
        ReportError: pandoc or the filter refused the document; where the mistake is a reference
            to nothing, the message names the template and its line.
    """
    names = {name: words(f"reference.{name}") for name in REFERENCES}
    names |= {f"caption_{name}": words(f"caption.{name}") for name in CAPTIONS}
    names |= {name: words(f"document.{name}") for name in ("data", "scan")}
    sources = [
        customization.find("referencias.bib"),
        *([customization.bibliography] if customization.bibliography else []),
    ]
    known = {
        "words": names,
        "site": site or "",
        "bibliography": [str(path) for path in sources],
        "csl": str(customization.find("referencias.csl")),
        "lang": "es",
        "link-citations": True,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as metadata:
        json.dump(known, metadata)
        metadata.flush()
        command = [
            str(PANDOC), "--from", READER, "--to", to, "--fail-if-warnings",
            "--lua-filter", str(FILTER), "--metadata-file", metadata.name, "--wrap=none", *more,
        ]  # fmt: skip
        done = subprocess.run(
            command,
            input=markdown,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode != 0:
        said = " ".join(line for line in done.stderr.splitlines() if "traceback" not in line)
        raise ReportError(_traced_back(said.strip(), markdown, customization))
    return done.stdout


def _traced_back(said: str, markdown: str, customization: Customization) -> str:
    """What pandoc or the filter said, with the place in a template where that can be told."""
    if wrong := re.search(r"the range from @([\w:.-]+) .*?(?=  |$)", said):
        return f"{_line(wrong[1], customization)}{wrong[0]}"
    found = re.search(r"unknown reference @([\w:.-]+)|[Cc]itation ([\w:.-]+) not found", said)
    if found is None:
        return f"the report's Markdown does not hold: {said}"
    name = found[1] or found[2]
    if found[1]:
        known = re.findall(r"\{#((?:fig|tbl|eq|sec)-[\w-]+)", markdown)
        what = "figure, table, equation or section"
    else:
        files = [
            customization.find("referencias.bib"),
            *([customization.bibliography] if customization.bibliography else []),
        ]
        text = "".join(path.read_text(encoding="utf-8") for path in files)
        known, what = re.findall(r"^@\w+\{([^,\s]+)", text, re.MULTILINE), "reference"
    return f"{_line(name, customization)}no {what} is called @{name}{nearest(name, known)}"


def _line(name: str, customization: Customization) -> str:
    """Where the first reference to something stands in a template, as the beginning of a line."""
    for folder in customization.folders:
        for path in sorted(folder.glob("*.md")):
            for line, content in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(rf"@{re.escape(name)}(?![\w-])", content):
                    return f"{path}:{line}: "
    return ""
