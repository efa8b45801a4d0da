"""What the results state of the machine that computed them."""

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
        "libraries": {name: version(name) for name in LIBRARIES},
    }
