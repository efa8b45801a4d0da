"""ABX analysis finds the thresholds of simulated listeners, with intervals that cover them."""

import numpy as np
import pytest

from pipeline.listening import abx
from pipeline.listening.answer_format import FixedAbx, StaircaseAbx, parse
from pipeline.listening.intervals import guessing_p
from tests.pipeline.listening.simulated_listeners import (
    SIZES,
    STIMULI,
    STUDY,
    Content,
    Listener,
    share,
)

CENTRE = 12.0


def answered(content: Content) -> FixedAbx | StaircaseAbx:
    content = {key: value for key, value in content.items() if key != "simulated"}
    found = parse(content)
    assert isinstance(found, FixedAbx | StaircaseAbx)
    return found


def people(count: int, seed: int) -> list[FixedAbx | StaircaseAbx]:
    """A fixed test of each size and a staircase of each listener, whose centres differ."""
    random, tests = np.random.default_rng(seed), []
    for number in range(count):
        centre = CENTRE + random.normal(0, 0.3)
        listener = Listener(STIMULI, STUDY, 1000 * seed + number, f"n{number}")
        for size in SIZES:
            tests.append(listener.abx(f"net.{size}", 10, float(share(size, centre))))
        tests.append(listener.staircase("net", centre))
    return [answered(test) for test in tests]


def true_threshold() -> float:
    right = (abx.THRESHOLD - abx.GUESS) / (1 - abx.GUESS - abx.LAPSE)
    return float(2 ** (CENTRE - 0.5 * np.log(right / (1 - right))))


def test_sizes_are_pooled_and_staircases_kept_apart() -> None:
    found = abx.abx_family("net", SIZES, people(6, 1))
    assert found is not None
    assert [each.size for each in found.sizes] == SIZES
    assert {each.trials for each in found.sizes} == {60}
    assert {each.listeners for each in found.sizes} == {6}
    assert sum(each.adaptive_trials for each in found.sizes) > 60
    easy, hard = found.sizes[0], found.sizes[-1]
    assert guessing_p(easy.correct, easy.trials) < 1e-6
    assert easy.told_apart >= 4
    assert guessing_p(hard.correct, hard.trials) > 0.01
    assert abx.abx_family("other", SIZES[1:], people(1, 1)) is None


def test_the_threshold_and_its_interval_are_those_of_the_listeners() -> None:
    covered, ratios = 0, []
    for seed in range(16):
        tests = people(8, seed + 10)
        counts = abx.family_counts("net", SIZES, tests)
        curve = abx.fit(counts)
        assert curve is not None
        size, ends = abx.threshold(curve, SIZES), abx.threshold_interval(counts, 1)
        assert size is not None
        assert ends is not None
        ratios.append(size / true_threshold())
        covered += ends[0] <= true_threshold() <= ends[1]
    assert np.median(ratios) == pytest.approx(1, abs=0.1)
    assert covered >= 13  # 95 % is 15; resampling eight listeners covers a little less


def test_few_trials_one_size_or_few_listeners_say_nothing() -> None:
    listener = Listener(STIMULI, STUDY, 3)
    few = [answered(listener.abx("net.1000", 10, 1)), answered(listener.abx("net.2000", 10, 1))]
    assert abx.fit(abx.family_counts("net", SIZES, few)) is None
    one = [answered(Listener(STIMULI, STUDY, n).abx("net.1000", 25, 0.9)) for n in range(3)]
    counts = abx.family_counts("net", SIZES, one)
    assert abx.fit(counts) is None
    assert abx.threshold_interval(counts, 1) is None


def test_a_threshold_beyond_the_sizes_is_not_told() -> None:
    never = [
        answered(Listener(STIMULI, STUDY, n).abx(f"net.{size}", 25, 0.5))
        for n, size in enumerate(SIZES)
    ]
    curve = abx.fit(abx.family_counts("net", SIZES, never))
    assert curve is not None
    assert abx.threshold(curve, SIZES) is None


def test_each_listener_has_a_p_value_over_all_of_their_tests() -> None:
    listener = Listener(STIMULI, STUDY, 3, "Ana")
    tests = [
        listener.abx("net.1000", 10, 1),
        Listener(STIMULI, STUDY, 4, "Ana").abx("net.1000", 16, 1),
    ]
    found = abx.listener_scores([t for t in map(answered, tests) if isinstance(t, FixedAbx)])
    assert [(each.listener, each.trials, each.correct) for each in found] == [("Ana", 26, 26)]
    assert found[0].p == pytest.approx(2.0**-26)


def test_guessing_is_significant_one_time_of_twenty_at_most() -> None:
    random = np.random.default_rng(5)
    p = [guessing_p(int(correct), 48) for correct in random.binomial(48, 0.5, 4000)]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.05
