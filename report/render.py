"""Render results as PDF and site, and replace the previous ones together."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.control_characters import escape_invisible_json
from pipeline.engine.fsync import flush, flush_one
from report.customization import Customization
from report.figures.draw import draw_all
from report.language import words
from report.page_cache import Kept
from report.pandoc.convert import convert
from report.paths import READY
from report.pdf import attached_sounds, typeset
from report.prose import document
from report.prose.markdown_writer import strip_provenance
from report.queries.cover import make_cover
from report.queries.results import Results, read
from report.queries.titles import with_titles
from report.site import pages

PAGE_CACHE = ".kept"
"""Folder for figures, sounds, compiled templates and what pandoc made, inside the output folder."""


@dataclass(frozen=True)
class Rendered:
    """Paths of the PDF and of the site's folder."""

    pdf: Path
    site: Path


def render(results: Path, out: Path, customization: Customization | None = None) -> Rendered:
    """Write `informe.pdf` and `site/` into `out` from the results folder.

    The same results give the same bytes. What takes long to make is cached in `out/.kept`. On an
    error, the previous PDF and site are left unchanged.

    Raises:
        ReportError: the results or the templates are invalid.
    """
    finish_swap(out)
    customization = customization or Customization()
    customization.files  # noqa: B018 (fails fast if a file is missing)
    out = out.resolve()  # pandoc runs in another folder
    spanish = words.read(*customization.folders)
    facts = with_titles(_with_current_settings(read(results), customization), spanish)
    cover = make_cover(facts, spanish)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out) as temporary:
        work = Path(temporary)
        cache = out / PAGE_CACHE
        markdown = document.write(facts, spanish, customization, cache / "templates")
        with ThreadPoolExecutor() as pool:
            typst_body = pool.submit(
                convert,
                strip_provenance(markdown),
                "typst",
                work,
                spanish,
                customization,
                cover.site,
                cache=cache / "pandoc",
            )
            draw_all(facts, spanish, cache / "figures", work)
            copy_pictures(customization, markdown, work)
            html = pool.submit(
                pages.to_html, spanish, cover, customization, markdown, work, cache / "pandoc"
            )
            typeset.write_inputs(facts, spanish, cover, customization, work)
            site = pool.submit(
                pages.build, facts, spanish, cover, customization, html, work, cache, work / "site"
            )
            body = typst_body.result()
            attached_sounds.write(facts, body, Kept(cache / "attached"), work)
            pdf = typeset.compile_pdf(work, cover, body, customization)
            site.result()
            copy_pictures(customization, markdown, work / "site")
        shutil.copyfile(pdf, work / "site" / "informe.pdf")
        pair = work / "pair"
        pair.mkdir()
        for name in ("site", "informe.pdf"):
            (work / name).rename(pair / name)
        flush(pair)
        pair.rename(out / READY)
        finish_swap(out)
    return Rendered(pdf=out / "informe.pdf", site=out / "site")


def copy_pictures(customization: Customization, markdown: str, folder: Path) -> None:
    """Copy the pictures that the user's chapters show into `folder`, without replacing a file."""
    for name in customization.pictures:
        copy = folder / name
        if (name in markdown or quote(name) in markdown) and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(customization.find(name), copy)


def finish_swap(out: Path) -> None:
    """Move a complete PDF and site into place.

    Two paths cannot be replaced atomically. If a process is killed in here, the next call
    continues from the files in `READY`.
    """
    ready, site = out / READY, out / "site"
    if (ready / "site").exists():
        if site.exists():
            site.rename(ready / "old")
        (ready / "site").rename(site)
    if (ready / "informe.pdf").exists():
        (ready / "informe.pdf").replace(out / "informe.pdf")
        flush_one(out)
    shutil.rmtree(ready, ignore_errors=True)


def _with_current_settings(results: Results, customization: Customization) -> Results:
    """Replace the title, authors etc. of the results, if any, with those the study has now."""
    report = {
        **results.study.get("report", {}),
        **escape_invisible_json(customization.report_settings),
    }
    return results.model_copy(update={"study": {**results.study, "report": report}})
