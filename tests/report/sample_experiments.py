"""Experiments of the sample folders: differences per clip, stated for each variant."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.architecture.variants import BASE, BASE_EPOCHS, EPOCHS, variants
from pipeline.evaluation.variant_fidelity import MeasuredVariant
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Experiment
from pipeline.results.schema import Number
from pipeline.results.sections.variant_measures import experiments

SNR = {"relu": -3.0, "linear": 0.8, "bounded": -0.2, "expand": 3.5, "wide": 2.9, "kernel_1": 1.0,
       "kernel_2": 2.3, "kernel_4": 1.6, "18376_mended": 2.0, "9184": -4.0, "9184_mended": 0.1,
       "batch_5": 0.5, "batch_80": -2.0}  # fmt: skip
LOG_MEL = {"kernel_1": -0.2, "9184": -0.12, "9184_mended": 0.02}


def sample_experiments(
    folder: Path, clips: int, sign: int
) -> tuple[list[Experiment], dict[str, Number], dict[str, Any]]:
    """Experiments, their numbers, and the values behind these.

    Args:
        sign: 1 for the differences above, -1 for their opposites, 0 for none.
    """
    out = ResultsFolder(folder, [])
    random = np.random.default_rng(5)
    snr, log_mel = 8 + random.standard_normal(clips), 0.5 + 0.1 * random.random(clips)

    def measured(epochs: int, gain: float, mel: float) -> MeasuredVariant:
        return MeasuredVariant(
            [(0.2 / epoch, 0.21 / epoch) for epoch in range(1, epochs + 1)],
            0.07,
            snr + sign * (gain + 0.05 * random.standard_normal(clips)),
            log_mel + sign * (mel + 0.002 * random.standard_normal(clips)),
            1137,
        )

    found = {
        variant.name: {
            epochs: measured(
                epochs,
                SNR.get(variant.name, math.log2(epochs / BASE_EPOCHS)),
                LOG_MEL.get(variant.name, 0.0),
            )
            for epochs in (EPOCHS if variant.name == BASE else (BASE_EPOCHS,))
        }
        for variant in variants()
    }
    return experiments(out, found, 42), out.numbers, out.per_clip
