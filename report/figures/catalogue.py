"""Which figures a report has: each a function and what it is given, ready to be made anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from report.facts import Exploration
from report.figures.quality_by_size import Line
from report.networks import Model
from report.prose import spanish
from report.prose.words import Words
from report.queries import embedding
from report.queries.comparison import ComparisonQueries
from report.queries.exploration import ExplorationQueries
from report.queries.generation import RANDOM, GenerationQueries
from report.results import NOISE, Results


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn: a function "module:name" of `report.figures`, one of
    `report.figures.csv_tables` that gives its numbers, and the arguments that both receive."""

    name: str
    draw: str
    data: str
    arguments: tuple[Any, ...]


def drawings(results: Results, words: Words) -> Iterator[Drawing]:
    """Every figure of the report, the slowest first."""
    explored = ExplorationQueries(results)
    for index, family in ((i, f) for i in range(len(results.songs)) for f in results.families):
        yield from _song(results, words, index, family)
    yield from _components(explored, words)
    for family, models in results.families.items():
        if models[0].layers:
            yield Drawing(
                f"network-{family}", "network_diagram:draw", "network", (_bare(_central(models)),)
            )
        if models[0].layout:
            yield Drawing(
                f"layout-{family}",
                "latent_parts:draw",
                "layout",
                ([_bare(model) for model in models],),
            )
        yield Drawing(f"training-{family}", "loss_curves:draw", "training", (models,))
        yield from _exploration(explored, words, family)
        yield _generation(GenerationQueries(results), words, family)
    yield Drawing("comparison", "quality_by_size:draw", "comparison", (_lines(results, words),))
    if results.tuning is not None:
        rate = explored.rate
        yield Drawing("tuning", "rate_search:draw", "tuning", (results.tuning, rate))


def _central(models: list[Model]) -> Model:
    return models[len(models) // 2]


def _bare(model: Model) -> Model:
    """A model without its losses, which its structure does not show."""
    return model.model_copy(update={"epochs": [], "best_epoch": 1})


def _song(results: Results, words: Words, index: int, family: str) -> Iterator[Drawing]:
    """The spectrograms and waveforms of a song; the featured one is number 0."""
    song = results.songs[index]
    sounds = [(words("figures.original"), results.folder / song.audio("original"))]
    sounds += [
        (spanish.integer(model.size), results.folder / song.audio(model.version))
        for model in results.families[family]
    ]
    arguments = (tuple(sounds), results.data.sampling_rate)
    for kind in ("spectrograms", "waveforms"):
        yield Drawing(f"{kind}-{family}-{index}", f"{kind}:draw_files", kind, arguments)


def _components(explored: ExplorationQueries, words: Words) -> Iterator[Drawing]:
    """A figure a vector: the flat ones share their axes, the averaged ones theirs."""
    results = explored.results
    names = [genre.name for genre in results.data.genres]
    genres = np.array([names.index(clip.genre) for clip in results.data.clips])
    labels = _genres(results, words)
    for group in (explored.flat, explored.pictured):
        drawn = [embedding.cloud(results, found) for found in group]
        limits, stretch = embedding.reach(drawn), embedding.stretched(drawn)
        for found, cloud in zip(group, drawn, strict=True):
            some = genres[embedding.shown(results, found)].tolist()
            arguments = (cloud, some, labels, limits, stretch)
            yield Drawing(
                f"components-{found.id}", "principal_components:draw", "components", arguments
            )


def _exploration(explored: ExplorationQueries, words: Words, family: str) -> Iterator[Drawing]:
    results = explored.results
    k = len(results.data.genres)
    flat, averaged = explored.vectors(family), explored.vectors(family, averaged=True)
    shown = explored.shown(family).version
    pair = results.vector(shown), results.vector(f"{shown}.averaged")
    yield Drawing(f"elbow-{family}", "elbow:draw", "elbow", (*pair, k))
    labels = [words("figures.original")]
    labels += [spanish.integer(model.size) for model in results.families[family]]
    small = list(zip(labels, flat, averaged, strict=True))
    yield Drawing(f"elbows-{family}", "elbow:small", "elbows", (small, k))
    if k == 1:
        return
    titles = words("figures.flat_title"), words("figures.averaged_title")
    reference = (words("figures.reference"), results.vector("log_mel"))
    groups: list[tuple[str, list[tuple[str, Exploration]]]] = [
        (titles[0], list(zip(labels, flat, strict=True))),
        (titles[1], list(zip(labels, averaged, strict=True))),
        (words("figures.reference_title"), [reference]),
    ]
    yield Drawing(f"clusters-{family}", "cluster_sizes:draw", "clusters", (groups,))
    scores = [
        (title, [(label, results.number(f"tree.{found.vector}.accuracy")) for label, found in rows])
        for title, rows in groups
    ]
    arguments = (scores, explored.chance)
    yield Drawing(f"accuracy-{family}", "tree_accuracy:draw", "accuracy", arguments)
    names = _genres(results, words)
    for kind, columns in (("genres", None), ("answers", names)):
        panels = [
            (title, found.clusters if kind == "genres" else found.answers)
            for title, found in zip(titles, pair, strict=True)
        ]
        yield Drawing(f"{kind}-{family}", "confusion:draw", "confusion", (panels, names, columns))


def _generation(made: GenerationQueries, words: Words, family: str) -> Drawing:
    members = made.results.families[family]
    sizes = [model.size for model in members]
    flatness, similarity = {}, {}
    for kind, _ in made.kinds:
        label = words(f"kinds.{kind}")
        flatness[label] = [made.average(model, kind, "flatness") for model in members]
        if kind not in RANDOM:
            similarity[label] = [made.average(model, kind, "similarity") for model in members]
    arguments = (sizes, flatness, similarity, NOISE)
    return Drawing(f"generation-{family}", "generated_sound:draw", "generation", arguments)


def _lines(results: Results, words: Words) -> list[Line]:
    """The baselines, then the families, from the largest size to the smallest."""
    contest = ComparisonQueries(results)
    lines = [
        Line(
            words(f"short.{method}"), False, contest.sizes,
            {
                measure: [results.number(f"baseline.{method}.{n}.{measure}") for n in contest.sizes]
                for measure in ("snr", "log_mel")
            },
        )
        for method in contest.methods
    ]  # fmt: skip
    several = len(results.families) > 1
    for family, members in results.families.items():
        name = words.known(f"families.{family}", family) if several else words("figures.networks")
        measured = {
            measure: [results.number(f"reconstruction.{m.version}.{measure}") for m in members]
            for measure in ("snr", "log_mel")
        }
        lines.append(Line(name, True, [model.size for model in members], measured))
    return lines


def _genres(results: Results, words: Words) -> list[str]:
    return [words.known(f"genres.{g.name}", g.name) for g in results.data.genres]
