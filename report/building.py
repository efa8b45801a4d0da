"""What the commands have in common: compute what is missing, write the pages, say what failed."""

import shutil
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from rich.console import Console

from pipeline.engine.cluster import ClusterError
from pipeline.engine.estimate import before, timed
from pipeline.engine.graph import Graph
from pipeline.engine.pool import WorkerLost, cores
from pipeline.engine.runner import Outcome, missing, run
from pipeline.engine.store import Damaged, Store, StoreError, only, telling_of_full_disk
from pipeline.study import StudyError
from report import publication
from report.errors import ReportError
from report.own import Own
from report.places import PAGES
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
    except Damaged as error:
        say(console, f"Warning: {error}, it is computed again")
        store.discard(wanted, steps.key(wanted))
        return compute(steps, wanted, out, scheduler)
    return folder


@contextmanager
def leaving_the_last(out: Path) -> Iterator[None]:
    """Where a build fails, say also what stands of the one before it."""
    try:
        yield
    except (StudyError, StoreError, ReportError, ClusterError) as error:
        made = [out / name for name in PAGES]
        if not all(path.is_file() for path in made):
            raise
        when = datetime.fromtimestamp(max(path.stat().st_mtime for path in made))
        raise type(error)(
            f"{error}\nPDF and site of {when:%Y-%m-%d %H:%M} stand as they were in {out}"
        ) from None


def publish(results: Path, out: Path, began: float, own: Own) -> None:
    """Write PDF and site of `results` into `out`, unless they stand there, and say where."""
    console = Console(stderr=True)
    if publication.up_to_date(results, out, own):
        say(console, "PDF and site are up to date.")
    else:
        say(console, "Writing PDF and site ...")
        with only(out), telling_of_full_disk(out):
            for left in [*out.glob(".results-*"), *out.glob(".render-*")]:  # by killed builds
                shutil.rmtree(left)
            # another build may have written them meanwhile
            if not publication.up_to_date(results, out, own):
                publication.publish(results, out, own)
        say(console, f"Done in {clock(time.monotonic() - began)} min.")
    print(f"PDF:  {out / 'informe.pdf'}")
    print(f"Site: {out / 'site' / 'index.html'}")


def _stop_if_failed(outcome: Outcome, out: Path) -> None:
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
