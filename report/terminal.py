"""Show the progress of a build: live bars in a terminal, plain lines elsewhere."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from pipeline.control_characters import one_line
from pipeline.engine import progress
from pipeline.engine.graph import Graph
from pipeline.errors import StudyError
from pipeline.results.schema import Data, Fault

LINE_INTERVAL_SECONDS = 10.0
"""Minimum time between two plain lines about the same running step."""

QUIET_SECONDS = 1.5
"""Time that reading the user's files may take without a line about it."""

MIN_ELAPSED_SECONDS = 3.0
"""Time before the first estimate of the time left."""

PRIOR_FRACTION = 0.1
"""Fraction of a build after which its measured speed weighs as much as the expected one."""

MAX_LISTED_FILES = 20
"""Most faulty files of a kind that the terminal lists; the report lists all."""

MAX_LISTED_DETAILS = 3
"""Most faults of one file that the terminal lists."""


def format_duration(seconds: float) -> str:
    """Format a duration as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def print_line(console: Console, line: str) -> None:
    """Print one line literally: no markup, no wrapping, control characters made visible.

    Lines contain names of users' files.
    """
    console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def show_reading(console: Console) -> Iterator[None]:
    """Show how much of the user's files has been read inside the block, if that takes long."""
    status = console.status("")
    next_line = time.monotonic() + QUIET_SECONDS

    def advanced(fraction: float, note: str) -> None:
        nonlocal next_line
        if (now := time.monotonic()) < next_line:
            return
        line = f"Reading files: {note}"
        if console.is_terminal:
            status.update(line)
            status.start()
        else:
            next_line = now + LINE_INTERVAL_SECONDS
            print_line(console, line)

    token = progress.listener.set(advanced)
    try:
        yield
    finally:
        progress.listener.reset(token)
        status.stop()


