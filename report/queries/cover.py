"""Cover of the report: title, authors and date, from the study or by default."""

import datetime
from dataclasses import dataclass

from report.language import spanish
from report.language.words import Words
from report.queries.results import Results


@dataclass(frozen=True)
class Cover:
    """Text of the cover.

    Attributes:
        date: date of the report; `date_text` is the same in Spanish.
        site: URL of the published site, ending in "/", if any.
    """

    title: str
    subtitle: str
    authors: tuple[str, ...]
    institution: str | None
    date: datetime.date
    date_text: str
    site: str | None


def make_cover(results: Results, words: Words) -> Cover:
    """Return the cover; its date defaults to that of the newest number in the results."""
    settings = results.study["report"]
    stated = settings["date"]
    date = datetime.date.fromisoformat(stated) if stated else results.computed
    return Cover(
        title=settings["title"] or words("document.title"),
        subtitle=settings["subtitle"] or words("document.subtitle"),
        authors=tuple(settings["authors"]),
        institution=settings.get("institution"),
        date=date,
        date_text=spanish.date(date, words),
        site=settings["site"].rstrip("/") + "/" if settings["site"] else None,
    )
