"""The model that the site opens on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.base import Queries
from report.queries.results import read


@pytest.mark.parametrize(
    ("change", "acceptable", "expected"),
    [(1, (None, None), "other"), (-1, (None, None), "same"), (1, (1, None), "same")],
)
def test_the_best_model_is_acceptable_or_has_the_highest_snr(
    results_folder: Callable[[str], Path],
    change: float,
    acceptable: tuple[int | None, int | None],
    expected: str,
) -> None:
    results = read(results_folder("whole"))
    model = results.models[0]
    families = ("same", "other")
    snr = results.number(f"reconstruction.{model.version}.snr")
    higher = snr.model_copy(update={"value": snr.value + change})
    choices = [
        results.choice.families[0].model_copy(
            update={"family": family, "size": model.size if size else None}
        )
        for family, size in zip(families, acceptable, strict=True)
    ]
    queries = Queries(
        results.model_copy(
            update={
                "models": [model.model_copy(update={"family": family}) for family in families],
                "choice": results.choice.model_copy(update={"families": choices}),
                "numbers": {
                    f"reconstruction.same.{model.size}.snr": snr,
                    f"reconstruction.other.{model.size}.snr": higher,
                },
            }
        )
    )
    assert queries.best_model.family == expected


def test_families_whose_structure_is_told(results_folder: Callable[[str], Path]) -> None:
    results = read(results_folder("families"))
    queries = Queries(results)
    told = [(family, example.size) for family, _, example in queries.described_families]
    assert told == [("classic", 24496), ("adaptive", 18376)]
    example = results.families["adaptive"][0]
    assert queries.segments(example) == 54
    assert queries.largest_part(example).name == "values"
    assert queries.largest_parts(results.families["adaptive"][:1]).name == "all"
    layered = queries.layered_models[0]
    single = layered.model_copy(update={"layers": [layered.encoder[0]]})
    assert queries.inner_blocks(single).name == "none"
    lone = Queries(results.model_copy(update={"models": results.families["adaptive"]}))
    assert [family for family, _, _ in lone.described_families] == ["adaptive"]
    assert lone.layered_family is None


def test_models_that_would_learn_longer(results_folder: Callable[[str], Path]) -> None:
    results = read(results_folder("small"))
    (model,) = results.models
    number = results.number(f"training.{model.version}.best_epoch")
    for epoch, outcome in ((len(model.epochs), "all"), (len(model.epochs) - 1, "none")):
        results.numbers[number.name] = number.model_copy(update={"value": epoch})
        assert Queries(results).best_at_last_epoch([model]).name == outcome
