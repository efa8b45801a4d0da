"""Inspect a folder of music for a command."""

from collections.abc import Callable
from pathlib import Path

from pipeline.engine.graph import Graph
from pipeline.results.inspection_schema import Inspection
from report.run_alone import run_alone


def inspect_music(graph_in: Callable[[Path], Graph]) -> Inspection:
    """Run a graph of one step, whose value is an `Inspection`; see `run_alone`.

    Raises:
        StudyError: the music cannot be used.
        StoreError: the temporary folder cannot be written.
    """
    with run_alone(graph_in) as value:
        return Inspection.model_validate(value)
