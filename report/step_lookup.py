"""Find the step behind a number or a figure, for `latentes explain`."""

import difflib
import json
from pathlib import Path
from typing import Any

from pipeline.engine.graph import Graph
from pipeline.errors import StudyError
from pipeline.steps import final_step
from report.errors import ReportError


def find_step(name: str, steps: Graph, out: Path) -> tuple[str, list[str]]:
    """Return the step that a number, figure or step comes from, and lines that describe it.

    Args:
        name: a step, a number's dotted name, or a figure with or without suffix.
        out: output folder, whose results and site are searched.

    Raises:
        StudyError: there is no such name, or its step is not in the current study.
        ReportError: results.json cannot be read.
    """
    if name in steps.steps:
        return name, []
    numbers = _read_numbers(out / "results" / "results.json")
    if name in numbers:
        number = numbers[name]
        line = f"number      {name} = {number['value']} {number['unit']}".rstrip()
        if number["step"] not in steps.steps:
            raise StudyError(f"{name}: its step {number['step']} is not in the current study")
        return number["step"], [line]
    figure = out / "site" / "figures" / f"{Path(name).stem}.svg"
    if figure.is_file():
        return final_step(steps), [f"figure      {figure}, drawn from {out / 'results'}"]
    matches = difflib.get_close_matches(name, [*numbers, *steps.steps], n=3)
    hint = f"; did you mean {' or '.join(matches)}?" if matches else ""
    raise StudyError(f"{name}: not a step, number or figure of this study{hint}")


def _read_numbers(path: Path) -> dict[str, Any]:
    """Return the numbers of results.json; empty if the file does not exist."""
    try:
        numbers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["numbers"]
    except OSError:
        return {}
    except (ValueError, LookupError, TypeError):
        raise ReportError(f"{path}: incomplete or corrupt file; run latentes build again") from None
    return numbers
