"""Train the flow on the training clips."""

from dataclasses import replace

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from pipeline.engine.checkpoint import Checkpoint
from pipeline.generation.beats import CHANNELS
from pipeline.generation.flow import Flow, clip_random
from pipeline.generation.flow_network import FlowNetwork
from pipeline.generation.gaussian_process import GaussianProcess, fit_process
from pipeline.generation.network_training import batch_random, fit, seeded
from pipeline.generation.spectra import GROUP
from pipeline.generation.training_music import TrainingMusic

LEARNING_RATE = 3e-3
BATCH, GENRES_PER_BATCH = 16, 2

CROP = 48
"""Groups of a training example at most."""

RIDGE = 1.0
"""Penalty of the regression on the beat."""

CALIBRATION_CLIPS = 6
"""Clips per genre by which the moments of what the flow produces are corrected."""


def train_flow(
    music: TrainingMusic, batches: int, seed: int, checkpoint: Checkpoint | None = None
) -> Flow:
    """Train a flow; the same seed gives the same flow.

    Args:
        batches: of 16 crops of clips, of up to two genres.
        checkpoint: to resume from and save to.
    """
    numbers = [music.numbers(offset) for offset in range(GROUP)]
    process = fit_process(numbers[0], music.labels, len(music.genres))
    response = _beat_response(music, numbers[0], process.mean)
    network = seeded(seed, lambda: FlowNetwork(process.mean, response))

    def loss(network: FlowNetwork, batch: int) -> Tensor:
        random = batch_random(seed, batch)
        start, target, genre, beat = _batch(music, process, numbers, random)
        start = start + network.response_to(genre, beat)
        time = torch.rand(len(genre), generator=random)
        between = torch.lerp(start, target, time[:, None, None])
        velocity: Tensor = network(between, time, genre, beat)
        return (velocity - (target - start)).square().mean()

    trained = fit(network, LEARNING_RATE, batches, loss, checkpoint).requires_grad_(False)
    plain = torch.ones_like(process.mean)
    flow = Flow(trained, process, music.beats, music.labels, plain, torch.zeros_like(plain))
    return _calibrated(flow, music, numbers[0], seed)


def _beat_response(music: TrainingMusic, numbers: Tensor, mean: Tensor) -> Tensor:
    """Regression of the numbers of each genre's clips on the phase of their beat: (genres,
    CHANNELS, numbers)."""
    times = GROUP * torch.arange(numbers.shape[2]) + (GROUP - 1) / 2
    beats = music.beats.at(times.expand(len(numbers), -1))
    found = []
    for genre in range(len(mean)):
        rows = music.labels == genre
        phases = beats[rows].mT.flatten(0, 1)
        values = (numbers[rows] - mean[genre][:, None]).mT.flatten(0, 1)
        normal = phases.T @ phases + RIDGE * torch.eye(CHANNELS)
        found.append(torch.linalg.solve(normal, phases.T @ values))
    return torch.stack(found)


def _batch(
    music: TrainingMusic,
    process: GaussianProcess,
    numbers: list[Tensor],
    random: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draws and clips (count, numbers, groups) in pairs, their genres, and the clips' beats."""
    genres = torch.randperm(len(music.genres), generator=random)[:GENRES_PER_BATCH].tolist()
    each = BATCH // len(genres)
    offset = int(torch.randint(GROUP, (1,), generator=random))
    length = min(CROP, numbers[-1].shape[2])
    starts, targets, beats = [], [], []
    for genre in genres:
        clips = torch.nonzero(music.labels == genre)[:, 0]
        rows = clips[torch.randint(len(clips), (each,), generator=random)]
        last = numbers[offset].shape[2] - length
        first = int(torch.randint(last + 1, (1,), generator=random))
        target = numbers[offset][rows, :, first : first + length]
        start = process.sample(genre, process.groups, random, each)[:, :, :length]
        nearest = _pair(start, target)
        times = GROUP * (first + torch.arange(length)) + offset + (GROUP - 1) / 2
        starts.append(start)
        targets.append(target[nearest])
        beats.append(music.beats.chosen(rows[nearest]).at(times.expand(each, -1)))
    labels = torch.tensor(genres).repeat_interleave(each)
    return torch.cat(starts), torch.cat(targets), labels, torch.cat(beats)


def _pair(start: Tensor, target: Tensor) -> Tensor:
    """The target of each start, so that the distances between their means and deviations over
    time are least in total."""
    one, other = (
        torch.cat([clips.mean(dim=2), clips.std(dim=2, correction=0)], dim=1)
        for clips in (start, target)
    )
    _, chosen = linear_sum_assignment(torch.cdist(one, other).numpy())
    return torch.from_numpy(chosen)


def _calibrated(flow: Flow, music: TrainingMusic, numbers: Tensor, seed: int) -> Flow:
    """The flow with the gain and shift that give each genre the moments of its training clips."""
    gains, shifts = [], []
    for genre in range(len(music.genres)):
        real = numbers[music.labels == genre]
        random = [clip_random(seed, f"calibration {n}") for n in range(CALIBRATION_CLIPS)]
        drawn = flow.sample([genre] * CALIBRATION_CLIPS, numbers.shape[2], random)
        deviation = drawn.std(dim=(0, 2), correction=0).clamp(min=1e-6)
        gain = (real.std(dim=(0, 2), correction=0) / deviation).clamp(0.5, 2)
        gains.append(gain)
        shifts.append(real.mean(dim=(0, 2)) - gain * drawn.mean(dim=(0, 2)))
    return replace(flow, gain=torch.stack(gains), shift=torch.stack(shifts))
