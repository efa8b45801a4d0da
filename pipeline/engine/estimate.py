"""Estimate how long steps will take from their last runs."""

from dataclasses import replace
from statistics import median

from pipeline.engine.graph import Graph
from pipeline.engine.store import Store


def with_measured_costs(graph: Graph, store: Store) -> Graph:
    """Return the graph with the cost of each step in seconds, if the store knows any duration.

    A step that has run, under any key, is expected to take as long as the last time. The stated
    cost of any other step is scaled by the median ratio of seconds to cost.
    """
    durations = last_durations(graph, store)
    ratios = [seconds / graph.steps[name].cost for name, seconds in durations.items()]
    ratio = median(ratios) if ratios else 1.0
    steps = [
        replace(step, cost=max(durations.get(name, step.cost * ratio), 0.001))
        for name, step in graph.steps.items()
    ]
    return Graph(steps, graph.device)


def last_durations(graph: Graph, store: Store) -> dict[str, float]:
    """Seconds each step took the last time it ran, by name, for steps that have run."""
    return {
        name: float(entries[0]["seconds"])
        for name in graph.steps
        if (entries := store.entries(name))
    }
