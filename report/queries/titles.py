"""Titles of the embedded music, whose clips are named by genre and number: «Blues 1»."""

import re

from report.language.words import Words
from report.queries.results import Results

NUMBERED = re.compile(r"(.+)\.(\d{5})")


def clip_title(name: str, results: Results, words: Words) -> str:
    """Return what to call a clip: its name without its folder, unless it is the embedded music."""
    title = name.rpartition("/")[2]
    match = NUMBERED.fullmatch(title)
    genres = {genre.name for genre in results.data.genres}
    if not results.data.synthetic or match is None or match[1] not in genres:
        return title
    genre = words.get(f"genres.{match[1]}", match[1])
    return words.fill("site.numbered", genre=genre[:1].upper() + genre[1:], n=int(match[2]))


def with_titles(results: Results, words: Words) -> Results:
    """Return the results with the titles of songs and of the sources of generated sounds."""
    return results.model_copy(
        update={
            "songs": [
                song if song.role == "new"
                else song.model_copy(update={"label": clip_title(song.name, results, words)})
                for song in results.songs
            ],
            "generated": [
                sound.model_copy(
                    update={
                        "sources": [
                            source.model_copy(
                                update={"label": clip_title(source.name, results, words)}
                            )
                            for source in sound.sources
                        ]
                    }
                )
                for sound in results.generated
            ],
        }
    )  # fmt: skip
