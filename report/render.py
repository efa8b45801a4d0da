"""Results become the PDF and the site: both are whole before either replaces the last ones."""

import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from report import document, figures, pdf, website, words
from report.front import Front, front
from report.own import Own
from report.results import Results, read
from report.words import Words

KEPT = ".kept"
"""Where an output folder keeps what takes long to make."""


@dataclass(frozen=True)
class Rendered:
    """Where the pages are: the PDF and the site's folder."""

    pdf: Path
    site: Path


def render(results: Path, out: Path, own: Own | None = None) -> Rendered:
    """Write `informe.pdf` and `site/` into `out` from the results folder.

    The same results give the same bytes. Figures and sounds are kept in `out/.kept` and made again
    only when what they are made from changes. On an error, what was in `out` stays as it was.

    Raises:
        ReportError: the results or the templates do not hold; one line says what to mend.
    """
    own = own or Own()
    own.files  # noqa: B018 (a missing file is told before anything is made)
    out = out.resolve()  # pandoc works in a folder of its own
    facts = _as_stated(read(results), own)
    spanish = words.read(*own.folders)
    cover = front(facts, spanish)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out) as temporary:
        work = Path(temporary)
        markdown = document.write(facts, spanish, own)
        figures.draw(facts, spanish, out / KEPT / "figures", work)
        with ThreadPoolExecutor() as pool:
            site = pool.submit(
                website.build, facts, spanish, cover, own, markdown, work, out / KEPT / "media",
                work / "site",
            )  # fmt: skip
            *_, copy = _compiled(pool, facts, spanish, cover, own, markdown, work)
            site.result()
        shutil.copyfile(work / f"{copy}.pdf", work / "site" / "informe.pdf")
        target = out / "site"
        if target.exists():
            target.rename(work / "old")
        (work / "site").rename(target)
        (work / "informe.pdf").replace(out / "informe.pdf")
    return Rendered(pdf=out / "informe.pdf", site=target)


def _compiled(
    pool: ThreadPoolExecutor,
    facts: Results,
    spanish: Words,
    cover: Front,
    own: Own,
    markdown: str,
    work: Path,
) -> list[str]:
    """The names of the PDFs: the report, and its copy where it has to lie in the site's folder."""
    pdf.prepare(facts, spanish, cover, own, markdown, work)
    # Without an address, sounds are linked by relative paths, and the copy of the PDF that lies
    # in the site's folder has its own.
    homes = {"informe": "site/"} if cover.site else {"informe": "site/", "copia": ""}
    parts: list[Future[None]] = [
        pool.submit(pdf.compile_, work, cover, home, name) for name, home in homes.items()
    ]
    for part in parts:
        part.result()
    return list(homes)


def _as_stated(results: Results, own: Own) -> Results:
    """The results under the title, authors and so on that the study states now."""
    report = {**results.study["report"], **own.stated}
    return results.model_copy(update={"study": {**results.study, "report": report}})
