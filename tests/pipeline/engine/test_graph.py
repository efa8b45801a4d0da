"""Keys and ranks of small graphs."""

from typing import Any

import pytest

from pipeline.engine.graph import Graph, Step

CORPUS = "pipeline.data.corpus:from_folder"
TRAIN = "pipeline.models.training:train"


def a_graph(device: str = "cpu", **corpus: Any) -> Graph:
    return Graph(
        [
            Step("corpus", CORPUS, {"seed": 1} | corpus, untracked={"folder": "here"}, cost=1),
            Step("a", TRAIN, {"epochs": 2}, {"corpus": "corpus"}, cost=5),
            Step("b", TRAIN, {"epochs": 3}, {"corpus": "corpus"}, cost=2),
            Step("c", TRAIN, {}, {"all": {"x": "a", "y": "b"}}, cost=1),
        ],
        device,
    )


def test_a_parameter_changes_the_keys_of_its_step_and_all_dependents() -> None:
    first, other = a_graph(), a_graph(seed=2)
    assert all(first.key(name) != other.key(name) for name in first.steps)


def test_an_untracked_argument_changes_no_key() -> None:
    moved = a_graph()
    moved.steps["corpus"].untracked["folder"] = "there"  # type: ignore[index]
    assert moved.key("c") == a_graph().key("c")


def test_the_device_changes_keys_of_steps_that_use_torch() -> None:
    assert a_graph("cuda").key("a") != a_graph("cpu").key("a")


def test_rank_is_the_cost_of_the_longest_chain() -> None:
    assert a_graph().rank == {"corpus": 7, "a": 6, "b": 3, "c": 1}


def test_steps_must_be_unique_and_in_topological_order() -> None:
    with pytest.raises(ValueError, match="step a must come after b"):
        Graph([Step("a", TRAIN, inputs={"x": "b"}), Step("b", TRAIN)], "cpu")
    with pytest.raises(ValueError, match="duplicate step a"):
        Graph([Step("a", TRAIN), Step("a", TRAIN)], "cpu")
