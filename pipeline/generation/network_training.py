"""Train a small generative network: AdamW, a cosine schedule, averaged weights; resumable."""

import copy
import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress

WARM_UP = 0.05
"""Fraction of the batches during which the learning rate rises."""

AVERAGING = 0.995
"""Share of the average that each batch keeps (Polyak and Juditsky, 1992), less at the start."""

MAX_GRADIENT = 1.0

Network = TypeVar("Network", bound=nn.Module)
Stateful = nn.Module | torch.optim.Optimizer


def fit(
    network: Network,
    rate: float,
    batches: int,
    loss: Callable[[Network, int], Tensor],
    checkpoint: Checkpoint | None,
) -> Network:
    """Train a network, and return the average of its weights along the way.

    Args:
        rate: greatest learning rate.
        loss: of a batch, given its number, on which alone its randomness depends.
        checkpoint: to resume from and save to; a resumed training gives the same weights.
    """
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(
        network.parameters(), rate, (0.9, 0.99), weight_decay=0.01, fused=True
    )
    parts: tuple[Stateful, ...] = (network, average, optimizer)
    first = 0
    if checkpoint is not None and (state := checkpoint.load()) is not None:
        first, *states = state
        for part, saved in zip(parts, states, strict=True):
            part.load_state_dict(saved)
    for batch in range(first, batches):
        rise = min(1.0, (batch + 1) / max(1.0, WARM_UP * batches))
        for group in optimizer.param_groups:
            group["lr"] = rate * rise * (0.5 + 0.5 * math.cos(math.pi * batch / batches))
        optimizer.zero_grad()
        loss(network, batch).backward()
        nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT)
        optimizer.step()
        kept = min(AVERAGING, batch / (batch + 10))
        with torch.no_grad():
            for mean, value in zip(average.parameters(), network.parameters(), strict=True):
                mean.lerp_(value, 1 - kept)
        report_progress(batch + 1, batches, f"batch {batch + 1}/{batches}")
        if checkpoint is not None:
            checkpoint.save_if_due(functools.partial(_state, batch + 1, parts))
    return average.eval()


def _state(done: int, parts: tuple[Stateful, ...]) -> tuple[Any, ...]:
    """The batches done, and all that the next one depends on."""
    return done, *(part.state_dict() for part in parts)


def seeded(seed: int, make: Callable[[], Network]) -> Network:
    """A network whose first weights a seed decides."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()


def batch_random(seed: int, batch: int) -> torch.Generator:
    """The random numbers of a batch."""
    mixed = np.random.SeedSequence((seed, batch)).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(mixed[0]) % 2**63)
