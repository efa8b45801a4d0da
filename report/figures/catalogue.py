"""The figures of a report: for each, the function that draws it and its arguments."""

from collections.abc import Iterator, Sequence

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from report.figures.exploration_specs import exploration_specs, family_labels
from report.figures.figure_spec import FigureSpec
from report.figures.quality_by_size import MethodCurve
from report.language import spanish
from report.language.words import Words
from report.queries.base import middle_model
from report.queries.comparison import ComparisonQueries
from report.queries.experiment_effects import ExperimentQueries
from report.queries.exploration import ExplorationQueries
from report.queries.generation import GenerationQueries
from report.queries.listening import ListeningQueries
from report.queries.passband import PassbandQueries
from report.queries.rates import RateQueries
from report.queries.results import Results


def figure_specs(results: Results, words: Words) -> Iterator[FigureSpec]:
    """Yield every figure of the report, slowest first."""
    exploration = ExplorationQueries(results)
    for index, family in ((i, f) for i in range(len(results.songs)) for f in results.families):
        yield from _song_figures(results, words, index, family)
    yield _method_spectrograms(results, words)
    yield from exploration_specs(results, words)
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
    yield FigureSpec("comparison", "quality_by_size:draw", "comparison", (_curves(results, words),))
    if results.coding is not None:
        labels = {codec: words(f"codecs.{codec}") for codec in results.coding.codecs}
        curves = RateQueries(results).curves(labels)
        yield FigureSpec("rates", "rate_curves:draw", "rates", (curves,))
    if results.listening is not None:
        hearing = ListeningQueries(results)
        points, rated = hearing.points(words), hearing.rated(words)
        if points or rated:
            yield FigureSpec("listening", "blind_listening:draw", "listening", (points, rated))
    if results.experiments:
        groups = ExperimentQueries(results).groups
        yield FigureSpec("experiments", "effect_plot:draw", "effects", (groups,))
    labels = dict(zip(results.families, family_labels(results, words), strict=True))
    named = [(labels[f], tuple(members)) for f, members in exploration.trained_from_scratch.items()]
    arguments = (named, results.tuning, exploration.learning_rate)
    yield FigureSpec("training", "loss_curves:draw", "training", arguments)


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


def _method_spectrograms(results: Results, words: Words) -> FigureSpec:
    """Return spectrograms of the test song: the original, two baselines, and each family's sizes.

    Of each family, the largest size, the featured one and the smallest are shown.
    """
    queries = ComparisonQueries(results)
    song = results.song("test")
    versions = [(words("figures.original"), "original")]
    size = queries.featured_model(results.models[0].family).size
    for method in [name for name in ("lowpass", "codec") if name in queries.methods]:
        label = f"{words(f'methods.{method}')}, {spanish.integer(size)}"
        versions.append((label, f"baseline.{method}.{size}"))
    several = len(results.families) > 1
    for family in results.families:
        name = words.get(f"families.{family}", family) if several else words("figures.network")
        for model in queries.shown_models(family):
            label = f"{name[:1].upper()}{name[1:]}, {spanish.integer(model.size)}"
            versions.append((label, model.version))
    files = tuple((label, results.folder / song.audio(name)) for label, name in versions)
    arguments = (files, results.data.sampling_rate)
    return FigureSpec("spectrograms", "spectrograms:draw_files", "spectrograms", arguments)


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

    def values(prefix: str, sizes: Sequence[int]) -> dict[str, list[Number]]:
        return {
            measure: [results.number(f"{prefix}.{size}.{measure}") for size in sizes]
            for measure in comparison.measures
        }

    curves = [
        MethodCurve(
            words(f"short.{method}"), False, comparison.sizes,
            values(f"baseline.{method}", comparison.sizes),
        )
        for method in comparison.methods
    ]  # fmt: skip
    labels = family_labels(results, words)
    for name, (family, members) in zip(labels, results.families.items(), strict=True):
        sizes = [model.size for model in members]
        curves.append(MethodCurve(name, True, sizes, values(f"reconstruction.{family}", sizes)))
        if family in comparison.untrained_families:
            curves.append(
                MethodCurve(
                    f"{name}, {words('figures.untrained')}", True, sizes,
                    values(f"untrained.{family}", sizes), True,
                )
            )  # fmt: skip
    return curves
