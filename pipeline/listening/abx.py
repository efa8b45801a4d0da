"""ABX tests: which versions listeners tell from the original, and up to which size."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.listening.answer_format import FixedAbx, StaircaseAbx
from pipeline.listening.intervals import (
    guessing_p,
    percentile_interval,
    power,
    resampled_rows,
)
from pipeline.listening.listeners import ListenerKey, listener_key
from pipeline.results.listening_schema import AbxFamily, AbxSize, Curve, ListenerScore

SIGNIFICANT = 0.05

MIN_TRIALS = 30
"""Trials needed for a verdict on a size and for a curve: of 30, a listener who is right three times
of four gives a significant result nine times of ten (see `intervals.power`)."""

MIN_LISTENERS = 5
"""Listeners needed for an interval by resampling them."""

GUESS, LAPSE = 0.5, 0.02
"""Share of correct answers by guessing, and of wrong ones where the difference is plain."""

THRESHOLD = 0.75

CENTRES_PER_OCTAVE, WIDTHS = 25, np.geomspace(0.05, 4, 24)
"""Grid of the curves' parameters, in octaves; the largest likelihood on it is the fit."""


@dataclass(frozen=True)
class SizeCounts:
    """Trials and correct answers of a family: shape (listeners, sizes)."""

    sizes: list[int]
    trials: NDArray[np.float64]
    correct: NDArray[np.float64]


def abx_family(
    family: str, sizes: list[int], tests: Iterable[FixedAbx | StaircaseAbx]
) -> AbxFamily | None:
    """Count a family's trials by size; sizes without trials are left out. None if it has none."""
    mine = [test for test in tests if _family(test) == family]
    fixed = _counts(family, sizes, [test for test in mine if isinstance(test, FixedAbx)])
    adaptive = _counts(family, sizes, [test for test in mine if isinstance(test, StaircaseAbx)])
    found = []
    for place, size in enumerate(sizes):
        heard = fixed.trials[:, place] > 0
        told = [
            guessing_p(int(correct), int(trials)) < SIGNIFICANT
            for correct, trials in zip(
                fixed.correct[heard, place], fixed.trials[heard, place], strict=True
            )
        ]
        each = AbxSize(
            size=size,
            trials=int(fixed.trials[:, place].sum()),
            correct=int(fixed.correct[:, place].sum()),
            listeners=int(heard.sum()),
            told_apart=sum(told),
            power=power(int(fixed.trials[:, place].sum()), THRESHOLD),
            adaptive_trials=int(adaptive.trials[:, place].sum()),
            adaptive_correct=int(adaptive.correct[:, place].sum()),
        )
        if each.trials or each.adaptive_trials:
            found.append(each)
    curve = fit(_counts(family, sizes, mine))
    return AbxFamily(family=family, sizes=found, curve=curve) if found else None


def listener_scores(tests: Iterable[FixedAbx]) -> list[ListenerScore]:
    """The result of each listener with each model, over all of their tests with it."""
    counts: dict[tuple[ListenerKey, str], list[bool]] = {}
    for test in tests:
        answers = counts.setdefault((listener_key(test), test.version), [])
        answers.extend(trial.correct for trial in test.trials)
    return [
        ListenerScore(
            listener=nickname,
            version=version,
            trials=len(answers),
            correct=sum(answers),
            p=guessing_p(sum(answers), len(answers)),
        )
        for ((nickname, _), version), answers in counts.items()
    ]


def family_counts(
    family: str, sizes: list[int], tests: Iterable[FixedAbx | StaircaseAbx]
) -> SizeCounts:
    """Trials and correct answers of all tests of a family."""
    return _counts(family, sizes, [test for test in tests if _family(test) == family])


