"""What stands on the cover: title, authors and date, as stated in the study or by default."""

import datetime
from dataclasses import dataclass

from report.prose import spanish
from report.prose.words import Words
from report.results import Results


@dataclass(frozen=True)
class Cover:
    """The cover. `site` is the address of the published site, ending in /, if there is one."""

    title: str
    subtitle: str
    authors: tuple[str, ...]
    institution: str | None
    published: datetime.date
    day: str
    site: str | None


def make_cover(results: Results, words: Words) -> Cover:
    """The cover of these results; the date is that of the newest number unless stated."""
    stated = results.study["report"]
    date = stated["date"]
    published = datetime.date.fromisoformat(date) if date else results.computed
    return Cover(
        title=stated["title"] or words("document.title"),
        subtitle=stated["subtitle"] or words("document.subtitle"),
        authors=tuple(stated["authors"]),
        institution=stated.get("institution"),
        published=published,
        day=spanish.date(published, words),
        site=stated["site"].rstrip("/") + "/" if stated["site"] else None,
    )
