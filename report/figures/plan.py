"""Which figures a report has: each a call that draws one, ready to be made anywhere."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from report import clouds, spanish
from report.facts import Exploration
from report.figures import (
    accuracy,
    central,
    clusters,
    comparison,
    components,
    confusion,
    elbow,
    generation,
    logarithmic,
    network,
    sound,
    spectrograms,
    training,
    tuning,
    waveforms,
)
from report.readings import Readings
from report.results import NOISE
from report.words import Words

Drawing = Callable[[], None]


def drawings(asked: Readings, words: Words, folder: Path) -> Iterator[Drawing]:
    """Every figure of the report, the slowest first."""
    results = asked.results
    for index, family in ((i, f) for i in range(len(results.songs)) for f in results.families):
        yield partial(_song, asked, words, folder, index, family)
    yield from _components(asked, words, folder)
    for family, models in results.families.items():
        yield partial(network.draw, central(models), words, folder / f"network-{family}.svg")
        yield partial(
            training.draw, models, logarithmic(models), words, folder / f"training-{family}.svg"
        )
        yield from _exploration(asked, words, folder, family)
        yield _generation(asked, words, folder, family)
    yield partial(comparison.draw, asked, words, folder / "comparison.svg")
    if results.tuning is not None:
        yield partial(tuning.draw, results.tuning, asked.rate, words, folder / "tuning.svg")


def _song(asked: Readings, words: Words, folder: Path, index: int, family: str) -> None:
    """The spectrograms and waveforms of a song; the featured one is number 0."""
    results, name = asked.results, f"{family}-{index}.svg"
    sounds = sound.versions(results, results.songs[index], family, words)
    rate = results.data.sampling_rate
    spectrograms.draw(sounds, rate, words, folder / f"spectrograms-{name}")
    waveforms.draw(sounds, rate, words, folder / f"waveforms-{name}")


def _components(asked: Readings, words: Words, folder: Path) -> Iterator[Drawing]:
    """A figure a vector: the flat ones share their axes, the averaged ones theirs."""
    results = asked.results
    names = [genre.name for genre in results.data.genres]
    genres = [names.index(clip.genre) for clip in results.data.clips]
    for group in (asked.flat, asked.pictured):
        drawn = [clouds.cloud(results, found) for found in group]
        limits, stretch = clouds.reach(drawn), clouds.stretched(drawn)
        for found, cloud in zip(group, drawn, strict=True):
            path = folder / f"components-{found.id}.svg"
            labels = _genres(asked, words)
            yield partial(components.draw, cloud, genres, labels, limits, stretch, words, path)


def _exploration(asked: Readings, words: Words, folder: Path, family: str) -> Iterator[Drawing]:
    results, k = asked.results, len(asked.results.data.genres)
    flat, averaged = asked.vectors(family), asked.vectors(family, averaged=True)
    shown = asked.shown(family).version
    pair = results.vector(shown), results.vector(f"{shown}.averaged")
    yield partial(elbow.draw, *pair, k, words, folder / f"elbow-{family}.svg")
    labels = [words("figures.original")]
    labels += [spanish.integer(model.size) for model in results.families[family]]
    small = list(zip(labels, flat, averaged, strict=True))
    yield partial(elbow.small, small, k, words, folder / f"elbows-{family}.svg")
    if k == 1:
        return
    titles = words("figures.flat_title"), words("figures.averaged_title")
    reference = (words("figures.reference"), results.vector("log_mel"))
    groups: list[tuple[str, list[tuple[str, Exploration]]]] = [
        (titles[0], list(zip(labels, flat, strict=True))),
        (titles[1], list(zip(labels, averaged, strict=True))),
        (words("figures.reference_title"), [reference]),
    ]
    yield partial(clusters.draw, groups, words, folder / f"clusters-{family}.svg")
    scores = [
        (title, [(label, results.number(f"tree.{found.vector}.accuracy")) for label, found in rows])
        for title, rows in groups
    ]
    yield partial(accuracy.draw, scores, asked.chance, words, folder / f"accuracy-{family}.svg")
    names = _genres(asked, words)
    panels = [(title, found.clusters) for title, found in zip(titles, pair, strict=True)]
    yield partial(confusion.draw, panels, names, None, words, folder / f"genres-{family}.svg")
    panels = [(title, found.answers) for title, found in zip(titles, pair, strict=True)]
    yield partial(confusion.draw, panels, names, names, words, folder / f"answers-{family}.svg")


def _generation(asked: Readings, words: Words, folder: Path, family: str) -> Drawing:
    members = asked.results.families[family]
    sizes = [model.size for model in members]
    flatness, similarity = {}, {}
    for kind, _ in asked.kinds:
        label = words(f"kinds.{kind}")
        flatness[label] = [asked.average(model, kind, "flatness") for model in members]
        if kind not in ("uniform", "gaussian"):
            similarity[label] = [asked.average(model, kind, "similarity") for model in members]
    path = folder / f"generation-{family}.svg"
    return partial(generation.draw, sizes, flatness, similarity, NOISE, words, path)


def _genres(asked: Readings, words: Words) -> list[str]:
    return [words.known(f"genres.{g.name}", g.name) for g in asked.results.data.genres]
