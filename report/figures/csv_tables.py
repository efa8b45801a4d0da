"""Data tables of the figures: one function per figure, with the figure's own arguments.

A table is a list of rows; the first row holds the column names.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.results.model_schema import Model, Tuning
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Exploration
from report.figures.quality_by_size import MethodCurve
from report.figures.song_audio import SongFiles, read_files
from report.language.words import Words
from report.queries.embedding import Cloud
from report.queries.experiment_effects import Effect
from report.queries.passband import ResponseCurve
from report.queries.rates import RateCurve

Table = list[list[Any]]
BANDS, MAX_FRAMES = 32, 100
"""Resolution of a spectrogram's table; each cell is a mean of levels."""


def _table(words: Words, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> Table:
    header = [words(f"columns.{name}") for name in names]
    return [header, *([*map(_six_digits, row)] for row in rows)]


def _six_digits(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _with_interval(number: Number) -> list[Any]:
    low, high = number.interval or ("", "")
    return [number.value, low, high]


def network(model: Model, words: Words) -> Table:
    """One row per layer."""
    names = ("layer", "kind", "inputs", "outputs", "kernel", "stride", "padding", "before", "after")
    rows = [
        [index, layer.kind, layer.inputs, layer.outputs, layer.kernel, layer.stride,
         layer.padding, layer.length_in, layer.length_out]
        for index, layer in enumerate(model.layers, 1)
    ]  # fmt: skip
    return _table(words, names, rows)


def response(curves: Sequence[ResponseCurve], pair: Sequence[int], words: Words) -> Table:
    """One row per model and frequency."""
    rows = [
        [curve.size, curve.limit, *map(float, values)]
        for curve in curves
        for values in zip(curve.frequencies, curve.transfer, curve.coherence, strict=True)
    ]
    return _table(words, ("size", "limit", "hertz", "transfer", "coherence"), rows)


def effects(groups: Mapping[str, Sequence[Effect]], words: Words) -> Table:
    """One row per variant: its differences with their intervals."""
    rows = [
        [
            words(f"variants.{effect.name}"),
            *(
                end if end == end else ""  # NaN: no interval
                for found in (effect.snr, effect.log_mel)
                for end in (found.value, found.low, found.high)
            ),
        ]
        for members in groups.values()
        for effect in members
    ]
    names = ("variant", "snr", "snr_low", "snr_high", "mel", "mel_low", "mel_high")
    return _table(words, names, rows)


def layout(models: Sequence[Model], words: Words) -> Table:
    """One row per part of each latent vector."""
    rows = [[model.size, part.name, part.numbers] for model in models for part in model.layout]
    return _table(words, ("size", "part", "numbers"), rows)


def training(models: Sequence[Model], words: Words) -> Table:
    """One row per model and epoch."""
    rows = [
        [model.size, index, epoch.training_rmse, epoch.validation_rmse]
        for model in models
        for index, epoch in enumerate(model.epochs, 1)
    ]
    return _table(words, ("size", "epoch", "training", "validation"), rows)


def tuning(tuning: Tuning, rate: float, words: Words) -> Table:
    """One row per trial."""
    rows = [
        [trial.learning_rate, "" if trial.best is None else trial.best, int(trial.pruned)]
        for trial in tuning.trials
    ]
    return _table(words, ("rate", "validation", "pruned"), rows)


def spectrograms(files: SongFiles, rate: int, words: Words) -> Table:
    """One row per time and frequency, one column per version: mean level, rounded to 1 dB.

    0 dB is the original's maximum, as in the figure.
    """
    from report.figures.spectrograms import HOP, WINDOW, decibels

    levels = {label: decibels(wave) for label, wave in read_files(files).items()}
    top = next(iter(levels.values())).max()
    first = next(iter(levels.values()))
    frequencies = np.linspace(0, first.shape[0], BANDS + 1).astype(int)
    frames = np.linspace(0, first.shape[1], min(MAX_FRAMES, first.shape[1]) + 1).astype(int)
    small = [
        np.add.reduceat(np.add.reduceat(level - top, frequencies[:-1], axis=0), frames[:-1], axis=1)
        / np.outer(np.diff(frequencies), np.diff(frames))
        for level in levels.values()
    ]
    rows = [
        [
            round(frames[t] * HOP / rate, 4),
            round(frequencies[f] * rate / WINDOW, 1),
            *(round(float(level[f, t])) for level in small),
        ]
        for t in range(len(frames) - 1)
        for f in range(len(frequencies) - 1)
    ]
    head = [words("columns.seconds"), words("columns.hertz"), *levels]
    return [head, *rows]


def generated(files: SongFiles, rate: int, words: Words) -> Table:
    """One row per sound, time and mel band: mean level, rounded to 1 dB, below its maximum."""
    from report.figures.generated_spectrograms import HOP, band_centres, mel_levels

    rows: list[list[Any]] = []
    for label, wave in read_files(files).items():
        levels = mel_levels(wave, rate)
        bands = np.arange(0, len(levels), len(levels) // BANDS)
        frames = np.linspace(0, levels.shape[1], min(MAX_FRAMES, levels.shape[1]) + 1).astype(int)
        small = np.add.reduceat(np.add.reduceat(levels, bands, axis=0), frames[:-1], axis=1)
        small /= np.outer(np.diff(bands, append=len(levels)), np.diff(frames))
        centres = np.add.reduceat(band_centres(rate), bands) / np.diff(bands, append=len(levels))
        rows += [
            [label, round(frames[t] * HOP / rate, 3), round(float(centres[f]), 1),
             round(float(small[f, t]))]
            for t in range(len(frames) - 1)
            for f in range(len(bands))
        ]  # fmt: skip
    return _table(words, ("kind", "seconds", "hertz", "level"), rows)


def waveforms(files: SongFiles, rate: int, words: Words) -> Table:
    """One row per version and column of the figure: its minimum and maximum."""
    from report.figures.waveforms import envelope

    envelopes = {label: envelope(wave, rate) for label, wave in read_files(files).items()}
    rows = [
        [label, round(float(second), 4), round(float(low), 3), round(float(high), 3)]
        for label, (lows, highs, seconds) in envelopes.items()
        for low, high, second in zip(lows, highs, seconds, strict=True)
    ]
    return _table(words, ("version", "seconds", "least", "greatest"), rows)


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
    return _table(words, ("genre", "first", "second", "third"), rows)


def genre_maps(
    components: Cloud, neighbours: Cloud, genres: Sequence[int], names: Sequence[str], words: Words
) -> Table:
    """One row per clip: its genre, two principal components, and its place on t-SNE."""
    rows = [
        [names[genre], *map(float, (*one, *other))]
        for genre, one, other in zip(genres, components, neighbours, strict=True)
    ]
    return _table(words, ("genre", "first", "second", "tsne_first", "tsne_second"), rows)


def elbow(flat: Exploration, averaged: Exploration, k: int, words: Words) -> Table:
    """One row per number of clusters, in percent."""
    return elbows([(words("columns.shown"), flat, averaged)], k, words)


def elbows(pairs: Sequence[tuple[str, Exploration, Exploration]], k: int, words: Words) -> Table:
    """One row per vector and number of clusters, in percent."""
    rows = [
        [label, count, flat.left(count), averaged.left(count)]
        for label, flat, averaged in pairs
        for count in range(1, 1 + min(len(flat.variation), len(averaged.variation)))
    ]
    return _table(words, ("vector", "clusters", "flat", "averaged"), rows)


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
    return _table(words, ("form", "vector", "cluster", "clips"), rows)


def accuracy(
    groups: Sequence[tuple[str, Sequence[tuple[str, Number]]]], chance: float, words: Words
) -> Table:
    """One row per vector: accuracy, its interval, and chance level."""
    rows = [
        [title, label, *_with_interval(number), chance]
        for title, members in groups
        for label, number in members
    ]
    return _table(words, ("form", "vector", "share", "low", "high", "chance"), rows)


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
    return _table(words, ("form", "genre", "answer" if columns else "cluster", "clips"), rows)


def rates(curves: Sequence[RateCurve], words: Words) -> Table:
    """One row per codec and rate: each measure with its interval, empty if it was not scored."""
    shorts = {"snr": "snr", "log_mel": "mel", "visqol": "visqol"}
    measures = list(curves[0].values)
    rows = [
        [
            curve.label,
            rate,
            *(
                x
                for measure in measures
                for number in [curve.values[measure][index]]
                for x in (["", "", ""] if number is None else _with_interval(number))
            ),
        ]
        for curve in curves
        for index, rate in enumerate(curve.rates)
    ]
    ends = ("", "_low", "_high")
    names = ("method", "kbps", *(f"{shorts[m]}{end}" for m in measures for end in ends))
    return _table(words, names, rows)


def comparison(curves: Sequence[MethodCurve], words: Words) -> Table:
    """One row per method and size: each measure with its interval."""
    rows = [
        [
            curve.label,
            size,
            *(x for numbers in curve.values.values() for x in _with_interval(numbers[index])),
        ]
        for curve in curves
        for index, size in enumerate(curve.sizes)
    ]
    names = ("method", "numbers", "snr", "snr_low", "snr_high", "mel", "mel_low", "mel_high")
    return _table(words, names, rows)
