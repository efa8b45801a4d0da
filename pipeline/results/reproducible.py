"""results.json without wall-clock values, the only ones that differ between two runs."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WALL_CLOCK_NUMBERS = re.compile(r"training\..+\.seconds")
"""Names of numbers that are durations of the run."""


def without_wall_clock(results: dict[str, Any]) -> dict[str, Any]:
    """The content of a results.json without `computed` and the numbers `WALL_CLOCK_NUMBERS`."""
    numbers = {
        name: number
        for name, number in results["numbers"].items()
        if not WALL_CLOCK_NUMBERS.fullmatch(name)
    }
    rest = {key: value for key, value in results.items() if key != "computed"}
    return rest | {"numbers": numbers}


def copy_without_wall_clock(
    source: Path, target: Path, report: Mapping[str, Any] | None = None
) -> None:
    """Copy a results.json without wall-clock values: the same bytes for each build of a study.

    Args:
        report: the `[report]` table of the copy; by default, that of `source`.
    """
    results = without_wall_clock(json.loads(source.read_text(encoding="utf-8")))
    if report is not None:
        results["study"] |= {"report": dict(report)}
    target.write_text(to_json(results), encoding="utf-8")


def to_json(results: dict[str, Any]) -> str:
    """The text of a results.json.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