def fit(counts: SizeCounts) -> Curve | None:
    """The psychometric curve of largest likelihood (Wichmann and Hill, "The psychometric function:
    I. Fitting, sampling, and goodness of fit", 2001), with fixed guess and lapse rates.

    None with fewer than `MIN_TRIALS` trials, or with trials of one size.
    """
    trials, correct = counts.trials.sum(axis=0), counts.correct.sum(axis=0)
    if trials.sum() < MIN_TRIALS or (trials > 0).sum() < 2:
        return None
    grid = _Grid(counts.sizes)
    centre, width = grid.best(trials[None], correct[None])[0]
    return Curve(centre=centre, width=width, guess=GUESS, lapse=LAPSE, trials=int(trials.sum()))


def threshold(curve: Curve, sizes: list[int]) -> float | None:
    """The size with `THRESHOLD` correct answers; None outside of the range of sizes."""
    log_size = _log_threshold(curve.centre, curve.width)
    size = float(2**log_size)
    return size if min(sizes) <= size <= max(sizes) else None


def threshold_interval(counts: SizeCounts, seed: int) -> tuple[float, float] | None:
    """95 % interval of the threshold, by resampling listeners; its ends stay within the range of
    sizes. None with fewer than `MIN_LISTENERS` listeners."""
    heard = counts.trials.sum(axis=1) > 0
    if heard.sum() < MIN_LISTENERS:
        return None
    drawn = resampled_rows(int(heard.sum()), seed)
    trials, correct = (each[heard][drawn].sum(axis=1) for each in (counts.trials, counts.correct))
    curves = _Grid(counts.sizes).best(trials, correct)
    ends = np.clip(2 ** _log_threshold(*curves.T), min(counts.sizes), max(counts.sizes))
    return percentile_interval(ends)


def _log_threshold(centre: float, width: float) -> float:
    """Base-2 logarithm of the size with `THRESHOLD` correct answers; also of arrays."""
    share = (THRESHOLD - GUESS) / (1 - GUESS - LAPSE)
    return centre - width * float(np.log(share / (1 - share)))


class _Grid:
    """Curves whose centres cover the sizes and two octaves beyond.

    Args:
        sizes: those of the columns of what is fitted.
    """

    def __init__(self, sizes: list[int]) -> None:
        places = np.log2(sizes)
        octaves = places.max() - places.min() + 4
        centres = np.linspace(
            places.min() - 2, places.max() + 2, round(octaves * CENTRES_PER_OCTAVE) + 1
        )
        self.curves = np.array([(c, w) for c in centres for w in WIDTHS])
        centre, width = self.curves.T[:, :, None]
        slope = 1 / (1 + np.exp(np.clip((places - centre) / width, -50, 50)))
        shares = GUESS + (1 - GUESS - LAPSE) * slope
        self.right, self.wrong = np.log(shares).T, np.log(1 - shares).T

    def best(
        self, trials: NDArray[np.float64], correct: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Centre and width of the likeliest curve of each row: (rows, sizes) to (rows, 2)."""
        best = []
        for rows in range(0, len(trials), 200):
            right, all_trials = correct[rows : rows + 200], trials[rows : rows + 200]
            likelihood = right @ self.right + (all_trials - right) @ self.wrong
            best.append(likelihood.argmax(axis=1))
        return self.curves[np.concatenate(best)]


def _family(test: FixedAbx | StaircaseAbx) -> str:
    return test.family if isinstance(test, StaircaseAbx) else test.version.rpartition(".")[0]


def _counts(family: str, sizes: list[int], tests: Iterable[FixedAbx | StaircaseAbx]) -> SizeCounts:
    columns = {f"{family}.{size}": place for place, size in enumerate(sizes)}
    rows: dict[ListenerKey, NDArray[np.float64]] = {}
    for test in tests:
        row = rows.setdefault(listener_key(test), np.zeros((2, len(sizes))))
        for trial in test.trials:
            row[:, columns[trial.version]] += (1, trial.correct)
    table = np.array([*rows.values()]).reshape(-1, 2, len(sizes))
    return SizeCounts(sizes, table[:, 0], table[:, 1])
