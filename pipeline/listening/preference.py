"""Preference tests: how often listeners choose one of two generative models or codecs."""

from collections.abc import Iterable

from pipeline.listening.answer_format import PreferenceTest
from pipeline.results.listening_schema import Preference
from pipeline.results.listening_stimuli import Pair


def preferences(pairs: Iterable[Pair], tests: Iterable[PreferenceTest]) -> list[Preference]:
    """Count the answers to each pair of models or codecs, in the order of `pairs`.

    Pairs without answers are left out; answers for neither are counted apart.
    """
    counts = {_subject(pair.kind, pair.a, pair.b): {"a": 0, "b": 0, "none": 0} for pair in pairs}
    for test in tests:
        for trial in test.trials:
            subject, answer = _subject(trial.kind, trial.a, trial.b), str(trial.answer)
            if subject not in counts:  # heard in the other order
                subject, answer = _swapped(subject), {"a": "b", "b": "a"}.get(answer, answer)
            counts[subject][answer] += 1
    return [
        Preference(
            kind="generated" if kind == "generated" else "coding",
            a=a,
            b=b,
            won=count["a"],
            lost=count["b"],
            ties=count["none"],
        )
        for (kind, a, b), count in counts.items()
        if any(count.values())
    ]


def _subject(kind: str, a: str, b: str) -> tuple[str, str, str]:
    return kind, _name(kind, a), _name(kind, b)


def _swapped(subject: tuple[str, str, str]) -> tuple[str, str, str]:
    kind, a, b = subject
    return kind, b, a


def _name(kind: str, sound: str) -> str:
    """The model of "generation.MODEL.GENRE.INDEX", or the codec of "SONG/coding.CODEC.RATE"."""
    return (sound if kind == "generated" else sound.rpartition("/")[2]).split(".")[1]
