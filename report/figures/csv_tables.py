"""Data tables of the figures: one function per figure, with the figure's own arguments.

A table is a list of rows; the first row holds the column names.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.results.model_schema import Model, Tuning
from pipeline.results.schema import Number
from report.figures.quality_by_size import MethodCurve
from report.figures.song_audio import SongFiles, read_files
from report.language.words import Words
from report.queries.experiment_effects import Effect
from report.queries.listening import AbxPoints, RatedVersion
from report.queries.passband import ResponseCurve
from report.queries.rates import RateCurve

Table = list[list[Any]]
BANDS, MAX_FRAMES = 32, 60
"""Resolution of a spectrogram's table; each cell is a mean of levels."""


def table(words: Words, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return rows under the column names, numbers with six digits."""
    header = [words(f"columns.{name}") for name in names]
    return [header, *([*map(_six_digits, row)] for row in rows)]


def _six_digits(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def with_interval(number: Number) -> list[Any]:
    """Return a value and the ends of its interval, empty if there is none."""
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
    return table(words, names, rows)


def response(curves: Sequence[ResponseCurve], pair: Sequence[int], words: Words) -> Table:
    """One row per model and frequency."""
    rows = [
        [curve.size, curve.limit, *map(float, values)]
        for curve in curves
        for values in zip(curve.frequencies, curve.transfer, curve.coherence, strict=True)
    ]
    return table(words, ("size", "limit", "hertz", "transfer", "coherence"), rows)


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
    return table(words, names, rows)


def layout(models: Sequence[Model], words: Words) -> Table:
    """One row per part of each latent vector."""
    rows = [[model.size, part.name, part.numbers] for model in models for part in model.layout]
    return table(words, ("size", "part", "numbers"), rows)


def training(
    groups: Sequence[tuple[str, Sequence[Model]]], tuning: Tuning | None, rate: float, words: Words
) -> Table:
    """One row per model and epoch, then one per trial of the search."""
    rows: list[list[Any]] = [
        [family, model.size, index, epoch.training_rmse, epoch.validation_rmse, "", ""]
        for family, models in groups
        for model in models
        for index, epoch in enumerate(model.epochs, 1)
    ]
    if tuning is not None:
        rows += [
            ["", tuning.size, "", "", "" if trial.best is None else trial.best,
             trial.learning_rate, int(trial.pruned)]
            for trial in tuning.trials
        ]  # fmt: skip
    names = ("family", "size", "epoch", "training", "validation", "rate", "pruned")
    return table(words, names, rows)


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
    return table(words, ("kind", "seconds", "hertz", "level"), rows)


def waveforms(files: SongFiles, rate: int, words: Words) -> Table:
    """One row per version and column of the figure: its minimum and maximum."""
    from report.figures.waveforms import envelope

    envelopes = {label: envelope(wave, rate) for label, wave in read_files(files).items()}
    rows = [
        [label, round(float(second), 4), round(float(low), 3), round(float(high), 3)]
        for label, (lows, highs, seconds) in envelopes.items()
        for low, high, second in zip(lows, highs, seconds, strict=True)
    ]
    return table(words, ("version", "seconds", "least", "greatest"), rows)


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
                for x in (["", "", ""] if number is None else with_interval(number))
            ),
        ]
        for curve in curves
        for index, rate in enumerate(curve.rates)
    ]
    ends = ("", "_low", "_high")
    names = ("method", "kbps", *(f"{shorts[m]}{end}" for m in measures for end in ends))
    return table(words, names, rows)


def listening(points: Sequence[AbxPoints], rated: Sequence[RatedVersion], words: Words) -> Table:
    """One row per share of correct answers, then one per mean score, with their intervals."""
    abx, mushra = words("listening.abx_title"), words("listening.mushra_title")
    rows = [
        [abx, family.label, size, *([number.value, *(number.interval or ("", ""))])]
        for family in points
        for size, number in family.fixed
    ]
    rows += [
        [abx, family.label, size, share, "", ""]
        for family in points
        for size, share, _ in family.adaptive
    ]
    rows += [
        [mushra, each.label, "", each.score.value, *(each.score.interval or ("", ""))]
        for each in rated
    ]
    return table(words, ("measure", "version", "size", "value", "low", "high"), rows)


def comparison(curves: Sequence[MethodCurve], words: Words) -> Table:
    """One row per method and size: each measure with its interval."""
    rows = [
        [
            curve.label,
            size,
            *(x for numbers in curve.values.values() for x in with_interval(numbers[index])),
        ]
        for curve in curves
        for index, size in enumerate(curve.sizes)
    ]
    shorts = {"snr": "snr", "log_mel": "mel", "visqol": "visqol"}
    names = ["method", "numbers"]
    names += [f"{shorts[m]}{end}" for m in curves[0].values for end in ("", "_low", "_high")]
    return table(words, names, rows)
