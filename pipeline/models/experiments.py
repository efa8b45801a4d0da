"""Short trainings of variants of a convolutional network.

A variant is trained on short crops of training clips, drawn anew each epoch. With the same seed,
all variants see the same crops in the same order.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.architecture.layers import Architecture
from pipeline.audio.files import to_float
from pipeline.data.corpus import Corpus
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import device
from pipeline.models.training import model_seed

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "none": nn.Identity,
}

CLIPS = 160
"""Most training clips that crops are taken from."""

HELD_OUT = 40
"""Most validation crops."""


def variant_network(plan: Architecture, activation: str, bounded: bool) -> nn.Sequential:
    """The layers of an `Autoencoder` with another activation; clips are (batch, 1, samples).

    Args:
        activation: one of `ACTIVATIONS`, after every layer but the last.
        bounded: tanh after the last layer too.
    """
    model = Autoencoder(plan)
    layers: list[nn.Module] = [
        ACTIVATIONS[activation]() if isinstance(layer, nn.Tanh) else layer
        for layer in [*model.encoder, *model.decoder]
    ]
    return nn.Sequential(*layers, nn.Tanh()) if bounded else nn.Sequential(*layers)


def train_on_crops(
    corpus: Corpus,
    plan: Architecture,
    activation: str,
    bounded: bool,
    learning_rate: float,
    batch: int,
    crop: int,
    seed: int,
) -> Iterator[tuple[nn.Sequential, float, float]]:
    """Train a variant without end; yield it after each epoch, with its training and validation
    RMSE.

    Loss and optimiser are those of `pipeline.models.training.train`. An epoch is one crop of each
    of at most `CLIPS` training clips; the validation RMSE is over at most `HELD_OUT` fixed crops.

    Args:
        crop: length in samples that fits the layers.
    """
    where = device()
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(model_seed(seed, "experiment", plan.latent))
    model = variant_network(plan, activation, bounded).to(where)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    rows = _spread(np.array(corpus.rows("training")), CLIPS)
    waveforms, count = corpus.waveforms[rows], len(rows)
    validation = _spread(np.array(corpus.rows("validation")), HELD_OUT)
    held_out = _pieces(corpus.waveforms[validation], crop).to(where)
    draw = np.random.default_rng(seed)
    while True:
        starts = draw.integers(0, waveforms.shape[1] - crop + 1, count)
        order = draw.permutation(count)
        crops = np.stack([waveforms[i, starts[i] : starts[i] + crop] for i in order])
        squares = 0.0
        for clips in to_float(crops).unsqueeze(1).to(where).split(batch):
            error = (model(clips) - clips).square().mean()
            optimizer.zero_grad()
            error.clamp(min=1e-12).sqrt().backward()
            optimizer.step()
            squares += error.item() * len(clips)
        with torch.no_grad():
            errors = [(model(x) - x).square().sum().item() for x in held_out.split(20)]
        yield model, math.sqrt(squares / count), math.sqrt(sum(errors) / held_out.numel())


def _pieces(clips: NDArray[np.int16], crop: int) -> Tensor:
    """At most `HELD_OUT` crops, evenly spread over clips (clips, samples): (crops, 1, crop)."""
    each = clips.shape[1] // crop
    pieces = clips[:, : each * crop].reshape(-1, crop)
    return to_float(_spread(pieces, HELD_OUT)).unsqueeze(1)


def _spread(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """At most so many rows of an array, evenly spread."""
    count = min(most, len(rows))
    return rows[np.arange(count) * len(rows) // count]