@contextmanager
def show_progress(console: Console) -> Iterator[None]:
    """Show the progress of the work inside the block, with the time left: a bar in a terminal,
    a line every `LINE_INTERVAL_SECONDS` elsewhere."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.percentage:3.0f} %{task.fields[left]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("reading", total=1.0, left="")
    began = last_line = time.monotonic()
    reached = 0.0

    def advanced(fraction: float, note: str) -> None:
        nonlocal began, last_line, reached
        now = time.monotonic()
        if fraction < reached:
            began = now  # the next part of the work
        reached = fraction
        left = ""
        if now - began >= MIN_ELAPSED_SECONDS and 0 < fraction < 1:
            left = f", about {format_duration((now - began) * (1 / fraction - 1))} left"
        bar.update(task, completed=fraction, description=one_line(note), left=left)
        if not console.is_terminal and now - last_line > LINE_INTERVAL_SECONDS:
            last_line = now
            print_line(console, f"{note}: {100 * fraction:.0f} %{left}")

    token = progress.listener.set(advanced)
    try:
        with bar:
            yield
    finally:
        progress.listener.reset(token)


def print_faults(console: Console, results: Path) -> None:
    """List the files that a study left out, those that it used in part, and music that is filed
    under several genres."""
    content = json.loads((results / "results.json").read_text(encoding="utf-8"))
    data = Data.model_validate(content["data"])
    left_out, in_part = data.left_out, data.used_with_faults
    _print_files(console, f"Left out {len(left_out)} of {data.files} files:", left_out)
    files = "file" if len(in_part) == 1 else "files"
    _print_files(console, f"Used {len(in_part)} {files} in part:", in_part)
    for group in data.duplicates + data.copies:
        if group.across:
            print_line(
                console, f"Same music under {len(group.genres)} genres: {', '.join(group.clips)}"
            )


def _print_files(console: Console, title: str, files: dict[str, list[Fault]]) -> None:
    """Print a line per file, with what is wrong with it."""
    if files:
        print_line(console, title)
    for file, faults in list(files.items())[:MAX_LISTED_FILES]:
        details = [fault.detail for fault in faults[:MAX_LISTED_DETAILS]]
        if len(faults) > MAX_LISTED_DETAILS:
            details.append(f"and {len(faults) - MAX_LISTED_DETAILS} more")
        print_line(console, f"  {file}: {'; '.join(details)}")
    if len(files) > MAX_LISTED_FILES:
        more = len(files) - MAX_LISTED_FILES
        print_line(console, f"  ... and {more} more, all listed in the report")


class _Elapsed(ProgressColumn):
    """Elapsed time of a step, right-aligned in five columns."""

    def render(self, task: Task) -> Text:
        return Text(f"{format_duration(task.elapsed or 0.0):>5}", style="progress.elapsed")


class Terminal:
    """Shows the steps of a build as they run; a `pipeline.engine.runner.Display`.

    The estimated time left is the cost of the unfinished steps divided by the number of workers,
    or the cost of their longest chain if that is greater. It is scaled from the graph's costs to
    the measured speed of this build, whose weight grows as the build advances.
    """

    def __init__(self, console: Console, graph: Graph, todo: list[str], workers: int) -> None:
        self.console, self.graph = console, graph
        self.costs = {name: graph.steps[name].cost for name in todo}
        self.fractions = dict.fromkeys(todo, 0.0)
        self.workers = min(workers, max(len(todo), 1))
        self.began = time.monotonic()
        self.last_line: dict[str, float] = {}
        self.bars: dict[str, TaskID] = {}
        self.done = 0
        self.progress = Progress(
            TextColumn("  {task.description:<30}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[note]}"),
            _Elapsed(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.total = self.progress.add_task("all steps", total=1.0, note="")

    def __enter__(self) -> "Terminal":
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()

    def started(self, step: str) -> None:
        """Add a bar for the step."""
        self.bars[step] = self.progress.add_task(step, total=1.0, note="")
        self.last_line[step] = time.monotonic()

    def advanced(self, step: str, fraction: float, note: str) -> None:
        """Move the bar of a step, or print a line every `LINE_INTERVAL_SECONDS`."""
        if step not in self.bars:
            return
        self.fractions[step] = fraction
        self.progress.update(self.bars[step], completed=fraction, note=note)
        self._update_total()
        now = time.monotonic()
        if not self.console.is_terminal and now - self.last_line[step] > LINE_INTERVAL_SECONDS:
            self.last_line[step] = now
            print_line(self.console, f"  {step}: {note}{self._time_left()}")

    def finished(self, step: str, seconds: float) -> None:
        """Replace the bar with a line."""
        self._remove_bar(step)
        print_line(
            self.console,
            f"[{self.done}/{len(self.fractions)}] {step} ({seconds:.1f} s){self._time_left()}",
        )

    def failed(self, step: str, error: BaseException) -> None:
        """Replace the bar with a line, including the reason if it is a user error.

        The user can then stop the build and fix it at once.
        """
        self._remove_bar(step)
        reason = f": {error}" if isinstance(error, StudyError) else ""
        print_line(self.console, f"[{self.done}/{len(self.fractions)}] {step} failed{reason}")

    def rerun(self, step: str, reason: str) -> None:
        """Print why a step runs again."""
        if step in self.bars:
            self.progress.remove_task(self.bars.pop(step))
        self.fractions[step] = 0.0
        self.costs.setdefault(step, self.graph.steps[step].cost)
        self._update_total()
        print_line(self.console, f"Warning: {step}: {reason}")

    def _remove_bar(self, step: str) -> None:
        self.fractions[step] = 1.0
        self.done += 1
        self.progress.remove_task(self.bars.pop(step))
        self._update_total()

    def _update_total(self) -> None:
        self.progress.update(
            self.total,
            completed=self._completed_cost() / sum(self.costs.values()),
            note=f"{self.done}/{len(self.fractions)}{self._time_left()}",
        )

    def _completed_cost(self) -> float:
        return sum(self.costs[name] * fraction for name, fraction in self.fractions.items())

    def _time_left(self) -> str:
        """Describe the time left; empty in the first `MIN_ELAPSED_SECONDS`."""
        completed, total = self._completed_cost(), sum(self.costs.values())
        elapsed = time.monotonic() - self.began
        if elapsed < MIN_ELAPSED_SECONDS or completed >= total:
            return ""
        prior = PRIOR_FRACTION * total
        rate = (elapsed * self.workers + prior) / (completed + prior)
        left = max((total - completed) / self.workers, self._longest_chain_cost()) * rate
        return f", about {format_duration(left)} left"

    def _longest_chain_cost(self) -> float:
        """Remaining cost of the longest chain of dependent steps."""
        chains = dict.fromkeys(self.costs, 0.0)
        for name in reversed(self.graph.steps):
            if name in self.costs:
                chains[name] += self.costs[name] * (1 - self.fractions[name])
                for dependency in self.graph.steps[name].dependencies:
                    if dependency in chains:
                        chains[dependency] = max(chains[dependency], chains[name])
        return max(chains.values())
