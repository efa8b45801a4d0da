"""Results become the PDF and the site: both are whole before either replaces the last ones."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from report import figures, pdf, website, words
from report.front import front
from report.results import read


@dataclass(frozen=True)
class Rendered:
    """Where the pages are: the PDF and the site's folder."""

    pdf: Path
    site: Path


def render(results: Path, out: Path) -> Rendered:
    """Write `informe.pdf` and `site/` into `out` from the results folder.

    The same results give the same bytes. On an error, what was in `out` stays as it was.

    Raises:
        ReportError: the results or the templates do not hold; one line says what to mend.
    """
    out = out.resolve()  # pandoc works in a folder of its own
    facts = read(results)
    spanish = words.read()
    cover = front(facts, spanish)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out) as temporary:
        work = Path(temporary)
        figures.draw(facts, spanish, work / "figures")
        pdf.prepare(facts, spanish, cover, work)
        # Without an address, sounds are linked by relative paths, and the copy of the PDF that
        # lies in the site's folder has its own.
        homes = {"informe": "site/"} if cover.site else {"informe": "site/", "copia": ""}
        with ThreadPoolExecutor() as pool:
            parts = [
                pool.submit(pdf.build, facts, spanish, cover, home, work, name)
                for name, home in homes.items()
            ]
            parts.append(pool.submit(website.build, facts, spanish, cover, work, work / "site"))
            for part in parts:
                part.result()
        *_, copy = homes
        shutil.copyfile(work / f"{copy}.pdf", work / "site" / "informe.pdf")
        site = out / "site"
        if site.exists():
            site.rename(work / "old")
        (work / "site").rename(site)
        (work / "informe.pdf").replace(out / "informe.pdf")
    return Rendered(pdf=out / "informe.pdf", site=site)
