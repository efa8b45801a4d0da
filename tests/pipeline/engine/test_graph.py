"""Keys and ranks of small graphs."""

from typing import Any

import pytest

from pipeline.engine.graph import Graph, Step

CORPUS = "pipeline.data.corpus:from_folder"
TRAIN = "pipeline.models.training:train"


def a_graph(device: str = "cpu", **corpus: Any) -> Graph:
    return Graph(
        [
            Step("corpus", CORPUS, {"seed": 1} | corpus, places={"folder": "here"}, cost=1),
            Step("a", TRAIN, {"epochs": 2}, {"corpus": "corpus"}, cost=5),
            Step("b", TRAIN, {"epochs": 3}, {"corpus": "corpus"}, cost=2),
            Step("c", TRAIN, {}, {"all": {"x": "a", "y": "b"}}, cost=1),
        ],
        device,
    )


def test_a_parameter_changes_its_step_and_all_that_read_it() -> None:
    first, other = a_graph(), a_graph(seed=2)
    assert all(first.key(name) != other.key(name) for name in first.steps)


def test_a_place_changes_nothing() -> None:
    moved = a_graph()
    moved.steps["corpus"].places["folder"] = "there"  # type: ignore[index]
    assert moved.key("c") == a_graph().key("c")


def test_the_device_counts_where_torch_computes() -> None:
    assert a_graph("cuda").key("a") != a_graph("cpu").key("a")


def test_the_longest_chain_ranks_first() -> None:
    assert a_graph().rank == {"corpus": 7, "a": 6, "b": 3, "c": 1}


def test_a_step_must_come_once_and_after_what_it_reads() -> None:
    with pytest.raises(ValueError, match="stands twice or before"):
        Graph([Step("a", TRAIN, inputs={"x": "b"}), Step("b", TRAIN)], "cpu")
