"""A study as a graph: steps, what each reads, and the key that says when one must run again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.engine.fingerprint import fingerprint

FORMAT = 2
"""Raised when stored values change in a way that no other part of a key tells."""

PROCESS = 600 << 20
"""Bytes that a process takes once it has loaded torch and holds a network."""


@dataclass(frozen=True)
class Step:
    """One call of a plain function.

    Args:
        name: dotted, unique in the graph ("training.classic.18376").
        function: "pipeline.module:function"; imported only where the step runs.
        parameters: arguments that count in the key; JSON values.
        inputs: argument name to the step whose value it receives, or to a {label: step} of them.
        places: arguments that do not count in the key: where things are on this machine, whose
            content `parameters` already states.
        folder: whether the function receives `folder`, an empty directory; the step's value is
            then that directory.
        history: whether it receives `history`: {step: its entry in the store} of all others.
        resumes: whether it receives `checkpoint`, a `pipeline.engine.checkpoint.Checkpoint`, to
            go on from where a killed attempt was.
        memory: bytes it is expected to need at its peak, its process included.
        cost: seconds it is expected to take, as a share of other steps' costs.
        early: whether it runs before all others that are ready: it is short, and may find a
            mistake that the user should not hear of after hours.
    """

    name: str
    function: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)
    folder: bool = False
    history: bool = False
    resumes: bool = False
    memory: int = PROCESS
    cost: float = 1.0
    early: bool = False

    @property
    def needs(self) -> list[str]:
        """Names of the steps it reads."""
        names: list[str] = []
        for value in self.inputs.values():
            names.extend([value] if isinstance(value, str) else value.values())
        return names


class Graph:
    """Steps by name, in an order in which each comes after those it reads."""

    def __init__(self, steps: Iterable[Step], device: str) -> None:
        self.steps: dict[str, Step] = {}
        for step in steps:
            missing = [name for name in step.needs if name not in self.steps]
            if missing or step.name in self.steps:
                raise ValueError(f"step {step.name} stands twice or before {missing}")
            self.steps[step.name] = step
        self.device = device
        self.rank = self._ranks()
        self.key = cache(self._key)

    def _ranks(self) -> dict[str, float]:
        """Cost of the longest chain that starts at each step.

        Of the steps that are ready, the one with the highest rank should run first (the upward
        rank of Topcuoglu, Hariri and Wu, "Performance-effective and low-complexity task
        scheduling for heterogeneous computing", 2002).
        """
        beyond = dict.fromkeys(self.steps, 0.0)
        ranks: dict[str, float] = {}
        for name, step in reversed(self.steps.items()):
            ranks[name] = step.cost + beyond[name]
            for need in step.needs:
                beyond[need] = max(beyond[need], ranks[name])
        return ranks

    def _key(self, name: str) -> str:
        """The hash of all that the value of a step depends on."""
        text = json.dumps(self.parts(name), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def parts(self, name: str) -> dict[str, Any]:
        """What the key of a step is made of, by part, so that two keys can be compared."""
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
