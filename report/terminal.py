"""What a build looks like in the terminal: live bars, or plain lines where there is no screen."""

import json
import time
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from pipeline.control_characters import one_line
from pipeline.engine.graph import Graph
from pipeline.errors import StudyError

EVERY = 10.0
"""Seconds between two plain lines about the same running step."""

EARLY = 3.0
"""Seconds before which a build says nothing of the time left."""

TRUST = 0.1
"""Share of a build after which what it has shown counts as much as what was expected."""

LISTED = 20
"""Faults told in the terminal; the report lists all."""


def clock(seconds: float) -> str:
    """A duration as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def say(console: Console, line: str) -> None:
    """Print a line as it is: names come from users' folders, so no markup, no wrapping, and no
    control character that a terminal would obey."""
    console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)


def print_faults(console: Console, results: Path) -> None:
    """List what a study left out of its music, each file with its reason."""
    data = json.loads((results / "results.json").read_text(encoding="utf-8"))["data"]
    faults = data["faults"]
    if faults:
        say(console, f"Left out, {len(faults)} of the music's files or stretches of them:")
    for fault in faults[:LISTED]:
        say(console, f"  {fault['file']}: {fault['detail']}")
    if len(faults) > LISTED:
        say(console, f"  ... and {len(faults) - LISTED} more, all listed in the report")
    for group in data["duplicates"]:
        if len(group["genres"]) > 1:
            say(console, f"The same music under two genres: {', '.join(group['clips'])}")


class _Elapsed(ProgressColumn):
    """How long a step has been running, in no more room than that takes."""

    def render(self, task: Task) -> Text:
        return Text(f"{clock(task.elapsed or 0.0):>5}", style="progress.elapsed")


class Terminal:
    """Shows the steps of a build as they run; a `pipeline.engine.runner.Display`.

    The time left is what the running and waiting steps are expected to take together, divided
    among the workers, or their longest chain if that is more: first as the graph's costs say,
    then more and more in the proportion that this build has shown.
    """

    def __init__(self, console: Console, graph: Graph, todo: list[str], workers: int) -> None:
        self.console, self.graph = console, graph
        self.costs = {name: graph.steps[name].cost for name in todo}
        self.shares = dict.fromkeys(todo, 0.0)
        self.workers = min(workers, max(len(todo), 1))
        self.began = time.monotonic()
        self.spoke: dict[str, float] = {}
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
        """Shows a bar for the step."""
        self.bars[step] = self.progress.add_task(step, total=1.0, note="")
        self.spoke[step] = time.monotonic()

    def advanced(self, step: str, share: float, note: str) -> None:
        """Moves the bar of a step, or says a line now and then."""
        if step not in self.bars:
            return
        self.shares[step] = share
        self.progress.update(self.bars[step], completed=share, note=note)
        self._update_total()
        now = time.monotonic()
        if not self.console.is_terminal and now - self.spoke[step] > EVERY:
            self.spoke[step] = now
            say(self.console, f"  {step}: {note}{self._left()}")

    def finished(self, step: str, seconds: float) -> None:
        """Replaces the bar by a line."""
        self._close(step)
        say(
            self.console, f"[{self.done}/{len(self.shares)}] {step} ({seconds:.1f} s){self._left()}"
        )

    def failed(self, step: str, error: BaseException) -> None:
        """Replaces the bar by a line: with the reason where the user may mend it at once, and
        need not wait for the end."""
        self._close(step)
        reason = f": {error}" if isinstance(error, StudyError) else ""
        say(self.console, f"[{self.done}/{len(self.shares)}] {step} failed{reason}")

    def again(self, step: str, reason: str) -> None:
        """Says in a line why a step runs that ran before."""
        if step in self.bars:
            self.progress.remove_task(self.bars.pop(step))
        self.shares[step] = 0.0
        self.costs.setdefault(step, self.graph.steps[step].cost)
        self._update_total()
        say(self.console, f"Warning: {step}: {reason}")

    def _close(self, step: str) -> None:
        self.shares[step] = 1.0
        self.done += 1
        self.progress.remove_task(self.bars.pop(step))
        self._update_total()

    def _update_total(self) -> None:
        self.progress.update(
            self.total,
            completed=self._spent() / sum(self.costs.values()),
            note=f"{self.done}/{len(self.shares)}{self._left()}",
        )

    def _spent(self) -> float:
        return sum(self.costs[name] * share for name, share in self.shares.items())

    def _left(self) -> str:
        """How long is left, once enough has been seen to say it."""
        spent, total = self._spent(), sum(self.costs.values())
        elapsed = time.monotonic() - self.began
        if elapsed < EARLY or spent >= total:
            return ""
        said = TRUST * total
        rate = (elapsed * self.workers + said) / (spent + said)
        left = max((total - spent) / self.workers, self._longest()) * rate
        return f", about {clock(left)} left"

    def _longest(self) -> float:
        """What is left of the longest chain of steps that wait for each other."""
        chains = dict.fromkeys(self.costs, 0.0)
        for name in reversed(self.graph.steps):
            if name in self.costs:
                chains[name] += self.costs[name] * (1 - self.shares[name])
                for need in self.graph.steps[name].needs:
                    if need in chains:
                        chains[need] = max(chains[need], chains[name])
        return max(chains.values())
