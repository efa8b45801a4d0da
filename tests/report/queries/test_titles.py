"""Titles of clips: those of the embedded music are made of genre and number."""

from collections.abc import Callable
from pathlib import Path

from report.language import words
from report.queries.results import read
from report.queries.titles import clip_title, with_titles


def test_only_the_embedded_music_has_titles_of_genre_and_number(
    results_folder: Callable[[str], Path],
) -> None:
    spanish = words.read()
    results = read(results_folder("small"))
    genre = results.data.genres[0].name
    others = ("blues/otra.00001", f"{genre}/Tema 00001", f"{genre}/{genre}.1")
    synthetic, real = (
        results.model_copy(
            update={"data": results.data.model_copy(update={"synthetic": synthetic})}
        )
        for synthetic in (True, False)
    )
    title = clip_title(f"{genre}/{genre}.00031", synthetic, spanish)
    assert title.casefold() == f"{spanish.get(f'genres.{genre}', genre)} 31".casefold()
    assert clip_title(f"{genre}/{genre}.00031", real, spanish) == f"{genre}.00031"
    for name in others:
        assert clip_title(name, synthetic, spanish) == name.rpartition("/")[2]
    song = with_titles(synthetic, spanish).song("test")
    assert song.title == clip_title(song.name, synthetic, spanish)
