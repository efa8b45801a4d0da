"""Templates and results become one Markdown source; pandoc turns it into each output."""

import json
import re
import subprocess
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import pypandoc
from markupsafe import Markup

from report import contest, explored, made, spanish, templating, verdicts
from report.claims import Claims
from report.errors import ReportError, nearest
from report.figures import central, logarithmic
from report.own import Own
from report.readings import Readings, least, most, over
from report.results import NOISE, Results
from report.words import Words
from report.writer import Writer, code, link, written

PANDOC = Path(pypandoc.__file__).parent / "files" / "pandoc"
"""Asking pypandoc for it would run `pandoc --version` first: time, and one more thing that an
interrupt can make fail aloud."""
FILTER = Path(__file__).with_name("filter.lua")
READER = "markdown-smart-raw_html-raw_tex-raw_attribute-latex_macros-citations+citations"
REFERENCES = ("figure", "table", "equation", "chapter", "section", "appendix")
CAPTIONS = ("figure", "table", "appendix")
SHARED = "cifras.md"
"""The template whose macros every chapter can call."""


def write(results: Results, words: Words, own: Own, kept: Path | None = None) -> str:
    """The whole report as Markdown; `kept` is a folder for what templates compile to.

    Raises:
        ReportError: a template is wrong; the message names its file and line.
    """
    environment = _environment(results, words, own, kept)
    try:
        shared = environment.get_template(SHARED).make_module()
        macros = {name: macro for name, macro in vars(shared).items() if not name.startswith("_")}
        environment.globals |= macros
        return environment.get_template("informe.md").render()
    except jinja2.TemplateSyntaxError as error:
        raise ReportError(
            f"{error.filename}:{error.lineno}: {error.message}{_meant(error, environment)}"
        ) from None
    except (jinja2.TemplateError, ReportError, TypeError, ValueError, KeyError) as error:
        said = str(error)
        if isinstance(error, ReportError) and any(str(folder) in said for folder in own.folders):
            raise
        place = _place(error, own)
        raise ReportError(f"{place}: {said}{_meant(error, environment)}") from error


