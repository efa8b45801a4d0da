"""Templates and results become one Markdown source; pandoc turns it into each output."""

import json
import re
import subprocess
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import pypandoc
from markupsafe import Markup

from report import claims, readings, spanish
from report.facts import Exploration
from report.figures import central, logarithmic
from report.results import NOISE, Model, Number, ReportError, Results
from report.words import TEMPLATES, Words

FILTER = Path(__file__).with_name("filter.lua")
READER = "markdown-smart-raw_html-raw_tex-raw_attribute-latex_macros-citations+citations"
URL = ":/?#[]@!$&'()*+,;=%~"
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> Markup:
    """Text as Markdown that says exactly that text: no name can become markup."""
    flat = re.sub(r"[ \t\r\n\f\v]+", " ", text)  # no-break spaces stay
    return Markup(PUNCTUATION.sub(r"\\\1", flat))


def code(text: str) -> Markup:
    """A name as a machine reads it, without a backtick."""
    return Markup(f"`{text.replace('`', '')}`")


def link(url: str) -> Markup:
    """An address as a link to itself."""
    return Markup(f"[{escape(url)}](<{quote(url, safe=URL)}>)")


class Writer:
    """What chapters can call: numbers, words and facts, already written in Spanish."""

    def __init__(self, results: Results, words: Words) -> None:
        self.results = results
        self.words = words

    def n(self, name: str) -> Markup:
        """The number of that dotted name with its unit, to the figures it deserves."""
        number = self.results.number(name)
        return self._cell(number, spanish.decimals(number), unit=True)

    def column(self, pattern: str, models: Sequence[Model]) -> list[Markup]:
        """A table's column: `pattern` has {} for FAMILY.SIZE; all with the median's decimals."""
        return self.cells([number.name for number in self.numbers(pattern, models)])

    def cells(
        self,
        names: Sequence[str | None],
        places: int | None = None,
        scale: float = 1,
        intervals: bool = True,
    ) -> list[Markup]:
        """A table's column, times `scale`; all with `places` decimals, or the median's.

        A dash stands where there is no number.
        """
        numbers = [None if name is None else self.results.number(name) for name in names]
        if places is None:
            found = sorted(spanish.decimals(number) for number in numbers if number is not None)
            places = found[len(found) // 2]
        return [
            Markup("—")
            if number is None
            else self._cell(number, places, scale=scale, intervals=intervals)
            for number in numbers
        ]

    def numbers(self, pattern: str, models: Sequence[Model]) -> list[Number]:
        """The numbers behind a column, for claims."""
        before, _, after = pattern.rpartition("{}")  # a song's name may hold braces too
        return [self.results.number(before + model.version + after) for model in models]

    def genre(self, name: str) -> str:
        """A genre's name in Spanish, or the user's own name for it."""
        return self.words.known(f"genres.{name}", name)

    def family(self, name: str) -> str:
        """A family's name in Spanish, or the user's own."""
        return self.words.known(f"families.{name}", name)

    def listing(self, items: Iterable[Any]) -> Markup:
        """A list in prose: a, b y c."""
        return Markup(spanish.listing([_written(item) for item in items], self.words))

    def several(self, count: int, one: str, many: str, feminine: bool = False) -> str:
        """How many there are, in words up to ten."""
        return spanish.several(count, one, many, self.words, feminine)

    def vector(self, found: Exploration) -> str:
        """What a vector is made of, for a table's first column."""
        if found.of in ("original", "log_mel"):
            return self.words(f"vectors.{found.of}")
        return spanish.integer(int(found.of.rpartition(".")[2]))

    def _cell(
        self,
        number: Number,
        places: int,
        unit: bool = False,
        scale: float = 1,
        intervals: bool = True,
    ) -> Markup:
        text = spanish.decimal(number.value * scale, places)
        if unit:
            text = spanish.with_unit(
                text, self.words(f"units.{number.unit}") if number.unit else ""
            )
        name = PUNCTUATION.sub(r"\\\1", number.name)
        cell = f'[{escape(text)}]{{.n data-numero="{name}"}}'
        if number.interval is not None and not unit and intervals:
            low, high = number.interval
            between = spanish.interval(low * scale, high * scale, places)
            cell += f" [{escape(between)}]{{.intervalo}}"
        return Markup(cell)


def write(results: Results, words: Words, home: str, folder: Path = TEMPLATES) -> str:
    """The whole report as Markdown; `home` leads from the document to the site's folder.

    Raises:
        ReportError: a template is wrong; the message names its file and line.
    """
    environment = _environment(results, words, folder)
    environment.globals["home"] = home
    try:
        return environment.get_template("informe.md").render()
    except jinja2.TemplateSyntaxError as error:
        raise ReportError(f"{error.filename}:{error.lineno}: {error.message}") from None
    except (jinja2.TemplateError, ReportError, TypeError, ValueError, KeyError) as error:
        if isinstance(error, ReportError) and str(folder) in str(error):
            raise
        place = _place(error, folder)
        raise ReportError(f"{place}: {error}") from error


def convert(markdown: str, to: str, folder: Path, words: Words, audio: str, *more: str) -> str:
    """What pandoc makes of the report in `folder`, where its figures are.

    `audio` goes before the paths of sounds in links. A warning of pandoc is an error.

    Raises:
        ReportError: pandoc or the filter refused the document.
    """
    names = {name: words(f"reference.{name}") for name in REFERENCES}
    names |= {
        f"caption_{name}": words(f"caption.{name}") for name in ("figure", "table", "appendix")
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as metadata:
        json.dump({"words": names, "audio": audio}, metadata)
        metadata.flush()
        command = [
            pypandoc.get_pandoc_path(), "--from", READER, "--to", to, "--fail-if-warnings",
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
        raise ReportError(f"the report's Markdown does not hold: {said.strip()}")
    return done.stdout


REFERENCES = ("figure", "table", "equation", "chapter", "section", "appendix")
CAPTIONS = ("figure", "table", "appendix")


def _environment(results: Results, words: Words, folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        extensions=[claims.Claims],
        undefined=jinja2.StrictUndefined,
        # {#fig-x} is pandoc's way to name things, so comments look otherwise.
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
        finalize=_written,
    )
    writer = Writer(results, words)
    environment.globals |= {
        "r": results,
        "study": results.study,
        "q": readings.Readings(results),
        "below": readings.below,
        "over": readings.over,
        "least": readings.least,
        "most": readings.most,
        "models": results.models,
        "data": results.data,
        "families": results.families,
        "words": words,
        "n": writer.n,
        "number": results.number,
        "column": writer.column,
        "cells": writer.cells,
        "numbers": writer.numbers,
        "trend": claims.trend,
        "difference": claims.difference,
        "above": claims.above,
        "which": claims.which,
        "compare": claims.compare,
        "bend": claims.bend,
        "noise": NOISE,
        "central": central,
        "logarithmic": logarithmic,
    }
    environment.filters |= {
        "date": lambda day: spanish.date(day, words),
        "decimal": spanish.decimal,
        "plain": spanish.plain,
        "listing": writer.listing,
        "genre": writer.genre,
        "family": writer.family,
        "vector": writer.vector,
        "capital": lambda text: Markup(text[:1].upper() + text[1:]),
        "method": lambda name: words(f"methods.{name}"),
        "step": lambda kind: words.known(f"steps.{kind}", kind),
        "code": code,
        "refs": lambda families, prefix: writer.listing(
            Markup(f"[-@{prefix}-{family}]") for family in families
        ),
        "several": writer.several,
        "unit": lambda value, unit: spanish.with_unit(
            value if isinstance(value, str) else spanish.integer(value), unit
        ),
        "significant": lambda value, figures: spanish.decimal(
            value, spanish.significant(value, figures)
        ),
        "row": lambda values, between=", ": Markup(
            escape(between).join(_written(value) for value in values)
        ),
        "link": link,
    }
    return environment


def _written(value: Any) -> Any:
    """What a `{{ }}` puts in the text: names escaped, integers grouped, floats refused."""
    if isinstance(value, Markup | jinja2.Undefined):
        return value
    if isinstance(value, bool | float) or value is None:
        raise ReportError(f"{value!r} has no written form here: format it with a filter")
    if isinstance(value, int):
        return escape(spanish.integer(value))
    return escape(str(value))


def _place(error: BaseException, folder: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    return f"{inside[-1].filename}:{inside[-1].lineno}" if inside else str(folder)
