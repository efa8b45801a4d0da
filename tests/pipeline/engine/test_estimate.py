"""Costs from stored durations, the room that steps leave each other, and what changed in a key."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.estimate import before, timed
from pipeline.engine.explain import changes, explain, reason
from pipeline.engine.graph import Graph, Step
from pipeline.engine.pool import memory
from pipeline.engine.runner import run
from pipeline.engine.store import Store, note, save
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import Watch, a_graph

TRAIN = "pipeline.models.training:train"


def two(epochs: int = 1, rate: float = 0.1) -> Graph:
    return Graph(
        [
            Step("a", "pipeline.data.corpus:from_folder", {"rate": rate}, cost=2),
            Step("b", TRAIN, {"epochs": epochs}, {"corpus": "a"}, cost=10),
        ],
        "cpu",
    )


def put(store: Store, graph: Graph, name: str, seconds: float, finished: str) -> None:
    key = graph.key(name)
    with store.draft(name, key) as draft:
        save(draft, 1)
        entry: dict[str, Any] = {"key": key, "parts": graph.parts(name)}
        note(draft, entry | {"seconds": seconds, "finished": finished})


def test_costs_are_the_last_durations_and_the_rest_in_their_proportion(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert timed(two(), store).steps["b"].cost == 10
    put(store, two(), "a", 6, "2026-01-02T00:00:00+00:00")
    put(store, two(rate=0.2), "a", 8, "2026-01-03T00:00:00+00:00")
    assert before(two(), store) == {"a": 8}
    expected = timed(two(), store)
    assert expected.steps["a"].cost == 8
    assert expected.steps["b"].cost == pytest.approx(40)
    assert expected.key("b") == two().key("b")


def test_what_changed_is_followed_to_where_it_began(tmp_path: Path) -> None:
    store, old, new = Store(tmp_path), two(), two(epochs=2, rate=0.3)
    assert reason(new, store, "b") == "never computed"
    for name in old.steps:
        put(store, old, name, 1, "2026-01-02T00:00:00+00:00")
    assert changes(old, store, "b", old.parts("b")) == []
    assert changes(new, store, "b", old.parts("b")) == [
        "parameters.epochs: 1 -> 2",
        "input a: parameters.rate: 0.1 -> 0.3",
    ]
    assert reason(new, store, "b") == "parameters.epochs: 1 -> 2 and 1 more"
    lines = explain(new, store, "b")
    assert (
        "computed    not with these settings and code; last 2026-01-02 00:00:00 UTC in 1 s" in lines
    )
    assert lines[-1] == "  input a: parameters.rate: 0.1 -> 0.3"


def test_an_edited_function_is_named(tmp_path: Path) -> None:
    store, graph = Store(tmp_path), two()
    parts = graph.parts("b")
    parts["code"] = dict(parts["code"]) | {
        "pipeline.models.training:_step": "other",
        "pipeline.x:y": "0",
    }
    assert changes(graph, store, "b", parts) == [
        "code: pipeline.models.training:_step edited",
        "code: pipeline.x:y no longer used",
    ]


def test_steps_that_do_not_fit_together_run_one_after_the_other(tmp_path: Path) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    corpus = a_graph(folder).steps["corpus"]

    class Together(Watch):
        running = most = 0

        def started(self, step: str) -> None:
            self.running += 1
            self.most = max(self.most, self.running)

        def finished(self, step: str, seconds: float) -> None:
            self.running -= 1

    steps = [
        Step(name, corpus.function, corpus.parameters, places=corpus.places, memory=memory())
        for name in ("one", "two", "three")
    ]
    watch = Together()
    outcome = run(Graph(steps, "cpu"), Store(tmp_path / "cache"), ["one", "two", "three"], watch)
    assert sorted(outcome.computed) == ["one", "three", "two"]
    assert watch.most == 1
