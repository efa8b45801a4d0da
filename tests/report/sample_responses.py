"""Frequency responses of the sample folders' models, measured on the sound that these return."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.evaluation.frequency_response import FrequencyResponse
from pipeline.evaluation.frequency_response import response as measure
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Model, Response
from pipeline.results.schema import Number
from pipeline.results.sections.frequency_responses import frequency_responses
from tests.report import sample_sound
from tests.report.sample_sound import RATE

TONE, CLIPS = 367, 3


def responses(
    folder: Path, models: list[Model], kinds: dict[str, tuple[str, int]]
) -> tuple[list[Response], dict[str, Number]]:
    """The responses of the models that have layers, and their numbers; arrays go to `folder`."""
    out: Any = ResultsFolder(folder, [])
    found = {
        model.version: _response(*kinds[model.version], model.hop, model.unreached)
        for model in models
        if model.layers
    }
    return frequency_responses(out, found), out.numbers


@functools.cache
def _response(kind: str, size: int, hop: int, unreached: float) -> FrequencyResponse:
    def reconstruct(clips: Tensor) -> Tensor:
        kept = np.stack([sample_sound.version(clip, kind, size) for clip in clips.double().numpy()])
        if kind not in ("failed", "constant"):
            kept[:, np.arange(kept.shape[1]) % hop < unreached * hop] = 0
        return torch.tensor(kept, dtype=torch.float32)

    clips = np.stack([sample_sound.music(seed) for seed in range(1, CLIPS + 1)])
    return measure(reconstruct, torch.tensor(clips, dtype=torch.float32), RATE, hop, TONE, 42)
