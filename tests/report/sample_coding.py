"""Coded clips of the sample folders: differences between codecs, stated for each measure."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.coding.coding_model import default_model
from pipeline.evaluation.latent_bits import CodedVectors
from pipeline.evaluation.rate_comparison import CodedRate
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Model
from pipeline.results.schema import Coding, Number
from pipeline.results.sections.coded_music import coded_music

RATES = {"latente": (3, 8, 16, 24, 48), "opus": (8, 16, 24, 48), "mp3": (16, 24, 48),
         "vorbis": (48,)}  # fmt: skip
GAIN = {"latente": (0.0, 0.0, 0.0), "opus": (-6.0, 0.04, -0.3), "mp3": (-4.0, 0.03, -0.5),
        "vorbis": (-5.0, -0.01, 0.05)}  # fmt: skip
"""SNR, log-mel and ViSQOL of each codec less ours."""


def sample_coding(
    folder: Path, models: list[Model], clips: int, sign: int
) -> tuple[Coding, dict[str, Number], dict[str, Any]]:
    """Coded clips, their numbers, and the values behind these.

    Args:
        sign: 1 for the differences above, -1 for their opposites, 0 for none.
    """
    out = ResultsFolder(folder, list(range(clips)))
    random = np.random.default_rng(9)
    common = random.standard_normal(clips)

    def coded(codec: str, rate: int) -> CodedRate:
        snr, mel, visqol = (sign * gain for gain in GAIN[codec])
        noise = 0.02 * random.standard_normal((3, clips))
        octaves = np.log2(rate / 3)
        scores = np.minimum(4.7, 3 + octaves / 3 + visqol + 0.1 * common + noise[2])
        return CodedRate(
            rate + noise[0],
            rate - 1.5 + noise[0],
            8 + 6 * octaves + snr + common + noise[1],
            0.25 - 0.04 * octaves + mel + 0.01 * common + 0.1 * noise[2],
            dict(enumerate(scores.tolist())) if 3 < rate < 48 else {},
            np.zeros(1, np.int16),
        )

    found = {codec: {r: coded(codec, r) for r in rates} for codec, rates in RATES.items()}
    vectors = {
        model.version: CodedVectors(
            np.full(clips, model.size / 1000.0),
            10 + np.log2(model.size) + common,
            10.5 + np.log2(model.size) + common,
            model.size // 5,
        )
        for model in models
    }
    section = coded_music(out, default_model(), found, vectors, 60, 42)
    return section, out.numbers, out.per_clip
