"""The figures of a report: for each, the function that draws it and its arguments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.results.model_schema import Model
from pipeline.results.vector_schema import Exploration
from report.figures.quality_by_size import MEASURES, MethodCurve
from report.language import spanish
from report.language.words import Words
from report.queries import embedding
from report.queries.comparison import ComparisonQueries
from report.queries.experiment_effects import ExperimentQueries
from report.queries.exploration import ExplorationQueries
from report.queries.generation import GenerationQueries
from report.queries.genre_probes import ProbeQueries
from report.queries.passband import PassbandQueries
from report.queries.rates import RateQueries
from report.queries.results import Results


@dataclass(frozen=True)
class FigureSpec:
    """A figure to draw, picklable for worker processes.

    Attributes:
        name: file name without suffix.
        function: function that draws it, "module:name" in `report.figures`.
        table: function of `report.figures.csv_tables` that returns its data table.
        arguments: positional arguments of both functions.
    """

    name: str
    function: str
    table: str
    arguments: tuple[Any, ...]


def figure_specs(results: Results, words: Words) -> Iterator[FigureSpec]:
    """Yield every figure of the report, slowest first."""
    exploration = ExplorationQueries(results)
    for index, family in ((i, f) for i in range(len(results.songs)) for f in results.families):
        yield from _song_figures(results, words, index, family)
    yield from _component_figures(exploration, words)
    yield _generated_figure(GenerationQueries(results), words)
    for family, models in results.families.items():
        if models[0].layers:
            yield FigureSpec(
                f"network-{family}",
                "network_diagram:draw",
                "network",
                (_without_losses(middle_model(models)),),
            )
        if models[0].layout:
            yield FigureSpec(
                f"layout-{family}",
                "latent_parts:draw",
                "layout",
                ([_without_losses(model) for model in models],),
            )
        passband = PassbandQueries(results)
        if passband.measured(family):
            yield FigureSpec(
                f"response-{family}",
                "passed_frequencies:draw",
                "response",
                (passband.curves(family), passband.tone_pair(family)),
            )
        yield FigureSpec(f"training-{family}", "loss_curves:draw", "training", (models,))
        yield from _exploration_figures(exploration, words, family)
    yield FigureSpec("comparison", "quality_by_size:draw", "comparison", (_curves(results, words),))
    if results.coding is not None:
        labels = {codec: words(f"codecs.{codec}") for codec in results.coding.codecs}
        curves = RateQueries(results).curves(labels)
        yield FigureSpec("rates", "rate_curves:draw", "rates", (curves,))
    probes = ProbeQueries(results)
    if probes.drawn is not None and len(results.data.genres) > 1:
        pca, tsne, genres = probes.planar_points(probes.drawn)
        arguments = (pca, tsne, genres, _genre_labels(results, words))
        yield FigureSpec("genre-maps", "genre_maps:draw", "genre_maps", arguments)
    if results.experiments:
        groups = ExperimentQueries(results).groups
        yield FigureSpec("experiments", "effect_plot:draw", "effects", (groups,))
    if results.tuning is not None:
        rate = exploration.learning_rate
        yield FigureSpec("tuning", "rate_search:draw", "tuning", (results.tuning, rate))


def middle_model(models: Sequence[Model]) -> Model:
    """Return the model of the middle size, the one whose network is drawn."""
    return models[len(models) // 2]


def uses_log_axis(models: Sequence[Model]) -> bool:
    """True if the losses of a family span so wide a range that their axis is logarithmic."""
    losses = [epoch.validation_rmse for model in models for epoch in model.epochs]
    return max(losses) > 6 * min(losses)


def _without_losses(model: Model) -> Model:
    """Drop the losses, so that new ones do not invalidate figures of the architecture."""
    return model.model_copy(update={"epochs": [], "best_epoch": 1})


def _song_figures(results: Results, words: Words, index: int, family: str) -> Iterator[FigureSpec]:
    """Yield spectrograms and waveforms of a song and its reconstructions by one family."""
    song = results.songs[index]
    files = [(words("figures.original"), results.folder / song.audio("original"))]
    files += [
        (spanish.integer(model.size), results.folder / song.audio(model.version))
        for model in results.families[family]
    ]
    arguments = (tuple(files), results.data.sampling_rate)
    for kind in ("spectrograms", "waveforms"):
        yield FigureSpec(f"{kind}-{family}-{index}", f"{kind}:draw_files", kind, arguments)


def _component_figures(exploration: ExplorationQueries, words: Words) -> Iterator[FigureSpec]:
    """Yield a figure per vector; flat vectors share their axes, and so do averaged ones."""
    results = exploration.results
    names = [genre.name for genre in results.data.genres]
    genres = np.array([names.index(clip.genre) for clip in results.data.clips])
    labels = _genre_labels(results, words)
    for group in (exploration.whole_vectors, exploration.featured_averages):
        clouds = [embedding.cloud(results, found) for found in group]
        limits, stretch = embedding.axis_limits(clouds), embedding.needs_stretched_axes(clouds)
        for found, cloud in zip(group, clouds, strict=True):
            clip_genres = genres[embedding.plotted_rows(results, found)].tolist()
            arguments = (cloud, clip_genres, labels, limits, stretch)
            yield FigureSpec(
                f"components-{found.id}", "principal_components:draw", "components", arguments
            )


def _exploration_figures(
    exploration: ExplorationQueries, words: Words, family: str
) -> Iterator[FigureSpec]:
    results = exploration.results
    k = len(results.data.genres)
    flat, averaged = exploration.vectors(family), exploration.vectors(family, averaged=True)
    shown = exploration.featured_model(family).version
    pair = results.vector(shown), results.vector(f"{shown}.averaged")
    yield FigureSpec(f"elbow-{family}", "elbow:draw", "elbow", (*pair, k))
    labels = [words("figures.original")]
    labels += [spanish.integer(model.size) for model in results.families[family]]
    small = list(zip(labels, flat, averaged, strict=True))
    yield FigureSpec(f"elbows-{family}", "elbow:draw_small_multiples", "elbows", (small, k))
    if k == 1:
        return
    titles = words("figures.flat_title"), words("figures.averaged_title")
    reference = (words("figures.reference"), results.vector("log_mel"))
    groups: list[tuple[str, list[tuple[str, Exploration]]]] = [
        (titles[0], list(zip(labels, flat, strict=True))),
        (titles[1], list(zip(labels, averaged, strict=True))),
        (words("figures.reference_title"), [reference]),
    ]
    yield FigureSpec(f"clusters-{family}", "cluster_sizes:draw", "clusters", (groups,))
    scores = [
        (title, [(label, results.number(f"tree.{found.vector}.accuracy")) for label, found in rows])
        for title, rows in groups
    ]
    arguments = (scores, exploration.chance_accuracy)
    yield FigureSpec(f"accuracy-{family}", "tree_accuracy:draw", "accuracy", arguments)
    names = _genre_labels(results, words)
    for kind, columns in (("genres", None), ("answers", names)):
        panels = [
            (title, found.clusters if kind == "genres" else found.answers)
            for title, found in zip(titles, pair, strict=True)
        ]
        yield FigureSpec(
            f"{kind}-{family}", "confusion:draw", "confusion", (panels, names, columns)
        )


def _generated_figure(generation: GenerationQueries, words: Words) -> FigureSpec:
    results = generation.results
    files = [
        (words("figures.original") if what == "original" else words(f"heard.{what}"),
         results.folder / file)
        for what, file in generation.pictures.items()
    ]  # fmt: skip
    arguments = (tuple(files), results.data.sampling_rate)
    return FigureSpec("generated", "generated_spectrograms:draw_files", "generated", arguments)


def _curves(results: Results, words: Words) -> list[MethodCurve]:
    """Return the curves of baselines, then of network families."""
    comparison = ComparisonQueries(results)
    curves = [
        MethodCurve(
            words(f"short.{method}"), False, comparison.sizes,
            {
                measure: [
                    results.number(f"baseline.{method}.{size}.{measure}")
                    for size in comparison.sizes
                ]
                for measure in MEASURES
            },
        )
        for method in comparison.methods
    ]  # fmt: skip
    several = len(results.families) > 1
    for family, members in results.families.items():
        name = words.get(f"families.{family}", family) if several else words("figures.networks")
        values = {
            measure: [results.number(f"reconstruction.{m.version}.{measure}") for m in members]
            for measure in MEASURES
        }
        sizes = [model.size for model in members]
        curves.append(MethodCurve(name, True, sizes, values))
        if family in comparison.untrained_families:
            values = {
                measure: [results.number(f"untrained.{m.version}.{measure}") for m in members]
                for measure in MEASURES
            }
            curves.append(MethodCurve(words("figures.untrained"), True, sizes, values, True))
    return curves


def _genre_labels(results: Results, words: Words) -> list[str]:
    return [words.get(f"genres.{g.name}", g.name) for g in results.data.genres]
