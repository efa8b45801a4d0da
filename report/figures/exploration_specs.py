"""The figures on vectors, genres and new songs: their data, for `catalogue`."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.results.schema import Number
from pipeline.results.vector_schema import Exploration
from report.figures.component_grid import ComponentPanel
from report.figures.figure_spec import FigureSpec
from report.figures.genre_accuracy import AccuracyPanel
from report.figures.new_song_quality import SongPanel
from report.figures.vector_clusters import HomogeneityCurve, VariationCurve
from report.language import spanish
from report.language.words import Words
from report.queries import embedding
from report.queries.exploration import ExplorationQueries
from report.queries.genre_probes import REFERENCES, ProbeQueries
from report.queries.results import Results

NEW_SONG_MEASURES = ("snr", "log_mel")


def exploration_specs(results: Results, words: Words) -> Iterator[FigureSpec]:
    """Yield the figures of the chapters on vectors and on new songs, slowest first."""
    exploration = ExplorationQueries(results)
    yield from _components(exploration, words)
    yield _component_grid(exploration, words)
    yield _vector_clusters(exploration, words)
    if len(results.data.genres) > 1:
        yield _genre_accuracy(exploration, words)
    if exploration.new_songs:
        yield _new_songs(exploration, words)
    for family in results.families:
        yield from _family_details(exploration, words, family)


def genre_labels(results: Results, words: Words) -> list[str]:
    """Return the genres' names in Spanish, or the user's own."""
    return [words.get(f"genres.{g.name}", g.name) for g in results.data.genres]


def _clip_genres(results: Results) -> NDArray[np.int64]:
    names = [genre.name for genre in results.data.genres]
    return np.array([names.index(clip.genre) for clip in results.data.clips])


def family_labels(results: Results, words: Words) -> list[str]:
    """Return a label per family: its name, or what its networks are if it is the only one."""
    if len(results.families) == 1:
        return [words("figures.networks" if len(results.models) > 1 else "figures.network")]
    return [words.get(f"families.{family}", family) for family in results.families]


def _components(exploration: ExplorationQueries, words: Words) -> Iterator[FigureSpec]:
    """Yield a figure per vector; whole vectors share their axes, and so do averaged ones."""
    results = exploration.results
    genres, labels = _clip_genres(results), genre_labels(results, words)
    for group in (exploration.whole_vectors, exploration.featured_averages):
        clouds = [embedding.cloud(results, found) for found in group]
        limits, stretch = embedding.axis_limits(clouds), embedding.needs_stretched_axes(clouds)
        for found, cloud in zip(group, clouds, strict=True):
            clip_genres = genres[embedding.plotted_rows(results, found)].tolist()
            arguments = (cloud, clip_genres, labels, limits, stretch)
            yield FigureSpec(
                f"components-{found.id}", "principal_components:draw",
                "exploration_tables:components", arguments,
            )  # fmt: skip


def _component_grid(exploration: ExplorationQueries, words: Words) -> FigureSpec:
    """Return the figure of maps: whole, averaged and, if there is one, t-SNE, a row per family."""
    results = exploration.results
    genres, probes = _clip_genres(results), ProbeQueries(results)
    rows = []
    for family, label in zip(results.families, family_labels(results, words), strict=True):
        version = exploration.featured_model(family).version
        panels = []
        for name, title in ((version, "flat"), (f"{version}.averaged", "averaged")):
            vector = results.vector(name)
            cloud = embedding.cloud(results, vector)
            plotted = genres[embedding.plotted_rows(results, vector)].tolist()
            panels.append(
                ComponentPanel(
                    words(f"figures.{title}_components"), cloud[:, :2], plotted,
                    embedding.needs_stretched_axes([cloud]), True,
                )
            )  # fmt: skip
        if vector.planar is not None:
            _, tsne, plotted = probes.planar_points(vector)
            panels.append(
                ComponentPanel(words("figures.averaged_tsne"), tsne, plotted, False, False)
            )
        rows.append((label, panels))
    return FigureSpec(
        "component-grid", "component_grid:draw", "exploration_tables:component_grid",
        (rows, genre_labels(results, words)),
    )  # fmt: skip


def _vector_clusters(exploration: ExplorationQueries, words: Words) -> FigureSpec:
    results = exploration.results
    k = len(results.data.genres)

    def curve(label: str, family: int | None, name: str) -> VariationCurve:
        whole, averaged = (results.vector(name + end) for end in ("", ".averaged"))
        counts = range(1, 1 + len(whole.variation))
        return VariationCurve(
            label, family, [whole.left(n) for n in counts],
            [averaged.left(n) for n in range(1, 1 + len(averaged.variation))],
        )  # fmt: skip

    curves = [
        curve(label, index, exploration.featured_model(family).version)
        for index, (family, label) in enumerate(
            zip(results.families, family_labels(results, words), strict=True)
        )
    ]
    curves.append(curve(words("vectors.original"), None, "original"))
    homogeneity: list[HomogeneityCurve] = []
    references: dict[str, float] = {}
    if k > 1:
        for index, members in enumerate(results.families.values()):
            values = [
                [
                    results.number(f"kmeans.{model.version}{end}.homogeneity").value
                    for model in members
                ]
                for end in ("", ".averaged")
            ]
            homogeneity.append(
                HomogeneityCurve(index, [m.size for m in members], values[0], values[1])
            )
        references[words("vectors.log_mel")] = results.number("kmeans.log_mel.homogeneity").value
    return FigureSpec(
        "vector-clusters", "vector_clusters:draw", "exploration_tables:vector_clusters",
        (curves, homogeneity, references, k),
    )  # fmt: skip


def _genre_accuracy(exploration: ExplorationQueries, words: Words) -> FigureSpec:
    results = exploration.results
    labels = family_labels(results, words)

    def panel(kind: str, pattern: str, chance: float, references: tuple[str, ...]) -> AccuracyPanel:
        curves = {
            label: (
                [model.size for model in members],
                [results.number(pattern.format(model.version)) for model in members],
            )
            for label, members in zip(labels, results.families.values(), strict=True)
        }
        beside: dict[str, Number] = {
            words(f"vectors.{name}"): results.number(pattern.replace(".averaged", "").format(name))
            for name in references
        }
        return AccuracyPanel(words(f"figures.{kind}"), chance, curves, beside)

    chance, chance_of_all = exploration.chance_accuracy, ProbeQueries(results).chance
    panels = [
        panel("tree_whole", "tree.{}.accuracy", float(chance), ("original",))
    ] * exploration.tree_testable
    panels += [
        panel("tree_averaged", "probe.tree.{}.averaged.accuracy", chance_of_all, REFERENCES),
        panel("lda_averaged", "probe.lda.{}.averaged.accuracy", chance_of_all, REFERENCES),
    ]
    return FigureSpec(
        "genre-accuracy", "genre_accuracy:draw", "exploration_tables:genre_accuracy", (panels,)
    )


def _new_songs(exploration: ExplorationQueries, words: Words) -> FigureSpec:
    results = exploration.results
    labels = family_labels(results, words) if len(results.families) > 1 else [""]
    rows = [
        [
            SongPanel(
                label, measure, [model.size for model in members],
                {
                    song.title: [
                        results.number(f"song.{song.name}.{model.version}.{measure}").value
                        for model in members
                    ]
                    for song in exploration.new_songs
                },
                exploration.test_ranges(members, measure),
            )
            for label, members in zip(labels, results.families.values(), strict=True)
        ]
        for measure in NEW_SONG_MEASURES
    ]  # fmt: skip
    return FigureSpec("new-songs", "new_song_quality:draw", "exploration_tables:new_songs", (rows,))


def _family_details(
    exploration: ExplorationQueries, words: Words, family: str
) -> Iterator[FigureSpec]:
    """Yield the figures of a family that only the site has."""
    results = exploration.results
    k = len(results.data.genres)
    flat, averaged = exploration.vectors(family), exploration.vectors(family, averaged=True)
    labels = [words("figures.original")]
    labels += [spanish.integer(model.size) for model in results.families[family]]
    small = list(zip(labels, flat, averaged, strict=True))
    yield FigureSpec(f"elbows-{family}", "elbow:draw", "exploration_tables:elbows", (small, k))
    if k == 1:
        return
    titles = words("figures.flat_title"), words("figures.averaged_title")
    reference = (words("figures.reference"), results.vector("log_mel"))
    groups: list[tuple[str, list[tuple[str, Exploration]]]] = [
        (titles[0], list(zip(labels, flat, strict=True))),
        (titles[1], list(zip(labels, averaged, strict=True))),
        (words("figures.reference_title"), [reference]),
    ]
    yield FigureSpec(
        f"clusters-{family}", "cluster_sizes:draw", "exploration_tables:clusters", (groups,)
    )
    shown = exploration.featured_model(family).version
    pair = results.vector(shown), results.vector(f"{shown}.averaged")
    names = genre_labels(results, words)
    for kind, columns in (("genres", None), ("answers", names)):
        panels = [
            (title, found.clusters if kind == "genres" else found.answers)
            for title, found in zip(titles, pair, strict=True)
        ]
        yield FigureSpec(
            f"{kind}-{family}", "confusion:draw", "exploration_tables:confusion",
            (panels, names, columns),
        )  # fmt: skip
