"""Render the chapters' templates and the results to one Markdown document, pandoc's input."""

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from report.customization import Customization
from report.language import spanish
from report.language.words import Words
from report.prose import claims
from report.prose.environment import template_environment
from report.prose.markdown_writer import MarkdownWriter, code, format_value, link
from report.prose.phrases import Phrases
from report.prose.table_cells import TableCells
from report.prose.template_errors import rendering
from report.queries import comparison, exploration, generation, used_music, used_settings
from report.queries.base import Queries, highest, lowest
from report.queries.experiment_effects import ExperimentQueries
from report.queries.genre_probes import ProbeQueries
from report.queries.listening import ListeningQueries, version_label
from report.queries.own_rate import OwnRateQueries
from report.queries.passband import PassbandQueries
from report.queries.rates import RateQueries
from report.queries.results import NOISE, Results
from report.queries.verdicts import VerdictQueries
from report.statistics import inference

MACROS = "cifras.md"
"""Template whose macros are available in every chapter."""


def write(
    results: Results,
    words: Words,
    customization: Customization,
    cache_folder: Path | None = None,
) -> str:
    """Return the whole report as Markdown; `cache_folder` keeps compiled templates.

    Raises:
        ReportError: a template has an error; the message gives its file and line.
    """
    environment = _environment(results, words, customization, cache_folder)
    with rendering(environment, customization):
        module = environment.get_template(MACROS).make_module()
        macros = {name: macro for name, macro in vars(module).items() if not name.startswith("_")}
        environment.globals |= macros
        return claims.join(environment.get_template("informe.md").render())


def _environment(
    results: Results, words: Words, customization: Customization, cache_folder: Path | None
) -> jinja2.Environment:
    environment = template_environment(
        customization,
        cache_folder,
        [claims.Claims],
        # Jinja's own {# starts pandoc's ids: {#fig-x}.
        comment_start_string="<#",
        comment_end_string="#>",
        keep_trailing_newline=True,
        finalize=format_value,
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
            if (name != "nuevas" or Queries(results).new_songs)
            and (name != "bits" or results.coding is not None)
        ],
        "queries": Queries(results),
        "comparison": comparison.ComparisonQueries(results),
        "exploration": exploration.ExplorationQueries(results),
        "generation": generation.GenerationQueries(results),
        "own_rate": OwnRateQueries(results),
        "passband": PassbandQueries(results),
        "probes": ProbeQueries(results),
        "experiments": ExperimentQueries(results),
        "rates": RateQueries(results),
        "heard": results.listening,
        "hearing": ListeningQueries(results),
        "verdicts": VerdictQueries(results),
        "music": used_music.MusicQueries(results),
        "settings": used_settings.SettingQueries(results),
        "provenance": writer.provenance,
        "words": words,
        "num": writer.num,
        "number": writer.number,
        "column": writer.column,
        "cell": writer.cell,
        "cells": writer.cells,
        "rows": writer.rows,
        "numbers": writer.numbers,
        **Phrases(writer).functions,
        **TableCells(writer).functions,
        "lowest": lowest,
        "highest": highest,
        "trend": inference.trend,
        "difference": inference.difference,
        "above": inference.above,
        "which": inference.which,
        "against_clips": inference.against_clips,
        "compare": inference.compare,
        "elbow": inference.elbow,
        "noise_flatness": NOISE,
    }


def _filters(words: Words, writer: MarkdownWriter) -> dict[str, Any]:
    return {
        "date": lambda day: spanish.date(day, words),
        "decimal": writer.decimal,
        "significant": writer.significant,
        "plain": lambda value: writer.traced(value, spanish.plain(value)),
        "duration": lambda seconds: writer.traced(seconds, spanish.duration(seconds, words)),
        "interval": writer.interval,
        "whole_percent": Phrases(writer).whole_percent,
        "span": writer.span,
        "listing": writer.listing,
        "genre": writer.genre,
        "family": writer.family,
        "of_family": writer.of_family,
        "in_family": writer.in_family,
        "networks": writer.networks,
        "sized": writer.sized,
        "sizes_of": Phrases(writer).sizes_of,
        "plural": writer.plural,
        "tally": TableCells(writer).tally,
        "featured_size": Queries(writer.results).featured_size,
        "by_size": writer.by_size,
        "at_every_size": writer.at_every_size,
        "vector_name": writer.vector_name,
        "vector_family": writer.vector_family,
        "capital": lambda text: Markup(text[:1].upper() + text[1:]),
        "cardinal": lambda count: spanish.cardinal(count, words),
        "word": lambda name, section: words(f"{section}.{name}"),
        "variant": lambda name: words(f"variants.{name}"),
        "method": lambda name: words(f"methods.{name}"),
        "measure": lambda name: words(f"measure_names.{name}"),
        "graded": lambda key: words(f"graded.{key}"),
        "codec": lambda name: words(f"codecs.{name}"),
        "rated": lambda versions: writer.listing(version_label(v, words) for v in versions),
        "preferred_name": lambda name: words.get(
            f"codecs.{name}", words.get(f"heard.{name}", name)
        ),
        "part": writer.part,
        "step": lambda kind: words.get(f"steps.{kind}", kind),
        "code": code,
        "refs": writer.refs,
        "pluralize": writer.pluralize,
        "unit": writer.unit,
        "join_values": writer.join_values,
        "link": link,
    }
