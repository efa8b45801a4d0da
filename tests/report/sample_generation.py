"""The part of a sample results folder that chapter 4 reads: decoded vectors and new music.

Sounds of a second are mixes of songs, or noise, through the sample's filters; their flatness and
similarity are computed from them. The scores are those of no study, but near measured ones.
"""

import functools
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.results.schema import Number
from pipeline.results.vector_schema import (
    Generated,
    GeneratedKind,
    GenerativeModel,
    NewMusic,
    WeightedSource,
)
from pipeline.slug import slug
from tests.report.sample_sound import RATE, music, version

Waveform = NDArray[np.float64]
Recipe = tuple[GeneratedKind, int, str | None, dict[int, float]]
GENERATORS: tuple[GenerativeModel, ...] = ("vae", "process", "flow", "walk")
SCORES = {
    "real": (0.1, 0.9, 0.377, 0.62, 0.49),
    "vocoder": (-0.6, 1.1, 0.387, 0.68, 0.48),
    "reconstructed": (22.4, 9.7, 0.36, 0.55, 0.44),
    "noise": (80.0, 61.0, 0.11, None, 0.09),
    "mix": (6.4, 3.9, 0.33, None, 0.69),
    "means": (76.0, 40.2, 0.30, 0.12, 0.22),
    "draws": (138.0, 95.3, 0.39, None, 0.22),
    "vae": (57.0, 33.5, 0.19, 0.14, 0.55),
    "process": (4.6, 3.0, 0.19, 0.9, 0.47),
    "flow": (4.0, 2.6, 0.27, 0.79, 0.49),
    "walk": (0.3, 1.2, 0.25, 1.0, 0.7),
}
"""KAD, Fréchet distance, pulse, genre and copying of each row."""


def scores(several_genres: bool) -> dict[str, Number]:
    """The numbers of the table of scores, with intervals except of the Fréchet distance."""
    numbers = {}
    for row, values in SCORES.items():
        names = ("kad", "frechet", "pulse", "genre", "copying")
        for name, value in zip(names, values, strict=True):
            if value is None or (name == "genre" and not several_genres):
                continue
            low, high = value - 0.02, min(1.0, value + 0.02)
            if name == "kad":
                low, high = value - 1.5, value + 1.5
            numbers[f"generation.{row}.{name}"] = Number(
                value=value, unit="", step="generation.scores", clips=60,
                interval=None if name == "frechet" else (low, high),
            )  # fmt: skip
    return numbers


def new_music(folder: Path, genres: tuple[str, ...]) -> tuple[list[NewMusic], dict[str, Number]]:
    """Two clips of each genre and generator, and their numbers."""
    made: list[NewMusic] = []
    numbers: dict[str, Number] = {}
    for place, model in enumerate(GENERATORS):
        (folder / f"audio/new_music/{model}").mkdir(parents=True)
        for which, genre in enumerate(genres):
            for index in range(2):
                audio = f"audio/new_music/{model}/{which}-{slug(genre)}-{index}.flac"
                sound = _filtered(music((which + index) % 4)[:RATE], 2000 + 800 * place)
                soundfile.write(folder / audio, sound, RATE, subtype="PCM_16")
                made.append(
                    NewMusic(model=model, genre=genre, index=index, seed=42 + index, audio=audio)
                )
                values = {"pulse": 0.2 + 0.02 * place, "copying": 0.4, "flatness": _flatness(sound)}
                for name, value in values.items():
                    numbers[f"{made[-1].number}.{name}"] = Number(
                        value=value, unit="", step="generation.sounds"
                    )
    return made, numbers


def decoded_vectors(
    folder: Path, models: list[str], shown: set[str], genres: tuple[str, ...]
) -> tuple[list[Generated], dict[str, Number]]:
    """Decoded means, paths, lines and random vectors: all kinds of the models `shown`, and the
    means of a few songs of the others."""
    names = [f"{genre}.{index:05d}" for genre in genres for index in range(3)]
    generated: list[Generated] = []
    numbers: dict[str, Number] = {}
    for model in models:
        family, _, size = model.rpartition(".")
        for kind, index, genre, weights in _recipes(genres, model in shown):
            strength = 1 if kind != "line" else weights[0]
            mix, sound = _decoded(family, int(size), strength, tuple(weights.items()))
            which = genre or str(index)
            place = str(index) if genre is None else f"g{genres.index(genre)}"
            path = f"audio/generated/{model}/{kind}-{place}.flac"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / path, sound, RATE, subtype="PCM_16")
            sources = [
                WeightedSource(name=names[row % len(names)], weight=weight)
                for row, weight in weights.items()
            ]
            generated.append(
                Generated(
                    model=model, kind=kind, index=index, genre=genre, sources=sources, audio=path
                )
            )
            name, step = f"generation.{model}.{kind}.{which}", f"generation.{model}"
            numbers[f"{name}.flatness"] = Number(value=_flatness(sound), unit="", step=step)
            if weights:
                likeness = float(np.corrcoef(mix, sound)[0, 1])
                numbers[f"{name}.similarity"] = Number(value=likeness, unit="", step=step)
            else:
                noise = _filtered(_noise(int(size) + 1), int(size))
                numbers[f"{name}.noise_flatness"] = Number(
                    value=_flatness(noise), unit="", step=step
                )
    return generated, numbers


def _recipes(genres: tuple[str, ...], whole: bool) -> list[Recipe]:
    few = {0: 1 / 3, 1: 1 / 3, 2: 1 / 3}
    recipes: list[Recipe] = [("songs", 0, None, few)]
    recipes += [("genre_songs", 0, genre, few) for genre in genres]
    if whole:
        recipes += [("genre", 0, genre, dict.fromkeys(range(4), 1 / 4)) for genre in genres]
        recipes += [("path", step, None, {0: 1 - step / 8, 1: step / 8}) for step in range(9)]
        recipes += [("line", step, None, {0: 2.0**step}) for step in range(3)]
        recipes += [(kind, step, None, {}) for kind in ("uniform", "gaussian") for step in (0, 1)]
    return recipes


@functools.cache
def _decoded(
    family: str, size: int, strength: float, weights: tuple[tuple[int, float], ...]
) -> tuple[Waveform, Waveform]:
    """A mix, and what the sample's model gives of it; on a line, `adaptive` models lose nothing."""
    if weights:
        mix = np.sum([weight * music(row)[:RATE] for row, weight in weights], axis=0) / strength
    else:
        mix = _noise(size)
    lost = 0.0 if family == "adaptive" else 0.3 * (strength - 1)
    return mix, _filtered(mix + lost * _noise(size), size)


def _noise(seed: int) -> Waveform:
    return np.asarray(0.2 * np.random.default_rng(seed).standard_normal(RATE))


def _filtered(sound: Waveform, size: int) -> Waveform:
    return version(sound, "lowpass", size // 5)


def _flatness(sound: Waveform) -> float:
    """Flatness up to the frequency under which 95 % of the power is."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 1024)[::256] * np.hanning(1024)
    power = np.maximum(np.abs(np.fft.rfft(frames, axis=1)[:, 1:]) ** 2, 1e-20)
    share = np.cumsum(power.sum(axis=0)) / power.sum()
    power = power[:, : int(np.searchsorted(share, 0.95)) + 1]
    return float((np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)).mean())
