"""Scores of simulated listeners: who is screened, what intervals cover, how measures agree."""

import numpy as np
import pytest

from pipeline.listening import mushra
from pipeline.listening.answer_format import Mushra, parse
from pipeline.listening.intervals import mean_interval
from tests.pipeline.listening.simulated_listeners import SIZES, STIMULI, STUDY, Listener

TRUE = {"original": 97.0, "anchor.3500": 20.0, "anchor.7000": 45.0}
TRUE |= {f"net.{size}": 30.0 + 12 * place for place, size in enumerate(SIZES)}


def rated(seed: int, scores: dict[str, float], name: str = "", bias: float = 0) -> Mushra:
    content = Listener(STIMULI, STUDY, seed, name).mushra(scores, bias, noise=3)
    found = parse({key: value for key, value in content.items() if key != "simulated"})
    assert isinstance(found, Mushra)
    return found


def test_who_misses_the_reference_or_the_anchor_is_screened() -> None:
    tests = [rated(seed, TRUE) for seed in range(8)]
    tests.append(rated(50, TRUE | {"original": 80}, "deaf"))
    tests.append(rated(51, TRUE | {"anchor.7000": 97}, "kind"))
    found = mushra.panel(tests)
    assert [(each.listener, each.reason) for each in found.screened] == [
        ("deaf", "original"),
        ("kind", "anchor"),
    ]
    assert len(found.scores) == 8


def test_an_anchor_that_most_cannot_hear_screens_nobody() -> None:
    tests = [rated(seed, TRUE | {"anchor.7000": 97}) for seed in range(4)]
    assert mushra.panel([*tests, rated(9, TRUE)]).screened == []


def test_without_a_mid_anchor_nobody_is_screened_for_it() -> None:
    content = rated(1, TRUE).model_dump()
    for trial in content["trials"]:
        place = trial["order"].index("anchor.7000")
        del trial["order"][place], trial["scores"][place]
    assert mushra.panel([Mushra.model_validate(content)]).screened == []


def test_intervals_of_the_means_cover_the_truth() -> None:
    covered = total = 0
    for study in range(60):
        random = np.random.default_rng(study)
        tests = [rated(100 * study + n, TRUE, bias=random.normal(0, 3)) for n in range(10)]
        found = mushra.panel([t for t in tests])
        for size in SIZES:
            low, high = mean_interval(found.means(f"net.{size}"))
            covered += low <= TRUE[f"net.{size}"] <= high
            total += 1
    assert 0.88 < covered / total <= 1


def test_scores_agree_with_a_measure_of_the_same_order_and_not_with_noise() -> None:
    found = mushra.panel([rated(seed, TRUE) for seed in range(8)])
    versions = [f"net.{size}" for size in SIZES]
    same = mushra.agreement(found, dict(zip(versions, (1.0, 2.0, 2.5, 3.0, 9.0), strict=True)), 1)
    assert same is not None
    assert same[0] == pytest.approx(1)
    assert same[1][0] > 0.8
    other = mushra.agreement(found, dict(zip(versions, (3.0, 9.0, 1.0, 2.0, 2.5), strict=True)), 1)
    assert other is not None
    assert other[0] < 0.5
    assert mushra.agreement(found, dict.fromkeys(versions[:3], 1.0), 1) is None
    assert mushra.agreement(found, dict.fromkeys(versions, 1.0), 1) is None
