"""Writes the website; its pages work from a folder or from any web address."""

import re
import shutil
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from pipeline.results.vector_schema import Exploration
from report.customization import Customization
from report.language import spanish
from report.language.words import Words
from report.page_cache import Kept
from report.pandoc.convert import SPLIT_PAGES, convert
from report.prose.environment import template_environment
from report.prose.template_errors import rendering
from report.queries.base import Queries
from report.queries.cover import Cover
from report.queries.generation import GenerationQueries
from report.queries.results import NOISE, Results
from report.queries.titles import clip_title
from report.site import (
    assets,
    blind_test,
    chapters,
    comparator,
    generated_sounds,
    maps,
    model_scripts,
    number_origins,
    sharing,
    sound_files,
    spectrogram_image,
)

FIGURE = re.compile(r'<figure(?: class="tabla")? id="([^"]+)">.*?</figure>', re.DOTALL)

PAGES = (
    "escuchar.html", "prueba.html", "explorar.html", "canciones.html", "generar.html",
    "laboratorio.html", "datos.html",
)  # fmt: skip
"""Pages besides the first and the report's chapters, each from the template of its name."""

PageParts = list[tuple[Markup, comparator.ComparedSong | None]]
"""HTML of a chapter in parts; a part with a song is followed by its comparator."""


def build(
    results: Results,
    words: Words,
    cover: Cover,
    customization: Customization,
    html: Future[str],
    folder: Path,
    cache: Path,
    site: Path,
) -> None:
    """Write the site, except `informe.pdf`, which its pages link to.

    Args:
        results: the study's results.
        words: Spanish words of the templates.
        cover: title, authors and address of the report.
        customization: the study's own templates and bibliography.
        html: the report, which pandoc may still be converting (see `to_html`).
        folder: contains the figures (`web/`), the tables (`datos/`) and `results.json`.
        cache: keeps sounds and compiled templates between renders.
        site: folder to create.

    Raises:
        ReportError: pandoc rejected the document, a template of the pages has an error, or a sound
            cannot be read.
    """
    kept = Kept(cache / "media")
    assets.copy(site, kept)
    (site / ".nojekyll").touch()
    shutil.copytree(folder / "web", site / "figures")
    shutil.copytree(folder / "datos", site / "datos")
    shutil.copyfile(folder / "results.json", site / "results.json")
    songs = comparator.compare_songs(results, sound_files.write(results, kept, site), kept)
    spectrogram_image.write(results, kept, site)
    generated_sounds.write(results, kept, site)
    maps.write(results, words, kept, site)
    kept.prune()
    models = model_scripts.write(results, site)
    comparator.write(results, songs, words, site)
    report, first_page = chapters.split(html.result())
    has_new = any(song.role != "test" for song in results.songs)
    site_pages = [name for name in PAGES if name != "canciones.html" or has_new]
    queries = Queries(results)
    generation = GenerationQueries(results)
    mixers = [model for model in generation.mixers if model in models]
    shown = [model for model in (queries.best_model, queries.rival_model) if model is not None]
    featured = next(item for item in songs if item.song.role == "test")
    context = {
        "cover": cover,
        "site_pages": ["informe.html", *site_pages],
        "card_size": sharing.CARD,
        "featured": featured,
        "about": None,
        "raiz": "",
        "data": results.data,
        "families": results.families,
        "licence": results.study["data"]["licence"],
        "songs": songs,
        "has_new": has_new,
        "saved_models": models,
        "coding_models": model_scripts.write_coding_models(results, site),
        "clip_indices": {clip.name: index for index, clip in enumerate(results.data.clips)},
        "song_indices": {item.song.name: item.index for item in songs if item.song.role == "test"},
        "clips_with_audio": [clip for clip in results.data.clips if clip.audio is not None],
        "mapped": maps.describe(results),
        "best_version": queries.best_model.version,
        "default_vector": f"{results.models[0].family}.{results.study['size']}",
        "mixing": [(model, generation.mixing(model)) for model in mixers],
        "mixed_version": (mixers or [queries.best_model])[0].version,
        "featured_genre": generation.featured_genre,
        "has_generators": bool(results.new_music),
        "generated": generated_sounds.groups(results),
        "blind": blind_test.write(results, songs, words, site),
        "provenance": _provenance(results),
        "noise_flatness": NOISE,
        "chapters": report,
        "files": {page.file for page in report},
        "chapter": None,
        "numbers": "",
    }
    environment = _environment(words, customization, cache / "templates")
    environment.filters["title_of"] = lambda name: clip_title(name, results, words)

    def write(file: str, template: str, **more: Any) -> None:
        text = environment.get_template(f"sitio/{template}.html").render(
            context | {"file": file} | more
        )
        (site / file).write_text(text, encoding="utf-8")

    parts = _insert_comparators(report, songs)
    with rendering(environment, customization):
        for index, page in enumerate(report):
            write(
                page.file, "capitulo", chapter=page, parts=parts[page.file],
                numbers=number_origins.write(page.file, page.body, results, words, site),
                about=sharing.description(page.body),
                previous=report[index - 1] if index else None,
                next=report[index + 1] if index + 1 < len(report) else None,
            )  # fmt: skip
        for file in site_pages:
            write(file, file.removesuffix(".html"))
        write("incrustar.html", "incrustar")
        write(
            "index.html", "portada", first_page=first_page, bibtex=sharing.bibtex(cover),
            people=[{"@type": "Person", "name": name} for name in cover.authors],
            about=sharing.description(first_page["hallazgo"]),
            featured_versions=[model.version for model in shown],
            numbers=number_origins.write(
                "index.html", "".join(first_page.values()), results, words, site
            ),
        )  # fmt: skip
        if cover.site:
            write("404.html", "404", raiz=urlsplit(cover.site).path, about=cover.subtitle)
            files = ["index.html", *(page.file for page in report), *site_pages]
            sharing.write(results, cover, featured.song, files, site)


