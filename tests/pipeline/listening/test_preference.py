"""Preferences are counted for the same sound whichever was played first."""

import numpy as np

from pipeline.listening.answer_format import PreferenceTest, parse
from pipeline.listening.intervals import share_interval
from pipeline.listening.preference import preferences
from tests.pipeline.listening.simulated_listeners import STIMULI, STUDY, Listener


def answered(seed: int, ties: float = 0.0) -> PreferenceTest:
    content = Listener(STIMULI, STUDY, seed).preference({"flow": 3.0, "opus": 1.0}, ties)
    found = parse({key: value for key, value in content.items() if key != "simulated"})
    assert isinstance(found, PreferenceTest)
    return found


def test_shares_are_those_of_the_listeners_and_their_intervals_cover_them() -> None:
    covered = []
    for study in range(60):
        tests = [answered(100 * study + seed, 0.2) for seed in range(12)]
        models, codecs = preferences(STIMULI.preference, tests)
        assert (models.a, models.b, codecs.a, codecs.b) == ("vae", "flow", "latente", "opus")
        assert models.won + models.lost + models.ties == 24
        for found, true in ((models, 0.25), (codecs, 0.5)):
            low, high = share_interval(found.won, found.won + found.lost)
            covered.append(low <= true <= high)
    assert np.mean(covered) > 0.93


def test_what_nobody_heard_is_left_out() -> None:
    assert preferences(STIMULI.preference, []) == []
