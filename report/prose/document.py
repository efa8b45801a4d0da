"""Templates and results become one Markdown source; pandoc turns it into each output."""

import re
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from report.customization import Customization
from report.errors import ReportError, nearest
from report.figures.draw import central, logarithmic
from report.prose import inference, spanish
from report.prose.claims import Claims
from report.prose.environment import template_environment
from report.prose.markdown_writer import MarkdownWriter, code, link, written
from report.prose.words import Words
from report.queries import comparison, exploration, generation
from report.queries.base import Queries, least, most, over
from report.results import NOISE, Results

SHARED = "cifras.md"
"""The template whose macros every chapter can call."""


def write(
    results: Results, words: Words, customization: Customization, kept: Path | None = None
) -> str:
    """The whole report as Markdown; `kept` is a folder for what templates compile to.

    Raises:
        ReportError: a template is wrong; the message names its file and line.
    """
    environment = _environment(results, words, customization, kept)
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
        if isinstance(error, ReportError) and any(
            str(folder) in said for folder in customization.folders
        ):
            raise
        place = _place(error, customization)
        raise ReportError(f"{place}: {said}{_meant(error, environment)}") from error


def _environment(
    results: Results, words: Words, customization: Customization, kept: Path | None
) -> jinja2.Environment:
    environment = template_environment(
        customization,
        kept,
        [Claims],
        # {#fig-x} is pandoc's way to name things, so comments look otherwise.
        comment_start_string="<#",
        comment_end_string="#>",
        keep_trailing_newline=True,
        finalize=written,
    )
    writer = MarkdownWriter(results, words)
    environment.globals |= _globals(results, words, customization, writer)
    environment.filters |= _filters(words, writer)
    return environment


def _globals(
    results: Results, words: Words, customization: Customization, writer: MarkdownWriter
) -> dict[str, Any]:
    return {
        "results": results,
        "study": results.study,
        "methods": results.methods,
        "models": results.models,
        "data": results.data,
        "families": results.families,
        "chapters": [
            name
            for name in customization.chapters()
            if name != "nuevas" or Queries(results).new_songs
        ],
        "queries": Queries(results),
        "comparison": comparison.ComparisonQueries(results),
        "exploration": exploration.ExplorationQueries(results),
        "generation": generation.GenerationQueries(results),
        "provenance": writer.provenance,
        "words": words,
        "num": writer.num,
        "number": writer.number,
        "column": writer.column,
        "cells": writer.cells,
        "numbers": writer.numbers,
        "over": over,
        "least": least,
        "most": most,
        "trend": inference.trend,
        "difference": inference.difference,
        "above": inference.above,
        "which": inference.which,
        "beside": inference.beside,
        "compare": inference.compare,
        "elbow": inference.elbow,
        "noise": NOISE,
        "central": central,
        "logarithmic": logarithmic,
    }


def _filters(words: Words, writer: MarkdownWriter) -> dict[str, Any]:
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


def _place(error: BaseException, customization: Customization) -> str:
    """The file and line of the template that was being written."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [
        frame
        for frame in frames
        if any(Path(frame.filename).is_relative_to(folder) for folder in customization.folders)
    ]
    return f"{inside[-1].filename}:{inside[-1].lineno}" if inside else str(customization.folders[0])


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
