"""The machine that computed the results, and the steps that led to them."""

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.results.schema import Machine, Step

LIBRARIES = ("torch", "torchaudio", "numpy", "scikit-learn", "optuna", "soundfile")

MAX_PARAMETER_LENGTH = 400
"""Characters of JSON beyond which a step's parameter is replaced by its digest."""


def describe_machine() -> Machine:
    """Processor, cores, system and library versions; no host or user name."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # only Linux has it
    return Machine(
        processor=processor,
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        system=platform.system(),
        version=version("latentes"),
        libraries={name: version(name) for name in LIBRARIES},
    )


def describe_steps(history: dict[str, dict[str, Any]], expected: dict[str, float]) -> list[Step]:
    """Each step that led here, from the parts of its key.

    Args:
        expected: seconds that each step is expected to take on one core.
    """
    return [
        Step(
            name=name,
            expected=expected[name],
            function=entry["parts"]["function"],
            code=_digest(entry["parts"]["code"]),
            parameters={
                key: value if len(json.dumps(value)) <= MAX_PARAMETER_LENGTH else _digest(value)
                for key, value in entry["parts"]["parameters"].items()
            },
        )
        for name, entry in history.items()
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
