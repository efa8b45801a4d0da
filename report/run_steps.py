"""Compute a step's value for a command: run what is missing, show progress, report failures."""

import time
import traceback
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from pipeline.engine.estimate import last_durations, with_measured_costs
from pipeline.engine.graph import Graph
from pipeline.engine.pool import WorkerLost, cpu_count
from pipeline.engine.runner import RunSummary, missing, run
from pipeline.engine.store import DamagedEntry, Store, StoreError
from pipeline.errors import StudyError
from report.terminal import Terminal, format_duration, print_line


def compute(steps: Graph, wanted: str, out: Path, scheduler: str | None = None) -> Path:
    """Return the folder that is the value of step `wanted`, computing what is not stored.

    Args:
        out: output folder; values are stored in `out`/cache.
        scheduler: address of a Dask scheduler whose workers compute; None for this machine.

    Raises:
        StudyError: a step failed.
        ClusterError: the scheduler cannot be used.
        StoreError: the store cannot be written.
    """
    began, console = time.monotonic(), Console(stderr=True)
    store = Store(out / "cache")
    todo = missing(steps, store, [wanted])
    if todo:
        measured = with_measured_costs(steps, store)
        estimate = expected_time(measured, todo, bool(last_durations(steps, store)))
        print_line(console, f"{len(todo)} steps to compute{estimate}")
        with Terminal(console, measured, todo, cpu_count()) as terminal:
            outcome = run(measured, store, [wanted], terminal, scheduler)
        _raise_if_failed(outcome, wanted, out)
        elapsed = format_duration(time.monotonic() - began)
        computed, reused = len(outcome.computed), len(outcome.reused)
        print_line(console, f"{computed} steps computed, {reused} reused, {elapsed} min")
    try:
        folder: Path = store.load(wanted, steps.key(wanted), quick=True)
    except DamagedEntry as error:
        print_line(console, f"Warning: {error}; recomputing")
        store.discard(wanted, steps.key(wanted))
        return compute(steps, wanted, out, scheduler)
    return folder


def _raise_if_failed(outcome: RunSummary, wanted: str, out: Path) -> None:
    """Raise StudyError with one line per failed step; write tracebacks of bugs to a file."""
    if not outcome.failed:
        return
    error = outcome.failed.get(wanted)
    if isinstance(error, StudyError) and not (outcome.computed or len(outcome.failed) > 1):
        raise error  # such as a song that cannot be encoded: nothing else was to be done
    lines, tracebacks = [], out / "failure.txt"
    with suppress(OSError):
        tracebacks.unlink(missing_ok=True)
    for step, error in outcome.failed.items():
        if isinstance(error, StudyError | StoreError | WorkerLost):
            lines.append(f"{step}: {error}")
        else:
            with suppress(OSError), tracebacks.open("a", encoding="utf-8") as stream:
                traceback.print_exception(error, file=stream)
            why = f"{type(error).__name__}: {error}".replace("\n", " ")
            lines.append(f"{step}: {why}; this is a bug in latentes: please report {tracebacks}")
    lines.append(
        f"{len(outcome.failed)} failed, {len(outcome.skipped)} skipped, "
        f"{len(outcome.computed)} computed and kept in {out / 'cache'}; "
        "run the same command to continue"
    )
    raise StudyError("\n".join(lines))


def expected_time(steps: Graph, todo: list[str], measured: bool) -> str:
    """Describe how long steps take one after another; empty unless costs are `measured`."""
    seconds = sum(steps.steps[name].cost for name in todo)
    return f", about {format_duration(seconds)} min on one core" if measured and todo else ""
