"""What of the results the clock said, which is all that differs between two runs of a study."""

import json
import re
from pathlib import Path
from typing import Any

WALL_CLOCK_NUMBERS = re.compile(r"training\..+\.seconds")
"""Names of the numbers that are durations of the run, not findings of the study."""


def without_wall_clock(facts: dict[str, Any]) -> dict[str, Any]:
    """The content of a results.json without `computed` and the numbers `WALL_CLOCK_NUMBERS`."""
    numbers = {
        name: number
        for name, number in facts["numbers"].items()
        if not WALL_CLOCK_NUMBERS.fullmatch(name)
    }
    return {key: value for key, value in facts.items() if key != "computed"} | {"numbers": numbers}


def copy_without_wall_clock(source: Path, target: Path) -> None:
    """Write a results.json as it is published: the same bytes each time the study is built."""
    facts = without_wall_clock(json.loads(source.read_text(encoding="utf-8")))
    target.write_text(stated(facts), encoding="utf-8")


def stated(facts: dict[str, Any]) -> str:
    """The text of a results.json.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
