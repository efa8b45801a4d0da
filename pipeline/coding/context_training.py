"""Train the context network and round it to integers."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.coding.context_network import (
    ESCAPE,
    HIDDEN,
    INPUTS,
    SYMBOLS,
    ContextNetwork,
)
from pipeline.coding.integer_log import EXP_UNIT, LOG_UNIT
from pipeline.coding.training_loop import TrainingRun

STEPS, BATCH, LEARNING_RATE = 5000, 8192, 3e-3

ACTIVATION_UNIT = 256
"""Integers per unit of a hidden activation."""


def train_network(
    inputs: NDArray[np.int16],
    magnitudes: NDArray[np.int32],
    seed: int,
    steps: int = STEPS,
    run: TrainingRun | None = None,
) -> nn.Sequential:
    """Fit the network to predict magnitudes (count,) from inputs (count, INPUTS).

    Args:
        run: keeps the state of an interrupted training.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(INPUTS, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, SYMBOLS),
        )
    x = torch.from_numpy(inputs)
    y = torch.from_numpy(magnitudes).clamp(max=ESCAPE).long()

    def loss(step: int) -> Tensor:
        rows = torch.from_numpy(np.random.default_rng((seed, step)).integers(len(x), size=BATCH))
        return nn.functional.cross_entropy(network(x[rows].float() / LOG_UNIT), y[rows])

    (run or TrainingRun()).fit("context network", network, LEARNING_RATE, steps, loss)
    return network.requires_grad_(False)


def to_integers(network: nn.Sequential) -> ContextNetwork:
    """Round a trained network; each layer's weights are scaled by a power of two."""
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    scales = (LOG_UNIT, ACTIVATION_UNIT, ACTIVATION_UNIT)
    targets = (ACTIVATION_UNIT, ACTIVATION_UNIT, EXP_UNIT)
    weights, biases, shifts = [], [], []
    for number, (layer, unit, target) in enumerate(zip(layers, scales, targets, strict=True)):
        weight, bias = layer.weight.double(), layer.bias.double()
        if number == 2:  # logits in factors of two; their mean has no effect
            weight = (weight - weight.mean(dim=0)) / np.log(2)
            bias = (bias - bias.mean()) / np.log(2)
        # sum = 2^shift · target · y, with y = weight · (x / unit) + bias
        shift = max(int(torch.floor(torch.log2(127 * unit / target / weight.abs().max()))), 0)
        rounded = (weight * 2.0**shift * target / unit).round().clamp(-127, 127)
        weights.append(rounded.to(torch.int8).numpy())
        biases.append((bias * 2.0**shift * target).round().int().numpy())
        shifts.append(shift)
    return ContextNetwork(tuple(weights), tuple(biases), np.array(shifts, np.int64))
