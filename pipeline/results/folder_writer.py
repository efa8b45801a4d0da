"""A results folder while it is being filled: its numbers, sounds and arrays."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import write_flac
from pipeline.evaluation import fidelity, spectral_change
from pipeline.evaluation.confidence import bootstrap_mean
from pipeline.evaluation.reconstruction import Reconstruction
from pipeline.evaluation.visqol import UNIT as VISQOL_UNIT
from pipeline.results.number_names import is_documented
from pipeline.results.reproducible import to_json
from pipeline.results.schema import Number, Results


class ResultsFolder:
    """Collects the numbers of a study and writes the files that its results name.

    Args:
        folder: an empty directory.
        test: rows of the test clips in the corpus.
    """

    def __init__(self, folder: Path, test: list[int]) -> None:
        self.folder = folder
        self.test = test
        self.numbers: dict[str, Number] = {}
        self.per_clip: dict[str, NDArray[np.float64]] = {}

    def number(self, name: str, value: float, unit: str, step: str, **more: Any) -> None:
        """Add a number under its dotted name; `more` are the optional fields of `Number`.

        Raises:
            ValueError: the name is taken or not in `number_names`, or the value is not finite.
        """
        if name in self.numbers or not math.isfinite(value):
            raise ValueError(f"{name} is set twice or is not finite ({value})")
        if not is_documented(name):
            raise ValueError(f"{name} follows no pattern of pipeline.results.number_names")
        self.numbers[name] = Number(value=value, unit=unit, step=step, **more)

    def mean(self, name: str, values: NDArray[np.float64], unit: str, step: str, seed: int) -> None:
        """Add a mean over test clips and keep the value of each clip.

        It has its 95 % interval, unless it is of a single clip, which says nothing of others.

        Args:
            values: one per test clip, NaN where it was not measured.
        """
        measured = values[~np.isnan(values)]
        mean, low, high = bootstrap_mean(torch.tensor(measured), seed)
        interval = (low, high) if len(measured) > 1 else None
        self.number(name, mean, unit, step, interval=interval, clips=len(measured))
        self.per_clip[name] = values

    def reconstruction(self, step: str, found: Reconstruction, seed: int) -> None:
        """Add the fidelity of a model or baseline over the test set, under its step's name."""
        for measure, values in found.fidelity.items():
            self.mean(f"{step}.{measure}", values, fidelity.UNITS[measure], step, seed)
        if found.visqol:
            scores = np.array([found.visqol.get(row, np.nan) for row in self.test])
            self.mean(f"{step}.visqol", scores, VISQOL_UNIT, step, seed)

    def song(
        self, prefix: str, measures: dict[str, float], visqol: float | None, step: str
    ) -> None:
        """Add the fidelity of one version of one song."""
        for measure, value in measures.items():
            self.number(f"{prefix}.{measure}", value, fidelity.UNITS[measure], step)
        if visqol is not None:
            self.number(f"{prefix}.visqol", visqol, VISQOL_UNIT, step)

    def spectrogram_change(
        self, prefix: str, original: NDArray[np.int16], version: NDArray[np.int16]
    ) -> None:
        """Add the shares of spectrogram points that one version of a song loses and gains."""
        lost, gained = spectral_change.lost_and_gained(original, version)
        self.number(f"{prefix}.lost", lost, "", "results")
        self.number(f"{prefix}.gained", gained, "", "results")

    def sound(self, path: str, samples: NDArray[np.int16], sampling_rate: int) -> str:
        """Write a sound under audio/; returns its path relative to the folder."""
        write_flac(self.folder / "audio" / path, samples, sampling_rate)
        return f"audio/{path}"

    def array(self, name: str, **arrays: NDArray[Any]) -> str:
        """Write arrays under arrays/; returns their path relative to the folder."""
        (self.folder / "arrays").mkdir(exist_ok=True)
        np.savez(self.folder / "arrays" / f"{name}.npz", **arrays)  # type: ignore[arg-type]
        return f"arrays/{name}.npz"

    def finish(self, **sections: Any) -> None:
        """Write results.json from the other fields of `Results` and the numbers added so far."""
        per_clip = self.array("per_clip", **self.per_clip)
        results = Results(numbers=self.numbers, per_clip=per_clip, **sections)
        text = to_json(results.model_dump(mode="json"))
        (self.folder / "results.json").write_text(text, encoding="utf-8")
