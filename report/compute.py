"""What the commands have in common: compute what is missing, write the pages, say what failed."""

import time
import traceback
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from pipeline.engine.estimate import before, timed
from pipeline.engine.graph import Graph
from pipeline.engine.pool import WorkerLost, cores
from pipeline.engine.runner import RunSummary, missing, run
from pipeline.engine.store import DamagedEntry, Store, StoreError
from pipeline.errors import StudyError
from report.terminal import Terminal, clock, say


def compute(steps: Graph, wanted: str, out: Path, scheduler: str | None = None) -> Path:
    """The folder that a step gives, computed with all it needs if it is not stored."""
    began, console = time.monotonic(), Console(stderr=True)
    store = Store(out / "cache")
    todo = missing(steps, store, [wanted])
    if todo:
        expected = timed(steps, store)
        known = expected_time(expected, todo, bool(before(steps, store)))
        say(console, f"{len(todo)} steps to compute{known}")
        with Terminal(console, expected, todo, cores()) as terminal:
            outcome = run(expected, store, [wanted], terminal, scheduler)
        _stop_if_failed(outcome, out)
        seconds = clock(time.monotonic() - began)
        computed, reused = len(outcome.computed), len(outcome.reused)
        say(console, f"{computed} steps computed, {reused} reused, {seconds} min")
    try:
        folder: Path = store.load(wanted, steps.key(wanted), quick=True)
    except DamagedEntry as error:
        say(console, f"Warning: {error}, it is computed again")
        store.discard(wanted, steps.key(wanted))
        return compute(steps, wanted, out, scheduler)
    return folder


def _stop_if_failed(outcome: RunSummary, out: Path) -> None:
    """Tell of each step that failed: which, why, how to mend."""
    if not outcome.failed:
        return
    lines, faults = [], out / "failure.txt"
    with suppress(OSError):
        faults.unlink(missing_ok=True)
    for step, error in outcome.failed.items():
        if isinstance(error, StudyError | StoreError | WorkerLost):
            lines.append(f"{step}: {error}")
        else:
            with suppress(OSError), faults.open("a", encoding="utf-8") as stream:
                traceback.print_exception(error, file=stream)
            why = f"{type(error).__name__}: {error}".replace("\n", " ")
            lines.append(f"{step}: {why}; a fault of latentes: please report it with {faults}")
    kept = len(outcome.computed)
    lines.append(
        f"{len(outcome.failed)} failed, {len(outcome.skipped)} not run for that; "
        f"{kept} computed and kept in {out / 'cache'}: the same command goes on from there"
    )
    raise StudyError("\n".join(lines))


def expected_time(steps: Graph, todo: list[str], known: bool) -> str:
    """How long steps will take one after the other, if any ran before."""
    seconds = sum(steps.steps[name].cost for name in todo)
    return f", about {clock(seconds)} min on one core" if known and todo else ""
