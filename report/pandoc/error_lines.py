"""Errors of pandoc, of our filters and of Typst as one line that names the template's line."""

import re
from pathlib import Path

import typst

from report.customization import Customization
from report.errors import ReportError, nearest

TRACE = re.compile(r"Error running filter .*?\.lua:\s*(?:\S+\.lua:\d+: )?(.*)")
"""The message of a filter, without the traceback and the place in the filter."""

BIBLIOGRAPHY = re.compile(r"Error reading bibliography file (.*?):\s+\(line (\d+), .*?\):?\s+(.*)")
FORMULA = re.compile(r"Could not convert TeX math (.*), rendering as TeX:\s+(.*)", re.DOTALL)
LINE = re.compile(r"\[WARNING\] (.*? at line (\d+) column .*)")
"""A warning about a line of the whole report."""

TYPST_LINE = re.compile(r'^ *\d+ │ (?:.*?image\("(.+?)"|=+ (.+))', re.MULTILINE)
"""The picture or the heading that an error of Typst is about, from the line of code it shows."""
MISSING_LABEL = re.compile(r"label `<(.+?)>` does not exist")
QUOTED = (
    r"the range from (@[\w:.-]+)",
    r"(?:image|picture) (.+?) (?:is|has|beside|cannot)",
    r"(#[\w:-]+)",
    r"(\[.+\])",
)
"""Parts of a filter's message that occur verbatim in the template, to find its line."""


def explain(stderr: str, markdown: str, customization: Customization) -> ReportError:
    """Return the error for what pandoc wrote about the report's Markdown."""
    if known := BIBLIOGRAPHY.search(stderr):
        return ReportError(f"{known[1]}:{known[2]}: not BibTeX: {known[3]}")
    if known := re.search(r"unknown reference @([\w:.-]+)", stderr):
        if place := _location(f"{{#{known[1]}", customization).rstrip(": "):
            return ReportError(
                f"{_location(f'@{known[1]}', customization)}@{known[1]} is defined in {place}, "
                "which is in no chapter of report.chapters; add the chapter, or mark the clause: "
                f"[, as @{known[1]} shows]{{.opcional}}"
            )
        ids = re.findall(r"\{#((?:fig|tbl|eq|sec)-[\w-]+)", markdown)
        return _unknown("figure, table, equation or section", known[1], ids, customization)
    if known := re.search(r"[Cc]itation ([\w:.-]+) not found", stderr):
        bib = "".join(path.read_text(encoding="utf-8") for path in customization.bibliographies)
        keys = re.findall(r"^@\w+\{([^,\s]+)", bib, re.MULTILINE)
        return _unknown("reference", known[1], keys, customization)
    if known := FORMULA.search(stderr):
        reason = " ".join(line for line in known[2].splitlines()[2:3]).strip()
        place = _location(known[1], customization)
        return ReportError(f"{place}the formula {known[1]} cannot be converted: {reason}")
    if known := TRACE.search(stderr):
        for pattern in QUOTED:
            if quoted := re.search(pattern, known[1]):
                return ReportError(f"{_location(quoted[1], customization)}{known[1].strip()}")
        return ReportError(f"a filter rejected the report's Markdown: {known[1].strip()}")
    if known := LINE.search(stderr):
        line = markdown.splitlines()[int(known[2]) - 1].strip()
        problem = re.sub(r" at line \d+ column \d+", "", known[1]).rstrip(".")
        return ReportError(f"{_location(line, customization)}{problem}: {line}")
    return ReportError(f"pandoc rejected the report's Markdown: {' '.join(stderr.split())}")


def explain_typst(error: typst.TypstError, customization: Customization) -> ReportError:
    """Return the error for one of Typst's."""
    message = "; ".join([error.message, *error.hints])
    if known := MISSING_LABEL.search(message):
        place = _location(f"#{known[1]}", customization)
        return ReportError(f"{place}nothing in the report has the id #{known[1]}")
    if known := TYPST_LINE.search(error.diagnostic):
        about = known[1] or known[2]
        return ReportError(f"{_location(about, customization)}{about}: {message}")
    return ReportError(f"Typst could not compile the report: {message}")


def _unknown(kind: str, name: str, known: list[str], customization: Customization) -> ReportError:
    place = _location(f"@{name}", customization)
    return ReportError(f"{place}no {kind} is called @{name}{nearest(name, known)}")


def _location(text: str, customization: Customization) -> str:
    """FILE:LINE and a colon for the first place of a text in a template; empty if none."""
    for folder in customization.folders:
        for path in sorted(folder.glob("*.md")):
            if line := _line(text, path):
                return f"{path}:{line}: "
    return ""


def _line(text: str, path: Path) -> int | None:
    """Return the number of the first line of a file where a text is a word of its own."""
    for number, content in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(rf"{re.escape(text)}(?![\w-])", content):
            return number
    return None
