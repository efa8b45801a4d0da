"""What the results state of the machine that computed them, and of each step."""

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("torch", "torchaudio", "numpy", "scikit-learn", "optuna", "soundfile")


def state() -> dict[str, Any]:
    """Processor, cores, system, and the versions of what computed; no name of host or user."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # only Linux has it
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "version": version("latentes"),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


LONG = 400
"""Characters past which a setting of a step is told by its digest."""


def steps(history: dict[str, dict[str, Any]], expected: dict[str, float]) -> list[dict[str, Any]]:
    """Each step that led here: what it called, with what, and how long that is expected to take.

    `code` is the fingerprint of all project code that the step calls.
    """
    return [
        {
            "name": name,
            "expected": expected[name],
            "function": entry["parts"]["function"],
            "code": _digest(entry["parts"]["code"]),
            "parameters": {
                key: value if len(json.dumps(value)) <= LONG else _digest(value)
                for key, value in entry["parts"]["parameters"].items()
            },
        }
        for name, entry in history.items()
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
