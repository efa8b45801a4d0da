"""Adam with a cosine schedule, resumable: shared by the parts of a coding model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress


class TrainingRun:
    """The training of several modules one after another, with one checkpoint.

    Args:
        checkpoint: to resume from and save to; a resumed training gives the same weights.
    """

    def __init__(self, checkpoint: Checkpoint | None = None) -> None:
        self._checkpoint = checkpoint
        self._states: dict[str, Any] = (checkpoint.load() if checkpoint else None) or {}

    def fit(
        self, name: str, module: nn.Module, rate: float, steps: int, loss: Callable[[int], Tensor]
    ) -> None:
        """Train a module.

        Args:
            name: of the module in checkpoints.
            rate: initial learning rate.
            loss: of a step, given its number, on which alone its randomness depends.
        """
        optimizer = torch.optim.Adam([p for p in module.parameters() if p.requires_grad], rate)
        first = 0
        if name in self._states:
            first, weights, moments = self._states[name]
            module.load_state_dict(weights)
            optimizer.load_state_dict(moments)
        for step in range(first, steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * (0.5 + 0.5 * np.cos(np.pi * step / steps))
            optimizer.zero_grad()
            loss(step).backward()
            optimizer.step()
            report_progress(step + 1, steps, f"{name}: step {step + 1}/{steps}")
            if self._checkpoint is not None:
                self._states[name] = step + 1, module.state_dict(), optimizer.state_dict()
                self._checkpoint.save_if_due(lambda: self._states)
