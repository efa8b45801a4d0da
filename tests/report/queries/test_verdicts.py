"""Verdicts on the hypotheses follow from the numbers."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from report.queries.rates import RateQueries
from report.queries.results import Results, read
from report.queries.verdicts import VerdictQueries


@pytest.fixture
def results(results_folder: Callable[[str], Path]) -> Results:
    return read(results_folder("families"))


def changed(results: Results, values: Mapping[str, float]) -> VerdictQueries:
    """The verdicts if numbers had these values."""
    numbers = dict(results.numbers)
    for name, value in values.items():
        numbers[name] = numbers[name].model_copy(update={"value": value})
    return VerdictQueries(results.model_copy(update={"numbers": numbers}))


def test_the_first_step_is_told_when_it_costs_most(results: Results) -> None:
    family = results.models[0].family
    names = [f"reconstruction.{m.version}.snr" for m in results.families[family]]
    falling = dict(zip(names, (30, 20, 18, 16, 15), strict=False))
    found = changed(results, falling).first_step(family)
    assert (found.name, found.value) == ("largest", 10)
    falling[names[0]] = 21
    assert changed(results, falling).first_step(family).name == "smaller"


def test_the_first_step_without_visqol(results: Results) -> None:
    first = f"reconstruction.{results.families['adaptive'][0].version}.snr"
    numbers = dict(results.numbers)
    numbers[first] = numbers[first].model_copy(update={"value": 99.0})
    steep = results.model_copy(update={"numbers": numbers})
    assert VerdictQueries(steep).first_step("adaptive").name == "largest"
    unscored = {name: n for name, n in numbers.items() if not name.endswith(".visqol")}
    verdicts = VerdictQueries(results.model_copy(update={"numbers": unscored}))
    assert verdicts.first_step("adaptive").name == "unscored"


def test_the_cost_of_the_smallest_size(results: Results) -> None:
    first, last = results.families["classic"][0], results.families["classic"][-1]
    cost = VerdictQueries(results).size_cost("classic")
    assert [n.name for n in cost.numbers] == [
        f"reconstruction.{model.version}.snr" for model in (first, last)
    ]
    alone = results.model_copy(update={"models": [first]})
    assert VerdictQueries(alone).size_cost("classic").name == "single"


def test_one_clip_or_one_size_decides_nothing_on_fidelity(results: Results) -> None:
    family = results.models[0].family
    verdicts = VerdictQueries(results)
    assert verdicts.above_silence(family).name == "all"
    assert verdicts.fidelity_trend(family, "snr").name == "rises"
    one_size = results.model_copy(update={"models": results.models[:1]})
    assert VerdictQueries(one_size).fidelity_trend(family, "snr").name == "alone"
    one_clip = {name: n.model_copy(update={"clips": 1}) for name, n in results.numbers.items()}
    verdicts = VerdictQueries(results.model_copy(update={"numbers": one_clip}))
    assert verdicts.above_silence(family).name == "few"
    assert verdicts.fidelity_trend(family, "snr").name == "few"


@pytest.mark.parametrize(
    ("values", "name", "fails"),
    [
        ((5, 4, 3, -2, -3), "below", 2),
        ((-1, -1, -1, -2, -3), "below", 5),
        ((5, 4, 3, 0.04, -0.04), "silent", 2),
        ((5, 4, 3, 0.2, -3), "some", 2),
        ((5, 4, 3, -0.04, -3), "some", 2),
        ((0.2, -1, -1, -2, -3), "none", 5),
    ],
)
def test_models_that_are_no_better_than_silence(
    results: Results, values: tuple[float, ...], name: str, fails: int
) -> None:
    numbers = dict(results.numbers)
    for model, value in zip(results.families["classic"], values, strict=True):
        snr = f"reconstruction.{model.version}.snr"
        edges = {"value": value, "interval": (value - 0.3, value + 0.3)}
        numbers[snr] = numbers[snr].model_copy(update=edges)
    found = VerdictQueries(results.model_copy(update={"numbers": numbers}))
    outcome = found.above_silence("classic")
    assert (outcome.name, len(outcome.fails)) == (name, fails)
    assert (outcome.low, outcome.high) == (min(values[-fails:]), max(values[-fails:]))


def test_a_distance_that_rises_while_the_snr_does_is_contrary(results: Results) -> None:
    members = results.families["classic"]
    numbers = dict(results.numbers)
    for measure, values in (("snr", (9, 8, 7, 6, 5)), ("log_mel", (0.9, 0.8, 0.7, 0.6, 0.5))):
        for model, value in zip(members, values, strict=True):
            name = f"reconstruction.{model.version}.{measure}"
            numbers[name] = numbers[name].model_copy(update={"value": value, "values": None})
    found = VerdictQueries(results.model_copy(update={"numbers": numbers}))
    assert found.fidelity_trend("classic", "log_mel").name == "contrary"
    first = f"reconstruction.{members[0].version}.snr"
    numbers[first] = numbers[first].model_copy(update={"value": 1})
    found = VerdictQueries(results.model_copy(update={"numbers": numbers}))
    assert found.fidelity_trend("classic", "log_mel").name == "rises"


def test_the_largest_size_at_which_a_method_jumps(results: Results) -> None:
    sizes = VerdictQueries(results).sizes
    distances = {f"baseline.codec.{size}.log_mel": 1.0 for size in sizes}
    assert changed(results, distances).jump("codec").name == "none"
    distances |= {f"baseline.codec.{size}.log_mel": 3.1 for size in sizes[2:]}
    found = changed(results, distances).jump("codec")
    assert (found.name, found.holds, found.value) == ("some", (sizes[2],), 3.1)
    assert changed(results, distances).jump("none").name == "none"


def test_the_smallest_acceptable_size_before_training(results: Results) -> None:
    rule = results.choice
    bounds = {"snr": rule.snr, "log_mel": rule.log_mel, "visqol": rule.visqol}
    sizes = [model.size for model in results.families["adaptive"]]
    values = {
        f"untrained.adaptive.{size}.{measure}": float(bounds[measure] or 0)
        for size in sizes
        for measure in rule.measures
    }
    found = changed(results, values).untrained_choice("adaptive")
    assert (found.name, found.holds[0]) == ("other", sizes[-1])
    values[f"untrained.adaptive.{sizes[-1]}.snr"] = rule.snr - 1
    assert changed(results, values).untrained_choice("adaptive").holds[0] == sizes[-2]
    assert changed(results, {}).untrained_choice("classic").name == "unknown"
    none = {name: rule.snr - 1 for name in values if name.endswith(".snr")}
    found = changed(results, values | none).untrained_choice("adaptive")
    assert found.name == "trained"
    assert found.holds == (None, results.choice.families[1].by_rule)
    heard = [each.model_copy(update={"by": "ear"}) for each in results.choice.families]
    choice = results.choice.model_copy(update={"families": heard})
    by_ear = VerdictQueries(results.model_copy(update={"choice": choice}))
    assert by_ear.untrained_choice("adaptive").name == "unknown"


def test_layered_networks_below_the_filter_tell_where_they_win(results: Results) -> None:
    assert changed(results, {}).against_filter(results.families["adaptive"]).name == "unknown"
    members = results.families["classic"][-1:]
    names = [
        f"{each}.{members[0].size}.{{}}" for each in ("reconstruction.classic", "baseline.lowpass")
    ]
    numbers = {
        (name := each.format(measure)): results.number(name).model_copy(
            update={"values": tuple(value + step for step in (0.0, 0.1, 0.2))}
        )
        for each, value in zip(names, (1.0, 2.0), strict=True)
        for measure in ("snr", "log_mel", "visqol")
    }
    changes = results.model_copy(update={"numbers": results.numbers | numbers})
    found = VerdictQueries(changes).against_filter(members)
    assert (found.name, found.holds) == ("lower", ("log_mel",))


def test_one_genre_has_no_content_to_tell(results: Results) -> None:
    data = results.data.model_copy(update={"genres": results.data.genres[:1]})
    alone = VerdictQueries(results.model_copy(update={"data": data}))
    assert changed(results, {}).content.name != "untested"
    assert alone.content.name == "untested"


@pytest.mark.parametrize(
    ("value", "name"), [(-3.0, "below"), (0.04, "silent"), (9.0, "all"), (-0.04, "silent")]
)
def test_networks_beside_silence(results: Results, value: float, name: str) -> None:
    names = [f"reconstruction.{m.version}.snr" for m in results.families["classic"]]
    numbers = dict(results.numbers)
    for each in names:
        known = {"value": value, "interval": (value - 0.1, value + 0.1)}
        numbers[each] = numbers[each].model_copy(update=known)
    changes = results.model_copy(update={"numbers": numbers})
    assert VerdictQueries(changes).above_silence("classic").name == name


def test_unclear_and_alone_beside_silence(results: Results) -> None:
    name = f"reconstruction.{results.models[-1].version}.snr"
    known = {"value": 1.0, "interval": (-1.0, 3.0)}
    numbers = results.numbers | {name: results.number(name).model_copy(update=known)}
    verdicts = VerdictQueries(results.model_copy(update={"numbers": numbers}))
    found = verdicts.above_silence(results.models[-1].family)
    assert (found.name, found.fails) == ("some", (results.models[-1].size,))
    alone = {each: n.model_copy(update={"clips": 1}) for each, n in results.numbers.items()}
    verdicts = VerdictQueries(results.model_copy(update={"numbers": alone}))
    assert verdicts.above_silence("classic").name == "few"


def test_a_size_that_gives_every_clip_the_same_vector(results: Results) -> None:
    model = results.families["classic"][-1]
    assert VerdictQueries(results).constant_size("classic").name == "varied"
    found = changed(results, {f"pca.{model.version}.explained.1": 0}).constant_size("classic")
    assert (found.name, found.value) == ("constant", model.size)


def test_means_must_be_nearer_to_music_than_noise(results: Results) -> None:
    assert VerdictQueries(results).new_music.name == "holds"
    means = results.number("generation.means.kad")
    noise = {"generation.noise.kad": means}
    like_noise = results.model_copy(update={"numbers": results.numbers | noise})
    assert VerdictQueries(like_noise).new_music.name == "partly"


def test_new_music_is_half_tested_on_a_single_clip(results: Results) -> None:
    alone = {
        name: n.model_copy(update={"clips": 1, "values": None, "interval": None})
        for name, n in results.numbers.items()
    }
    verdicts = VerdictQueries(results.model_copy(update={"numbers": alone}))
    assert verdicts.new_music.name == "incomplete"
    model = results.families["classic"][0]
    assert verdicts.songs_against_clips(model).name == "alone"
    assert verdicts.bits.name == verdicts.adaptation.name == "untested"


def test_methods_that_networks_lose_to(results: Results) -> None:
    found = VerdictQueries(results).wins(results.families["classic"], "snr")
    assert [method for method, _ in found.holds] == ["klt"]
    assert [method for method, _ in found.fails] == ["mdct", "codec"]


def test_choosing_is_judged_by_both_measures(results: Results) -> None:
    found = VerdictQueries(results)
    choice = found._comparison.contrast("choice")
    assert found._comparison.contrast_overall(choice, "log_mel").name != "lower"
    assert found.adaptation.name == "partly"


def test_the_verdict_on_bits(results_folder: Callable[[str], Path]) -> None:
    names = {
        sample: VerdictQueries(read(results_folder(sample))).bits.name
        for sample in ("families", "small", "constant")
    }
    assert names == {"families": "holds", "small": "fails", "constant": "fails"}
    rates = RateQueries(read(results_folder("constant")))
    assert rates.first_saving("snr").name == "mixed"
    families = RateQueries(read(results_folder("families")))
    assert {families.first_saving(measure).name for measure in families.measures} == {"smaller"}


def test_nothing_is_saved_where_nothing_was_coded(results: Results) -> None:
    uncoded = results.model_copy(update={"coding": None})
    assert RateQueries(uncoded).first_saving("snr").name == "unknown"
    assert VerdictQueries(uncoded).bits.name == "untested"
