"""The graph of steps, and the key of each step, which changes when the step must run again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.engine.fingerprint import fingerprint

FORMAT = 3
"""Version of stored values; increase it for changes that no other part of a key covers."""

PROCESS_BYTES = 600 << 20
"""Memory of a worker process with torch and a network loaded."""


@dataclass(frozen=True)
class Step:
    """One call of a plain function.

    Args:
        name: dotted, unique in the graph ("training.classic.18376").
        function: "pipeline.module:function", imported only by the worker that runs it.
        parameters: arguments that are part of the key; JSON values.
        inputs: for each argument, the step whose value it receives, or {label: step}.
        untracked: arguments that are not part of the key, such as paths on this machine;
            `parameters` holds digests of what they point to.
        folder: pass `folder`, an empty directory, which becomes the step's value.
        history: pass `history`: by name, {"parts": what its key was hashed from} of each step
            that leads to this one, and the whole store entry of those that this one reads.
        resumable: pass `checkpoint`, a `pipeline.engine.checkpoint.Checkpoint`, to resume a
            killed attempt.
        memory: expected peak memory in bytes, including the process.
        cost: expected time, in any unit common to the graph.
        early: run before all other ready steps: a short step that may fail, so that the user
            hears of the error within minutes, not hours.
    """

    name: str
    function: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    untracked: Mapping[str, Any] = field(default_factory=dict)
    folder: bool = False
    history: bool = False
    resumable: bool = False
    memory: int = PROCESS_BYTES
    cost: float = 1.0
    early: bool = False

    @property
    def dependencies(self) -> list[str]:
        """Names of the steps this one reads."""
        names: list[str] = []
        for value in self.inputs.values():
            names.extend([value] if isinstance(value, str) else value.values())
        return names


class Graph:
    """Steps by name, in topological order.

    Args:
        steps: in topological order.
        device: "cpu" or "cuda", part of the key of steps that use torch.

    Raises:
        ValueError: a name is repeated, or a step comes before one it reads.
    """

    def __init__(self, steps: Iterable[Step], device: str) -> None:
        self.steps: dict[str, Step] = {}
        for step in steps:
            missing = [name for name in step.dependencies if name not in self.steps]
            if step.name in self.steps:
                raise ValueError(f"duplicate step {step.name}")
            if missing:
                raise ValueError(f"step {step.name} must come after {', '.join(missing)}")
            self.steps[step.name] = step
        self.device = device
        self.rank = self._ranks()
        self.key = cache(self._key)

    def _ranks(self) -> dict[str, float]:
        """Cost of the longest chain that starts at each step.

        The ready step with the highest rank should run first (upward rank: Topcuoglu, Hariri and
        Wu, "Performance-effective and low-complexity task scheduling for heterogeneous
        computing", 2002).
        """
        longest = dict.fromkeys(self.steps, 0.0)
        ranks: dict[str, float] = {}
        for name, step in reversed(self.steps.items()):
            ranks[name] = step.cost + longest[name]
            for dependency in step.dependencies:
                longest[dependency] = max(longest[dependency], ranks[name])
        return ranks

    def ancestors(self, name: str) -> list[str]:
        """Steps that a step reads, directly or not, in the graph's order."""
        found: set[str] = set()
        pending = list(self.steps[name].dependencies)
        while pending:
            other = pending.pop()
            if other not in found:
                found.add(other)
                pending.extend(self.steps[other].dependencies)
        return [other for other in self.steps if other in found]

    def _key(self, name: str) -> str:
        """Hash of everything the value of a step depends on."""
        text = json.dumps(self.parts(name), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def parts(self, name: str) -> dict[str, Any]:
        """Return what the key of a step is hashed from, so that two keys can be compared."""
        step = self.steps[name]
        code, libraries = fingerprint(step.function)
        return {
            "format": FORMAT,
            "function": step.function,
            "code": code,
            "libraries": libraries,
            "device": self.device if "torch" in libraries else "any",
            "parameters": step.parameters,
            "inputs": {
                argument: self.key(value)
                if isinstance(value, str)
                else {label: self.key(inner) for label, inner in value.items()}
                for argument, value in step.inputs.items()
            },
        }
