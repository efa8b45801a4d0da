"""Results become the PDF and the site: both are whole before either replaces the last ones."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.control_characters import visible_in
from report.customization import Customization
from report.figures import draw
from report.pandoc.convert import convert
from report.pdf import typeset as pdf
from report.pdf.cover import make_cover
from report.pdf.links import relink
from report.prose import document, words
from report.prose.markdown_writer import untraced
from report.results import Results, read
from report.site import pages

KEPT = ".kept"
"""Where an output folder keeps what takes long to make."""

READY = ".ready"
"""Where a PDF and a site stand that are both whole, until they are in their places."""


@dataclass(frozen=True)
class Rendered:
    """Where the pages are: the PDF and the site's folder."""

    pdf: Path
    site: Path


def render(results: Path, out: Path, customization: Customization | None = None) -> Rendered:
    """Write `informe.pdf` and `site/` into `out` from the results folder.

    The same results give the same bytes. Figures and sounds are kept in `out/.kept` and made again
    only when what they are made from changes. On an error, what was in `out` stays as it was.

    Raises:
        ReportError: the results or the templates do not hold; one line says what to mend.
    """
    finish_swap(out)
    customization = customization or Customization()
    customization.files  # noqa: B018 (a missing file is told before anything is made)
    out = out.resolve()  # pandoc works in a folder of its own
    facts = _with_current_settings(read(results), customization)
    spanish = words.read(*customization.folders)
    cover = make_cover(facts, spanish)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out) as temporary:
        work = Path(temporary)
        kept = out / KEPT
        markdown = document.write(facts, spanish, customization, kept / "templates")
        with ThreadPoolExecutor() as pool:
            typeset = pool.submit(
                convert, untraced(markdown), "typst", work, spanish, customization, cover.site
            )
            draw.draw(facts, spanish, kept / "figures", work)
            site = pool.submit(
                pages.build,
                facts,
                spanish,
                cover,
                customization,
                markdown,
                work,
                kept,
                work / "site",
            )
            pdf.prepare(facts, spanish, cover, customization, work)
            made = pdf.compile_(work, cover, typeset.result())
            site.result()
        # Without an address sounds are linked by relative paths, and in the site's folder those
        # are others.
        copy = made.read_bytes() if cover.site else relink(made.read_bytes(), pdf.HOME, "")
        (work / "site" / "informe.pdf").write_bytes(copy)
        pair = work / "pair"
        pair.mkdir()
        for name in ("site", "informe.pdf"):
            (work / name).rename(pair / name)
        pair.rename(out / READY)
        finish_swap(out)
    return Rendered(pdf=out / "informe.pdf", site=out / "site")


def finish_swap(out: Path) -> None:
    """Put a PDF and a site that are ready in their places.

    Two names cannot be replaced at once. From the moment the pair is ready it is the report:
    whoever is killed in here leaves what the next call goes on with.
    """
    ready, site = out / READY, out / "site"
    if (ready / "site").exists():
        if site.exists():
            site.rename(ready / "old")
        (ready / "site").rename(site)
    if (ready / "informe.pdf").exists():
        (ready / "informe.pdf").replace(out / "informe.pdf")
    shutil.rmtree(ready, ignore_errors=True)


def _with_current_settings(results: Results, customization: Customization) -> Results:
    """The results under the title, authors and so on that the study states now."""
    report = {**results.study["report"], **visible_in(customization.stated)}
    return results.model_copy(update={"study": {**results.study, "report": report}})
