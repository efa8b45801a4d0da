"""Train a coding model: the restorer of the noise, the context network, and the tables."""

import numpy as np
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.coding.coding_model import CodingModel
from pipeline.coding.coefficient_coder import collect_inputs
from pipeline.coding.context_training import STEPS, to_integers, train_network
from pipeline.coding.integer_log import LOG_UNIT
from pipeline.coding.quantisation import (
    BANDS,
    SHAPING,
    SINE,
    SUPERFRAMES_PER_ROW,
    Segment,
    ends_of,
    noise_of_cells,
    select_splits,
    shape_steps,
    steps,
)
from pipeline.coding.segment_coder import SegmentModel, count_symbols
from pipeline.coding.segment_transform import quantise_segment, restore_coefficients
from pipeline.coding.training_loop import TrainingRun
from pipeline.engine.checkpoint import Checkpoint
from pipeline.models.adaptive.adaptive_training import loss
from pipeline.models.adaptive.noise_envelope import NoiseEnvelope
from pipeline.models.adaptive.switched_mdct import analyse, pad, synthesise

MAX_CLIPS = 100
"""Training clips, evenly spaced; more teach a network of 3 000 parameters little."""

STEPS_PER_CLIP = 2
"""Random step sizes for each clip."""

FINEST, COARSEST = -5.0, 3.0
"""Range of random steps: log2 of the mean step over the clip's RMS."""

SAMPLED = 40_000
"""Coefficients of a clip and a step size that the network sees."""

RESTORER_STEPS, RESTORER_BATCH, RESTORER_WINDOW = 120, 4, 16
"""Batches, windows in each and superframes in a window, for the restorer."""

RESTORER_RATE = 0.01

FINEST_RESTORED, COARSEST_RESTORED = -2.5, 1.5
"""Range of random steps for the restorer: about 2 to 40 kbit/s."""


def train_model(
    clips: Tensor,
    sampling_rate: int,
    seed: int,
    network_steps: int = STEPS,
    restorer_steps: int = RESTORER_STEPS,
    checkpoint: Checkpoint | None = None,
) -> CodingModel:
    """Train on clips (count, samples), float32; the same seed gives the same model.

    Args:
        sampling_rate: in Hz.
        network_steps, restorer_steps: batches of the context network's and the restorer's training.
        checkpoint: to resume from and save to.
    """
    run = TrainingRun(checkpoint)
    clips = clips[:: -(-len(clips) // MAX_CLIPS)]
    envelope = train_restorer(clips, sampling_rate, seed, restorer_steps, run)
    segments, inputs, magnitudes = [], [], []
    for index, clip in enumerate(clips):
        rng = np.random.default_rng((seed, index))
        for _ in range(STEPS_PER_CLIP):
            segment = _random_segment(clip, envelope, rng, FINEST, COARSEST)[0]
            chosen = rng.random(segment.values.shape) < SAMPLED / segment.values.size
            found = collect_inputs(
                np.abs(segment.values),
                segment.splits,
                noise_of_cells(segment.levels, len(segment.splits), SUPERFRAMES_PER_ROW),
                steps(segment.base, segment.shaping, segment.band_levels, segment.gains),
                ends_of(segment.values),
                chosen,
            )
            segments.append(segment)
            inputs.append(found[0])
            magnitudes.append(found[1])
    network = train_network(
        np.concatenate(inputs), np.concatenate(magnitudes), seed, network_steps, run
    )
    tables = count_symbols(segments)
    coder = SegmentModel(to_integers(network), tables, BANDS, SUPERFRAMES_PER_ROW)
    return CodingModel(coder, envelope)


def train_restorer(
    clips: Tensor, sampling_rate: int, seed: int, batches: int, run: TrainingRun
) -> NoiseEnvelope:
    """Train an envelope's restorer at random step sizes, by SNR and log-mel (`loss`)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        envelope = NoiseEnvelope(BANDS, SUPERFRAMES_PER_ROW)
    envelope.coder.requires_grad_(False)
    window = min(RESTORER_WINDOW * SUPERFRAME, clips.shape[1])

    def batch_loss(step: int) -> Tensor:
        rng = np.random.default_rng((seed, step))
        originals, restored = [], []
        for row in rng.choice(len(clips), RESTORER_BATCH):
            start = rng.integers(clips.shape[1] - window + 1)
            original = clips[row, start : start + window]
            segment, splits = _random_segment(
                original, envelope, rng, FINEST_RESTORED, COARSEST_RESTORED
            )
            coefficients = restore_coefficients(segment, envelope)
            restored.append(synthesise(coefficients[None], splits[None], SINE)[0, :window])
            originals.append(original)
        return loss(torch.stack(originals), torch.stack(restored), sampling_rate)

    run.fit("noise restorer", envelope, RESTORER_RATE, batches, batch_loss)
    return envelope.requires_grad_(False)


@torch.no_grad()
def _random_segment(
    clip: Tensor, envelope: NoiseEnvelope, rng: np.random.Generator, finest: float, coarsest: float
) -> tuple[Segment, Tensor]:
    """A clip (samples,) quantised with a random step, and its splits."""
    padded = pad(clip[None])
    loudness = float(clip.square().mean().sqrt()) + 1e-4
    size = LOG_UNIT * (np.log2(loudness) + rng.uniform(finest, coarsest))
    # The base for a mean step of this size.
    first = analyse(padded, torch.zeros(1, padded.shape[1] // SUPERFRAME, dtype=torch.long), SINE)
    base = round(size - steps(0, SHAPING, *shape_steps(first[0], BANDS)).mean())
    splits = torch.from_numpy(select_splits(padded, base))
    coefficients = analyse(padded, splits[None], SINE)[0]
    return quantise_segment(coefficients, splits.numpy(), base, envelope), splits
