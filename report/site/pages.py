"""The site: the report's chapters and the pages to listen to, from a folder or any address."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipeline.results.reproducible import copy_without_wall_clock
from report.customization import Customization
from report.facts import Exploration, Generated
from report.pandoc.convert import SPLIT_PAGES, convert
from report.pdf.cover import Cover
from report.prose import spanish
from report.prose.environment import template_environment
from report.prose.words import Words
from report.results import NOISE, Results
from report.site import assets, chapters, comparator, media, sound_files

FIGURE = re.compile(r'<figure(?: class="tabla")? id="([^"]+)">.*?</figure>', re.DOTALL)
SHOWN = ("fig-codo", "fig-codos", "fig-tamanos", "fig-generos", "fig-arbol")
"""Figures of the report that the map's page shows again, for each family."""

KINDS = {"means": ("songs",), "genres": ("genre_songs", "genre"), "path": ("path",),
         "random": ("uniform", "gaussian")}  # fmt: skip
"""Generated sounds under the headings of their page."""


def build(
    results: Results,
    words: Words,
    cover: Cover,
    customization: Customization,
    markdown: str,
    folder: Path,
    kept: Path,
    site: Path,
) -> None:
    """Write the site into the folder `site`, which is made; `folder` holds figures and data, and
    `kept` sounds and compiled templates of the last time.

    The PDF is not written here: each page links to `informe.pdf` beside it.

    Raises:
        ReportError: pandoc refused the document, or a sound cannot be read.
    """
    report = chapters.split(_html(words, cover, customization, markdown, folder))
    assets.copy(site)
    (site / ".nojekyll").touch()
    shutil.copytree(folder / "web", site / "figures")
    shutil.copytree(folder / "datos", site / "datos")
    copy_without_wall_clock(results.folder / "results.json", site / "results.json")
    songs, models = media.write(results, kept / "media", site)
    comparator.write(songs, words, site)
    drawn = {match[1]: Markup(match[0]) for page in report for match in FIGURE.finditer(page.body)}
    facts = {
        "cover": cover,
        "data": results.data,
        "families": results.families,
        "licence": results.study["data"]["licence"],
        "songs": songs,
        "has_new": any(song.role != "test" for song in results.songs),
        "networks": models,
        "place": {clip.name: place for place, clip in enumerate(results.data.clips)},
        "featured": {item.song.name: item.place for item in songs if item.song.role == "test"},
        "audible": [clip for clip in results.data.clips if clip.audio is not None],
        "vectors": results.exploration,
        "shown": f"{results.models[0].family}.{results.study['size']}",
        "figures": [
            drawn[name]
            for family in results.families
            for figure in SHOWN
            if (name := f"{figure}-{family}") in drawn
        ],
        "generated": _generated(results),
        "provenance": _provenance(results),
        "noise": NOISE,
        "chapters": report,
        "files": {page.file for page in report},
        "chapter": None,
    }
    environment = _environment(words, customization, kept / "templates")

    def write(file: str, template: str, **more: Any) -> None:
        text = environment.get_template(f"sitio/{template}.html").render(
            facts | {"file": file} | more
        )
        (site / file).write_text(text, encoding="utf-8")

    placed = _placed(report, songs)
    for place, page in enumerate(report):
        write(
            page.file, "capitulo", chapter=page, parts=placed[page.file],
            before=report[place - 1] if place else None,
            after=report[place + 1] if place + 1 < len(report) else None,
        )  # fmt: skip
    for name in ("escuchar", "explorar", "canciones", "generar", "laboratorio", "datos"):
        if name != "canciones" or facts["has_new"]:
            write(f"{name}.html", name)


def _html(
    words: Words, cover: Cover, customization: Customization, markdown: str, folder: Path
) -> str:
    """The report as HTML, cut into pages by comments."""
    html = convert(
        markdown, "html5", folder, words, customization, cover.site,
        "--mathml", "--lua-filter", str(SPLIT_PAGES),
    )  # fmt: skip
    # pandoc marks a hat as an accent where browsers do not look for it.
    return re.sub(
        r'<mover>(.*?)<mo accent="true">\u0302</mo>',
        '<mover accent="true">\\1<mo stretchy="false">\u02c6</mo>',
        html,
    )


def _placed(
    report: list[chapters.Chapter], songs: list[comparator.ComparedSong]
) -> dict[str, list[tuple[Markup, comparator.ComparedSong | None]]]:
    """Each chapter in parts; after the first table of a song's versions comes its comparator."""
    left = list(songs)
    result: dict[str, list[tuple[Markup, comparator.ComparedSong | None]]] = {}
    for page in report:
        parts: list[tuple[Markup, comparator.ComparedSong | None]] = []
        done = 0
        for match in FIGURE.finditer(page.body):
            for item in left:
                if f'src="audio/{item.original.sound.key}.mp3"' in match[0]:
                    parts.append((Markup(page.body[done : match.end()]), item))
                    done = match.end()
                    left.remove(item)
                    break
        parts.append((Markup(page.body[done:]), None))
        result[page.file] = parts
    return result


def _generated(results: Results) -> list[tuple[str, list[tuple[Generated, list[Any]]]]]:
    """Generated sounds by heading and recipe; a recipe's members, a model each.

    A member is (clip, size, family, similarity or None, flatness).
    """
    recipes: dict[tuple[str, int, str | None], list[Generated]] = {}
    for clip in results.generated:
        recipes.setdefault((clip.kind, clip.index, clip.genre), []).append(clip)
    sizes = {model.version: (model.size, model.family) for model in results.models}
    return [
        (
            title,
            [
                (clips[0], [
                    (clip, *sizes[clip.model], results.numbers.get(f"{clip.number}.similarity"),
                     results.number(f"{clip.number}.flatness"))
                    for clip in clips
                ])
                for (kind, _, _), clips in recipes.items()
                if kind in kinds
            ],
        )
        for title, kinds in KINDS.items()
    ]  # fmt: skip


def _provenance(results: Results) -> Iterable[tuple[Any, str, int]]:
    """Each step, its kind, and how many numbers it computed."""
    counts: dict[str, int] = {}
    for number in results.numbers.values():
        counts[number.step] = counts.get(number.step, 0) + 1
    return [(step, step.name.partition(".")[0], counts.get(step.name, 0)) for step in results.steps]


def _environment(words: Words, customization: Customization, kept: Path) -> jinja2.Environment:
    environment = template_environment(customization, kept)

    def vector(found: Exploration) -> str:
        if found.of in ("original", "log_mel"):
            return words(f"vectors.{found.of}")
        return spanish.integer(int(found.of.rpartition(".")[2]))

    environment.filters |= {
        "decimal": spanish.decimal,
        "plain": spanish.plain,
        "integer": spanish.integer,
        "signed": comparator.signed,
        "label": lambda row: comparator.label(row, words),
        "genre": lambda name: words.known(f"genres.{name}", name),
        "family": lambda name: words.known(f"families.{name}", name),
        "method": lambda name: words.known(f"methods.{name}", name),
        "step": lambda kind: words.known(f"steps.{kind}", kind),
        "vector": vector,
        "key": sound_files.key,
        "title_of": lambda name: name.rpartition("/")[2],
    }
    return environment
