"""How long steps will take, from how long they took before."""

from dataclasses import replace
from statistics import median

from pipeline.engine.graph import Graph
from pipeline.engine.store import Store


def timed(graph: Graph, store: Store) -> Graph:
    """The graph with each step's cost in seconds, as far as the store knows any.

    A step that ran before, whatever its key was, is expected to take as long as the last time;
    one that never ran, as its stated cost says in the proportion that the others have shown.
    """
    took = before(graph, store)
    ratios = [seconds / graph.steps[name].cost for name, seconds in took.items()]
    ratio = median(ratios) if ratios else 1.0
    steps = [
        replace(step, cost=max(took.get(name, step.cost * ratio), 0.001))
        for name, step in graph.steps.items()
    ]
    return Graph(steps, graph.device)


def before(graph: Graph, store: Store) -> dict[str, float]:
    """Seconds that each step took the last time it ran, for those that ever did."""
    return {
        name: float(entries[0]["seconds"])
        for name in graph.steps
        if (entries := store.entries(name))
    }