def to_html(
    words: Words,
    cover: Cover,
    customization: Customization,
    markdown: str,
    folder: Path,
    cache: Path,
) -> str:
    """Convert the report to HTML, with comments that mark where pages start."""
    converted = convert(
        markdown, "html5", folder, words, customization, cover.site,
        "--mathml", "--lua-filter", str(SPLIT_PAGES), cache=cache,
    )  # fmt: skip
    # pandoc puts the accent attribute on <mo>; browsers expect it on <mover>.
    return re.sub(
        r'<mover>(.*?)<mo accent="true">\u0302</mo>',
        '<mover accent="true">\\1<mo stretchy="false">\u02c6</mo>',
        converted,
    )


def _insert_comparators(
    report: list[chapters.Chapter], songs: list[comparator.ComparedSong]
) -> dict[str, PageParts]:
    """Split each chapter after the first table of each song's versions."""
    remaining = list(songs)
    result: dict[str, PageParts] = {}
    for page in report:
        parts: PageParts = []
        start = 0
        for match in FIGURE.finditer(page.body):
            for item in remaining:
                if f'src="audio/{item.original.sound.key}.mp3"' in match[0]:
                    parts.append((Markup(page.body[start : match.end()]), item))
                    start = match.end()
                    remaining.remove(item)
                    break
        parts.append((Markup(page.body[start:]), None))
        result[page.file] = parts
    return result


def _provenance(results: Results) -> dict[str, list[tuple[Any, int]]]:
    """Return the steps of each kind, with how many numbers each computed."""
    counts: dict[str, int] = {}
    for number in results.numbers.values():
        counts[number.step] = counts.get(number.step, 0) + 1
    kinds: dict[str, list[tuple[Any, int]]] = {}
    for step in results.steps:
        found = (step, counts.get(step.name, 0))
        kinds.setdefault(step.name.partition(".")[0], []).append(found)
    return kinds


def _environment(words: Words, customization: Customization, cache: Path) -> jinja2.Environment:
    environment = template_environment(customization, cache)

    def vector_name(exploration: Exploration) -> str:
        if exploration.of in ("original", "log_mel"):
            return words(f"vectors.{exploration.of}")
        return spanish.integer(int(exploration.of.rpartition(".")[2]))

    environment.filters |= {
        "decimal": spanish.decimal,
        "plain": spanish.plain,
        "integer": spanish.integer,
        "signed": comparator.signed_decimal,
        "label": lambda row: comparator.label(row, words),
        "genre": lambda name: words.get(f"genres.{name}", name),
        "family": lambda name: words.get(f"families.{name}", name),
        "method": lambda name: words.get(f"methods.{name}", name),
        "heard": lambda what: words(f"heard.{what}"),
        "step": lambda kind: words.get(f"steps.{kind}", kind),
        "vector_name": vector_name,
        "key": sound_files.sound_key,
    }
    return environment
