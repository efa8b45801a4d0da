"""A corpus of two genres that sound apart, and what generative models learn from it."""

import numpy as np
import pytest
import torch

from pipeline.audio.files import to_int16
from pipeline.data.corpus import Clip, Corpus
from pipeline.generation.flow import Flow
from pipeline.generation.flow_training import train_flow
from pipeline.generation.scores import Judge, prepare_judge
from pipeline.generation.training_music import TrainingMusic, prepare
from tests.pipeline.plucked_notes import pluck

RATE, SECONDS = 8000, 1.5


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    sounds, clips = [], []
    for index in range(28):
        genre = "pluck" if index % 2 else "noise"
        sound = torch.from_numpy(pluck(index, SECONDS, RATE)[:, 0])
        if genre == "noise":
            sound = 0.3 * sound + 0.1 * torch.randn(
                len(sound), generator=torch.Generator().manual_seed(index)
            )
        sounds.append(sound * (0.2 + 0.05 * (index % 4)))
        part = "training" if index < 18 else "validation" if index < 22 else "test"
        clips.append(Clip(f"{genre}/{index}", genre, f"{genre}/{index}.wav", 0.0, part))
    return Corpus(RATE, to_int16(torch.stack(sounds)), clips)


@pytest.fixture(scope="session")
def music(corpus: Corpus) -> TrainingMusic:
    return prepare(corpus, 100, 10.0)


@pytest.fixture(scope="session")
def judge(corpus: Corpus, music: TrainingMusic) -> Judge:
    return prepare_judge(corpus, music)


@pytest.fixture(scope="session")
def flow(music: TrainingMusic) -> Flow:
    return train_flow(music, 20, seed=1)


def onsets_every(period: float, frames: int, bands: int = 16) -> torch.Tensor:
    """A log-mel spectrogram (1, frames, bands) with an onset every `period` frames."""
    places = np.arange(frames) % period
    return torch.from_numpy(-np.minimum(places, 6)).float()[None, :, None].expand(1, -1, bands)
