"""MUSHRA tests: mean scores of the versions, and how they agree with measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipeline.listening.answer_format import Mushra
from pipeline.listening.intervals import percentile_interval, resampled_rows
from pipeline.listening.listeners import by_listener
from pipeline.results.listening_schema import ScreenedListener
from pipeline.results.listening_stimuli import ANCHORS, ORIGINAL

MID_ANCHOR = max(ANCHORS, key=lambda name: ANCHORS[name])

LEAST_REFERENCE, MOST_ANCHOR, TOLERATED = 90, 90, 0.15
"""Post-screening: a listener does not count who rates the hidden reference below 90, or the mid
anchor above 90, in more than 15 % of the items (ITU-R BS.1534-3, section 4.1.2, 2015)."""

INAUDIBLE = 0.25
"""Where more than a quarter of the listeners rate the mid anchor above 90, filtering hardly changed
the item, and nobody is screened for it (same section)."""

MIN_LISTENERS = 5
"""Listeners needed for a verdict and for intervals by resampling them."""

MIN_VERSIONS = 4
"""Versions needed for a rank correlation."""

GOOD = 60
"""The least score of the "good" fifth of the scale."""

Scores = dict[str, dict[str, float]]
"""Scores of one listener: song → version → score; a song rated twice has the mean."""


@dataclass(frozen=True)
class Panel:
    """Scores of the listeners who count, and those who do not."""

    scores: list[Scores]
    screened: list[ScreenedListener]

    def means(self, version: str) -> list[float]:
        """The mean score over songs of each listener who rated a version."""
        heard = (
            [song[version] for song in each.values() if version in song] for each in self.scores
        )
        return [float(np.mean(scores)) for scores in heard if scores]


def panel(tests: Iterable[Mushra]) -> Panel:
    """The panel after post-screening."""
    scores = {key: _scores(each) for key, each in by_listener(tests).items()}
    plain = _items_without_audible_anchor(list(scores.values()))
    found = Panel([], [])
    for (nickname, _), each in scores.items():
        low = _share(song[ORIGINAL] < LEAST_REFERENCE for song in each.values())
        anchors = [s.get(MID_ANCHOR, 0.0) for name, s in each.items() if name not in plain]
        if low > TOLERATED:
            found.screened.append(ScreenedListener(listener=nickname, reason="original"))
        elif _share(score > MOST_ANCHOR for score in anchors) > TOLERATED:
            found.screened.append(ScreenedListener(listener=nickname, reason="anchor"))
        else:
            found.scores.append(each)
    return found


def agreement(
    found: Panel, measure: Mapping[str, float], seed: int
) -> tuple[float, tuple[float, float]] | None:
    """Spearman's rank correlation of the mean scores with a measure, and its 95 % interval by
    resampling listeners (for these versions: others could agree more or less).

    None with fewer than `MIN_VERSIONS` versions or `MIN_LISTENERS` listeners, or equal scores.

    Args:
        measure: the value of each version.
    """
    if len(found.scores) < MIN_LISTENERS or len(measure) < MIN_VERSIONS:
        return None
    table = np.array([[_mean(each, version) for version in measure] for each in found.scores])
    values = np.array(list(measure.values()))
    drawn = table[resampled_rows(len(table), seed)].mean(axis=1)
    everyone, resampled = (
        _correlations(table.mean(axis=0)[None], values),
        _correlations(drawn, values),
    )
    if np.isnan(everyone[0]):
        return None
    return float(everyone[0]), percentile_interval(resampled)


def _scores(tests: Iterable[Mushra]) -> Scores:
    heard: dict[str, dict[str, list[int]]] = {}
    for test in tests:
        for trial in test.trials:
            song = heard.setdefault(trial.song, {})
            for version, score in zip(trial.order, trial.scores, strict=True):
                song.setdefault(version, []).append(score)
    return {
        song: {version: float(np.mean(scores)) for version, scores in versions.items()}
        for song, versions in heard.items()
    }


def _items_without_audible_anchor(listeners: list[Scores]) -> set[str]:
    """Songs whose mid anchor more than a quarter of the listeners rate above 90."""
    songs = {song for each in listeners for song in each}
    found = set()
    for song in songs:
        scores = [each[song][MID_ANCHOR] for each in listeners if MID_ANCHOR in each.get(song, {})]
        if _share(score > MOST_ANCHOR for score in scores) > INAUDIBLE:
            found.add(song)
    return found


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else 0.0


def _mean(scores: Scores, version: str) -> float:
    return float(np.mean([song[version] for song in scores.values()]))


def _correlations(scores: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman's correlation of each row with the values; NaN for a row of equal scores."""
    ranks, others = rankdata(scores, axis=1), rankdata(values)
    ranks, others = ranks - ranks.mean(axis=1, keepdims=True), others - others.mean()
    scale = np.sqrt((ranks**2).sum(axis=1) * (others**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks @ others) / scale
