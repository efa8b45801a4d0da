"""Data tables of the figures on vectors, genres and new songs; see `csv_tables`."""

from collections.abc import Mapping, Sequence

from pipeline.results.vector_schema import Exploration
from report.figures.component_grid import ComponentPanel
from report.figures.csv_tables import Table, table, with_interval
from report.figures.genre_accuracy import AccuracyPanel
from report.figures.new_song_quality import SongPanel
from report.figures.vector_clusters import HomogeneityCurve, VariationCurve
from report.language.words import Words
from report.queries.embedding import Cloud


def vector_clusters(
    variations: Sequence[VariationCurve],
    homogeneity: Sequence[HomogeneityCurve],
    references: Mapping[str, float],
    k: int,
    words: Words,
) -> Table:
    """One row per vector and number of clusters, in percent."""
    rows = [
        [curve.label, count, *pair]
        for curve in variations
        for count, pair in enumerate(zip(curve.whole, curve.averaged, strict=False), 1)
    ]
    return table(words, ("vector", "clusters", "flat", "averaged"), rows)


def component_grid(
    rows: Sequence[tuple[str, Sequence[ComponentPanel]]], names: Sequence[str], words: Words
) -> Table:
    """One row per clip and map."""
    points = [
        [label, panel.title, names[genre], *map(float, point)]
        for label, panels in rows
        for panel in panels
        for genre, point in zip(panel.genres, panel.points, strict=True)
    ]
    return table(words, ("vector", "form", "genre", "first", "second"), points)


def genre_accuracy(panels: Sequence[AccuracyPanel], words: Words) -> Table:
    """One row per classifier and vector: accuracy, its interval, and chance level."""
    rows = [
        [panel.title, family, size, *with_interval(number), panel.chance]
        for panel in panels
        for family, (sizes, numbers) in panel.curves.items()
        for size, number in zip(sizes, numbers, strict=True)
    ]
    rows += [
        [panel.title, label, "", *with_interval(number), panel.chance]
        for panel in panels
        for label, number in panel.references.items()
    ]
    return table(words, ("form", "vector", "numbers", "share", "low", "high", "chance"), rows)


def new_songs(rows: Sequence[Sequence[SongPanel]], words: Words) -> Table:
    """One row per measure, family, song and size."""
    values = [
        [panel.measure, panel.title, song, size, value]
        for panels in rows
        for panel in panels
        for song, line in panel.songs.items()
        for size, value in zip(panel.sizes, line, strict=True)
    ]
    return table(words, ("measure", "family", "song", "numbers", "value"), values)


def components(
    cloud: Cloud,
    genres: Sequence[int],
    names: Sequence[str],
    limits: Sequence[float],
    stretch: bool,
    words: Words,
) -> Table:
    """One row per clip."""
    rows = [[names[genre], *map(float, point)] for genre, point in zip(genres, cloud, strict=True)]
    return table(words, ("genre", "first", "second", "third"), rows)


def elbows(pairs: Sequence[tuple[str, Exploration, Exploration]], k: int, words: Words) -> Table:
    """One row per vector and number of clusters, in percent."""
    rows = [
        [label, count, flat.left(count), averaged.left(count)]
        for label, flat, averaged in pairs
        for count in range(1, 1 + min(len(flat.variation), len(averaged.variation)))
    ]
    return table(words, ("vector", "clusters", "flat", "averaged"), rows)


def clusters(
    groups: Sequence[tuple[str, Sequence[tuple[str, Exploration]]]], words: Words
) -> Table:
    """One row per vector and cluster."""
    rows = [
        [title, label, index, size]
        for title, members in groups
        for label, exploration in members
        for index, size in enumerate(exploration.sizes, 1)
    ]
    return table(words, ("form", "vector", "cluster", "clips"), rows)


def confusion(
    panels: Sequence[tuple[str, Sequence[Sequence[int]]]],
    genres: Sequence[str],
    columns: Sequence[str] | None,
    words: Words,
) -> Table:
    """One row per cell of each matrix."""
    rows = [
        [title, genre, columns[index] if columns else index + 1, count]
        for title, counts in panels
        for genre, row in zip(genres, counts, strict=True)
        for index, count in enumerate(row)
    ]
    return table(words, ("form", "genre", "answer" if columns else "cluster", "clips"), rows)
