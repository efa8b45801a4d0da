"""Trials are drawn as the contract with the page says; the page's own draws are compared with these
in a browser."""

from collections import Counter

import pytest

from pipeline.listening.trial_draws import (
    PAIRS,
    SCREENS,
    STAIRCASE_TRIALS,
    Mulberry32,
    Staircase,
    mushra_screens,
    preference_pairs,
)
from tests.pipeline.listening.simulated_listeners import STIMULI


def test_the_generator_gives_the_published_sequence() -> None:
    random = Mulberry32(1)
    found = [random.next() / 2**32 for _ in range(3)]
    assert found == [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]


def test_choices_are_uniform_and_shuffles_are_permutations() -> None:
    random = Mulberry32(7)
    counts = Counter(random.choice(3) for _ in range(6000))
    assert set(counts) == {0, 1, 2}
    assert all(abs(count - 2000) < 150 for count in counts.values())
    orders = Counter(tuple(random.shuffled("abc")) for _ in range(3000))
    assert len(orders) == 6
    assert all(abs(count - 500) < 100 for count in orders.values())


@pytest.mark.parametrize(
    ("answers", "sizes"),
    [
        ([True, True, True, True], [10, 10, 20, 20, 30]),
        ([True, False, True, True], [10, 10, 10, 10, 20]),
        ([True, True, False, True, True], [10, 10, 20, 10, 10, 20]),
    ],
)
def test_a_staircase_goes_up_after_two_and_down_after_one(
    answers: list[bool], sizes: list[int]
) -> None:
    state, heard = Staircase([10, 20, 30]), []
    for answer in answers:
        heard.append(state.size)
        state.answer(answer)
    assert [*heard, state.size] == sizes


def test_a_staircase_ends_after_eight_reversals_or_forty_trials() -> None:
    state = Staircase([10, 20, 30])
    for _ in range(5):
        for answer in (True, True, False):
            if not state.ended:
                state.answer(answer)
    assert (state.reversals, state.trials, state.ended) == (8, 14, True)
    deaf = Staircase([10, 20, 30])
    while not deaf.ended:
        deaf.answer(False)
    assert (deaf.reversals, deaf.trials) == (0, STAIRCASE_TRIALS)


def test_screens_and_pairs_are_orders_of_the_stimuli() -> None:
    screens = mushra_screens(5, STIMULI)
    assert len({song for song, _ in screens}) == SCREENS
    assert all(sorted(order) == sorted(STIMULI.mushra) for _, order in screens)
    pairs = preference_pairs(5, STIMULI)
    assert len(pairs) == min(PAIRS, len(STIMULI.preference))
    assert {frozenset((p.a, p.b)) for p in pairs} <= {
        frozenset((p.a, p.b)) for p in STIMULI.preference
    }
