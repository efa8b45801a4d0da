"""Costs from stored durations, memory limits, and explanations of changed keys."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.estimate import last_durations, with_measured_costs
from pipeline.engine.explain import changes, explain, reason
from pipeline.engine.graph import Graph, Step
from pipeline.engine.pool import memory_limit
from pipeline.engine.runner import run
from pipeline.engine.store import Store, save, write_entry
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import Watch, a_graph

TRAIN = "pipeline.models.training:train"


def two_steps(epochs: int = 1, rate: float = 0.1) -> Graph:
    return Graph(
        [
            Step("a", "pipeline.data.corpus:from_folder", {"rate": rate}, cost=2),
            Step("b", TRAIN, {"epochs": epochs}, {"corpus": "a"}, cost=10),
        ],
        "cpu",
    )


def store_run(store: Store, graph: Graph, name: str, seconds: float, finished: str) -> None:
    key = graph.key(name)
    with store.draft(name, key) as draft:
        save(draft, 1)
        entry: dict[str, Any] = {"key": key, "parts": graph.parts(name)}
        write_entry(draft, entry | {"seconds": seconds, "finished": finished})


def test_costs_are_last_durations_and_others_scale_with_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert with_measured_costs(two_steps(), store).steps["b"].cost == 10
    store_run(store, two_steps(), "a", 6, "2026-01-02T00:00:00+00:00")
    store_run(store, two_steps(rate=0.2), "a", 8, "2026-01-03T00:00:00+00:00")
    assert last_durations(two_steps(), store) == {"a": 8}
    expected = with_measured_costs(two_steps(), store)
    assert expected.steps["a"].cost == 8
    assert expected.steps["b"].cost == pytest.approx(40)
    assert expected.key("b") == two_steps().key("b")


def test_changes_are_traced_to_the_inputs_where_they_began(tmp_path: Path) -> None:
    store, old, new = Store(tmp_path), two_steps(), two_steps(epochs=2, rate=0.3)
    assert reason(new, store, "b") == "never computed"
    for name in old.steps:
        store_run(store, old, name, 1, "2026-01-02T00:00:00+00:00")
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


def test_edited_functions_are_named(tmp_path: Path) -> None:
    store, graph = Store(tmp_path), two_steps()
    parts = graph.parts("b")
    parts["code"] = dict(parts["code"]) | {
        "pipeline.models.training:_step": "other",
        "pipeline.x:y": "0",
    }
    assert changes(graph, store, "b", parts) == [
        "code: pipeline.models.training:_step edited",
        "code: pipeline.x:y no longer used",
    ]


def test_steps_that_exceed_memory_together_run_one_at_a_time(tmp_path: Path) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    corpus = a_graph(folder).steps["corpus"]

    class Concurrency(Watch):
        running = maximum = 0

        def started(self, step: str) -> None:
            self.running += 1
            self.maximum = max(self.maximum, self.running)

        def finished(self, step: str, seconds: float) -> None:
            self.running -= 1

    steps = [
        Step(
            name,
            corpus.function,
            corpus.parameters,
            untracked=corpus.untracked,
            memory=memory_limit(),
        )
        for name in ("one", "two", "three")
    ]
    watch = Concurrency()
    outcome = run(Graph(steps, "cpu"), Store(tmp_path / "cache"), ["one", "two", "three"], watch)
    assert sorted(outcome.computed) == ["one", "three", "two"]
    assert watch.maximum == 1
