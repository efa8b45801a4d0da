"""Collects numbers and sounds for a results folder, and writes its results.json."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import write
from pipeline.evaluation import fidelity, spectral_change
from pipeline.evaluation.confidence import summary
from pipeline.evaluation.reconstruction import Reconstruction
from pipeline.evaluation.visqol import UNIT as VISQOL_UNIT
from pipeline.results.reproducible import stated


class ResultsFolder:
    """A results folder while it is being filled; `test` are the rows of the test clips."""

    def __init__(self, folder: Path, test: list[int]) -> None:
        self.folder = folder
        self.test = test
        self.numbers: dict[str, dict[str, Any]] = {}
        self.per_clip: dict[str, NDArray[np.float64]] = {}

    def number(self, name: str, value: float, unit: str, step: str, **more: Any) -> None:
        """State a number once, under its dotted name.

        Raises:
            ValueError: the name is taken, or the value is not finite.
        """
        if name in self.numbers or not math.isfinite(value):
            raise ValueError(f"{name} stands twice or is not finite ({value})")
        self.numbers[name] = {"value": value, "unit": unit, "step": step, **more}

    def mean(self, name: str, values: NDArray[np.float64], unit: str, step: str, seed: int) -> None:
        """State a mean over test clips with its 95 % interval, and the value of each clip.

        `values` has one a test clip, NaN where it was not measured.
        """
        measured = values[~np.isnan(values)]
        mean, low, high = summary(torch.tensor(measured), seed)
        self.number(name, mean, unit, step, interval=[low, high], clips=len(measured))
        self.per_clip[name] = values

    def reconstruction(self, of: str, found: Reconstruction, seed: int) -> None:
        """State the fidelity of a model or baseline over the test set; `of` is its step."""
        for measure, values in found.fidelity.items():
            self.mean(f"{of}.{measure}", values, fidelity.UNITS[measure], of, seed)
        if found.visqol:
            scores = np.array([found.visqol.get(row, np.nan) for row in self.test])
            self.mean(f"{of}.visqol", scores, VISQOL_UNIT, of, seed)

    def song(
        self, prefix: str, fidelity_: dict[str, float], visqol: float | None, step: str
    ) -> None:
        """State the fidelity of one version of one song."""
        for measure, value in fidelity_.items():
            self.number(f"{prefix}.{measure}", value, fidelity.UNITS[measure], step)
        if visqol is not None:
            self.number(f"{prefix}.visqol", visqol, VISQOL_UNIT, step)

    def picture(self, prefix: str, original: NDArray[np.int16], version: NDArray[np.int16]) -> None:
        """State what the spectrogram of one version of one song loses and gains."""
        lost, gained = spectral_change.changed(original, version)
        self.number(f"{prefix}.lost", lost, "", "results")
        self.number(f"{prefix}.gained", gained, "", "results")

    def sound(self, path: str, samples: NDArray[np.int16], sampling_rate: int) -> str:
        """Write a sound under audio/ and return the path that results.json names."""
        write(self.folder / "audio" / path, samples, sampling_rate)
        return f"audio/{path}"

    def array(self, name: str, **arrays: NDArray[Any]) -> str:
        """Write arrays under arrays/ and return the path that results.json names."""
        (self.folder / "arrays").mkdir(exist_ok=True)
        np.savez(self.folder / "arrays" / f"{name}.npz", **arrays)  # type: ignore[arg-type]
        return f"arrays/{name}.npz"

    def finish(self, facts: dict[str, Any]) -> None:
        """Write results.json, its numbers among the other facts."""
        facts |= {"numbers": self.numbers, "per_clip": self.array("per_clip", **self.per_clip)}
        (self.folder / "results.json").write_text(stated(facts), encoding="utf-8")
