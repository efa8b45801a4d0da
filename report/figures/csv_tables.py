"""What each figure shows, as a table of numbers: a function a figure, given what it is given.

A table is a list of rows, the first of them the names of its columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from report.facts import Exploration, Tuning
from report.figures.quality_by_size import Line
from report.networks import Model
from report.prose.words import Words
from report.queries.embedding import Cloud
from report.results import Number

Rows = list[list[Any]]
Sounds = Sequence[tuple[str, Path]]
BANDS, MOMENTS = 32, 100
"""Bands and moments to which a spectrogram's table is brought, each the mean of its levels."""


def _headed(words: Words, names: Iterable[str], rows: Iterable[Sequence[Any]]) -> Rows:
    return [[words(f"columns.{name}") for name in names], *([*map(_plain, row)] for row in rows)]


def _plain(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _bounded(number: Number) -> list[Any]:
    low, high = number.interval or ("", "")
    return [number.value, low, high]


def network(model: Model, words: Words) -> Rows:
    """A row a layer."""
    names = ("layer", "kind", "inputs", "outputs", "kernel", "stride", "padding", "before", "after")
    rows = [
        [place, layer.kind, layer.inputs, layer.outputs, layer.kernel, layer.stride,
         layer.padding, layer.length_in, layer.length_out]
        for place, layer in enumerate(model.layers, 1)
    ]  # fmt: skip
    return _headed(words, names, rows)


def layout(models: Sequence[Model], words: Words) -> Rows:
    """A row a part of each latent vector."""
    rows = [[model.size, part.name, part.numbers] for model in models for part in model.layout]
    return _headed(words, ("size", "part", "numbers"), rows)


def training(models: Sequence[Model], words: Words) -> Rows:
    """A row an epoch of each model."""
    rows = [
        [model.size, place, epoch.training_rmse, epoch.validation_rmse]
        for model in models
        for place, epoch in enumerate(model.epochs, 1)
    ]
    return _headed(words, ("size", "epoch", "training", "validation"), rows)


def tuning(found: Tuning, rate: float, words: Words) -> Rows:
    """A row a trial."""
    rows = [
        [trial.learning_rate, "" if trial.best is None else trial.best, int(trial.pruned)]
        for trial in found.trials
    ]
    return _headed(words, ("rate", "validation", "pruned"), rows)


def spectrograms(sounds: Sounds, rate: int, words: Words) -> Rows:
    """Mean level of each band and moment, a column a version, to the nearest dB; 0 dB as in the
    figure."""
    from report.figures import song_audio
    from report.figures.spectrograms import HOP, WINDOW, decibels

    levels = {label: decibels(wave) for label, wave in song_audio.read(sounds).items()}
    top = next(iter(levels.values())).max()
    first = next(iter(levels.values()))
    frequencies = np.linspace(0, first.shape[0], BANDS + 1).astype(int)
    moments = np.linspace(0, first.shape[1], min(MOMENTS, first.shape[1]) + 1).astype(int)
    small = [
        np.add.reduceat(
            np.add.reduceat(level - top, frequencies[:-1], axis=0), moments[:-1], axis=1
        )
        / np.outer(np.diff(frequencies), np.diff(moments))
        for level in levels.values()
    ]
    rows = [
        [
            round(moments[t] * HOP / rate, 4),
            round(frequencies[f] * rate / WINDOW, 1),
            *(round(float(level[f, t])) for level in small),
        ]
        for t in range(len(moments) - 1)
        for f in range(len(frequencies) - 1)
    ]
    head = [words("columns.seconds"), words("columns.hertz"), *levels]
    return [head, *rows]


def waveforms(sounds: Sounds, rate: int, words: Words) -> Rows:
    """Least and greatest sample of each column of the figure, of each version."""
    from report.figures import song_audio
    from report.figures.waveforms import envelope

    found = {label: envelope(wave, rate) for label, wave in song_audio.read(sounds).items()}
    rows = [
        [label, round(float(second), 4), round(float(low), 3), round(float(high), 3)]
        for label, (lows, highs, seconds) in found.items()
        for low, high, second in zip(lows, highs, seconds, strict=True)
    ]
    return _headed(words, ("version", "seconds", "least", "greatest"), rows)


def components(
    cloud: Cloud,
    genres: Sequence[int],
    names: Sequence[str],
    limits: Sequence[float],
    stretch: bool,
    words: Words,
) -> Rows:
    """A row a clip."""
    rows = [[names[genre], *map(float, point)] for genre, point in zip(genres, cloud, strict=True)]
    return _headed(words, ("genre", "first", "second", "third"), rows)


def elbow(flat: Exploration, averaged: Exploration, k: int, words: Words) -> Rows:
    """A row a count of clusters, in percent."""
    return elbows([(words("columns.shown"), flat, averaged)], k, words)


def elbows(pairs: Sequence[tuple[str, Exploration, Exploration]], k: int, words: Words) -> Rows:
    """A row a vector and count of clusters, in percent."""
    rows = [
        [label, count, flat.left(count), averaged.left(count)]
        for label, flat, averaged in pairs
        for count in range(1, 1 + min(len(flat.variation), len(averaged.variation)))
    ]
    return _headed(words, ("vector", "clusters", "flat", "averaged"), rows)


def clusters(groups: Sequence[tuple[str, Sequence[tuple[str, Exploration]]]], words: Words) -> Rows:
    """A row a cluster of each vector."""
    rows = [
        [title, label, place, size]
        for title, members in groups
        for label, found in members
        for place, size in enumerate(found.sizes, 1)
    ]
    return _headed(words, ("form", "vector", "cluster", "clips"), rows)


def accuracy(
    groups: Sequence[tuple[str, Sequence[tuple[str, Number]]]], level: float, words: Words
) -> Rows:
    """A row a vector: the share it gets right, its interval, and the level to beat."""
    rows = [
        [title, label, *_bounded(number), level]
        for title, members in groups
        for label, number in members
    ]
    return _headed(words, ("form", "vector", "share", "low", "high", "chance"), rows)


def confusion(
    panels: Sequence[tuple[str, Sequence[Sequence[int]]]],
    genres: Sequence[str],
    columns: Sequence[str] | None,
    words: Words,
) -> Rows:
    """A row a genre and column of each table."""
    rows = [
        [title, genre, columns[place] if columns else place + 1, count]
        for title, counts in panels
        for genre, row in zip(genres, counts, strict=True)
        for place, count in enumerate(row)
    ]
    return _headed(words, ("form", "genre", "answer" if columns else "cluster", "clips"), rows)


def generation(
    sizes: Sequence[int],
    flatness: Mapping[str, Sequence[float]],
    similarity: Mapping[str, Sequence[float]],
    noise: float,
    words: Words,
) -> Rows:
    """A row a kind of sound and size."""
    rows = [
        [kind, size, line[place], similarity[kind][place] if kind in similarity else ""]
        for kind, line in flatness.items()
        for place, size in enumerate(sizes)
    ]
    return _headed(words, ("kind", "size", "flatness", "similarity"), rows)


def comparison(lines: Sequence[Line], words: Words) -> Rows:
    """A row a method or family and size: each measure with its interval."""
    rows = [
        [line.label, size, *(x for each in line.measured.values() for x in _bounded(each[place]))]
        for line in lines
        for place, size in enumerate(line.sizes)
    ]
    names = ("method", "numbers", "snr", "snr_low", "snr_high", "mel", "mel_low", "mel_high")
    return _headed(words, names, rows)