def convert(
    markdown: str, to: str, folder: Path, words: Words, own: Own, site: str | None, *more: str
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
    sources = [own.find("referencias.bib"), *([own.bibliography] if own.bibliography else [])]
    known = {
        "words": names,
        "site": site or "",
        "bibliography": [str(path) for path in sources],
        "csl": str(own.find("referencias.csl")),
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
        raise ReportError(_traced_back(said.strip(), markdown, own))
    return done.stdout


def _environment(results: Results, words: Words, own: Own, kept: Path | None) -> jinja2.Environment:
    environment = templating.environment(
        own,
        kept,
        [Claims],
        # {#fig-x} is pandoc's way to name things, so comments look otherwise.
        comment_start_string="<#",
        comment_end_string="#>",
        keep_trailing_newline=True,
        finalize=written,
    )
    writer = Writer(results, words)
    environment.globals |= _globals(results, words, own, writer)
    environment.filters |= _filters(words, writer)
    return environment


def _globals(results: Results, words: Words, own: Own, writer: Writer) -> dict[str, Any]:
    return {
        "r": results,
        "study": results.study,
        "methods": results.methods,
        "models": results.models,
        "data": results.data,
        "families": results.families,
        "chapters": [
            name for name in own.chapters() if name != "nuevas" or Readings(results).new_songs
        ],
        "q": Readings(results),
        "versus": contest.Contest(results),
        "explored": explored.Explored(results),
        "made": made.Made(results),
        "provenance": writer.provenance,
        "words": words,
        "n": writer.n,
        "number": writer.number,
        "column": writer.column,
        "cells": writer.cells,
        "numbers": writer.numbers,
        "over": over,
        "least": least,
        "most": most,
        "trend": verdicts.trend,
        "difference": verdicts.difference,
        "above": verdicts.above,
        "which": verdicts.which,
        "beside": verdicts.beside,
        "compare": verdicts.compare,
        "bend": verdicts.bend,
        "noise": NOISE,
        "central": central,
        "logarithmic": logarithmic,
    }


def _filters(words: Words, writer: Writer) -> dict[str, Any]:
    return {
        "date": lambda day: spanish.date(day, words),
        "decimal": writer.decimal,
        "significant": writer.significant,
        "plain": lambda value: writer.traced(value, spanish.plain(value)),
        "duration": lambda seconds: writer.traced(seconds, spanish.duration(seconds, words)),
        "between": writer.between,
        "apart": writer.apart,
        "signed": writer.signed,
        "listing": writer.listing,
        "genre": writer.genre,
        "family": writer.family,
        "vector": writer.vector,
        "capital": lambda text: Markup(text[:1].upper() + text[1:]),
        "method": lambda name: words(f"methods.{name}"),
        "part": lambda name: words.known(f"layout.{name}", name),
        "step": lambda kind: words.known(f"steps.{kind}", kind),
        "code": code,
        "refs": writer.refs,
        "several": writer.several,
        "unit": writer.unit,
        "row": writer.row,
        "link": link,
    }


# Mistakes -----------------------------------------------------------------------------------


def _place(error: BaseException, own: Own) -> str:
    """The file and line of the template that was being written."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [
        frame
        for frame in frames
        if any(Path(frame.filename).is_relative_to(folder) for folder in own.folders)
    ]
    return f"{inside[-1].filename}:{inside[-1].lineno}" if inside else str(own.folders[0])


def _meant(error: Exception, environment: jinja2.Environment) -> str:
    """The nearest name to one that a template has wrong, as the end of a message."""
    said = str(error)
    if found := re.search(r"No filter named '(\w+)'", said):
        return nearest(found[1], environment.filters)
    if found := re.search(r"'([\w ]+)' is undefined", said):
        return nearest(found[1], map(str, environment.globals))
    if found := re.search(r"'[\w. ]*?(\w+)(?: object)?' has no attribute '(\w+)'", said):
        known = [each for each in environment.globals.values() if type(each).__name__ == found[1]]
        return nearest(found[2], _attributes(known)) if known else ""
    if isinstance(error, jinja2.TemplateNotFound):
        return nearest(str(error.name), environment.list_templates())
    return ""


def _attributes(known: Sequence[Any]) -> list[str]:
    fields = getattr(type(known[0]), "model_fields", {})
    return [*fields, *(name for name in vars(type(known[0])) if not name.startswith("_"))]


def _traced_back(said: str, markdown: str, own: Own) -> str:
    """What pandoc or the filter said, with the place in a template where that can be told."""
    if wrong := re.search(r"the range from @([\w:.-]+) .*?(?=  |$)", said):
        return f"{_line(wrong[1], own)}{wrong[0]}"
    found = re.search(r"unknown reference @([\w:.-]+)|[Cc]itation ([\w:.-]+) not found", said)
    if found is None:
        return f"the report's Markdown does not hold: {said}"
    name = found[1] or found[2]
    if found[1]:
        known = re.findall(r"\{#((?:fig|tbl|eq|sec)-[\w-]+)", markdown)
        what = "figure, table, equation or section"
    else:
        files = [own.find("referencias.bib"), *([own.bibliography] if own.bibliography else [])]
        text = "".join(path.read_text(encoding="utf-8") for path in files)
        known, what = re.findall(r"^@\w+\{([^,\s]+)", text, re.MULTILINE), "reference"
    return f"{_line(name, own)}no {what} is called @{name}{nearest(name, known)}"


def _line(name: str, own: Own) -> str:
    """Where the first reference to something stands in a template, as the beginning of a line."""
    for folder in own.folders:
        for path in sorted(folder.glob("*.md")):
            for line, content in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(rf"@{re.escape(name)}(?![\w-])", content):
                    return f"{path}:{line}: "
    return ""
