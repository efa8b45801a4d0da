"""New songs: from any file to the study's clip, and through every model and baseline."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline import audio, baselines, fidelity
from pipeline.autoencoder import restore
from pipeline.corpus import silent
from pipeline.engine.progress import advance
from pipeline.perception import SHORTEST, visqol
from pipeline.study import StudyError
from pipeline.training import Trained

BLOCK = 0.1
"""Seconds between two places where the loudest stretch may begin."""


@dataclass
class Song:
    """A new song as the study hears it, and how it came to be so.

    `excerpt` is the chosen stretch as the file has it, int16 (frames, channels) at
    `source_rate`; `clip` is its mono mix at the study's rate, int16 (samples,). `seconds` is
    the length of the whole file, `start` where the stretch begins.
    """

    source_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool
    excerpt: NDArray[np.int16]
    clip: NDArray[np.int16]


@dataclass
class Decoded:
    """What models and baselines make of one clip, by version ("classic.18376").

    `visqol` is empty where the clip is too short for it.
    """

    waveforms: dict[str, NDArray[np.int16]]
    fidelity: dict[str, dict[str, float]]
    visqol: dict[str, float]


def from_file(path: str, digest: str, **cut: Any) -> Song:
    """Prepare a song from a file; `digest` states its content, the rest as `prepare`."""
    return prepare(Path(path), Path(path).name, **cut)


def from_bytes(music: dict[str, bytes], name: str, **cut: Any) -> Song:
    """Prepare one of several files held in memory; the rest as `prepare`."""
    return prepare(music[name], name, **cut)


def prepare(
    source: Path | bytes,
    name: str,
    sampling_rate: int,
    samples: int,
    start: float | None = None,
    hours: float = math.inf,
) -> Song:
    """Cut a stretch of a song, mix it to mono and bring it to the study's rate.

    Args:
        samples: length of the clip at `sampling_rate`.
        start: in seconds; the loudest stretch of that length if absent.
        hours: how long a file may be whose loudest stretch is looked for.

    Raises:
        StudyError: the file cannot be decoded, is silent, is too long to be looked through, or
            ends before the stretch does.
    """
    length = samples / sampling_rate
    try:
        total = audio.duration(source, 3600 * hours)
        if start is None and total > 3600 * hours:
            raise StudyError(
                f"{name}: more than {hours:g} hours long (limits.hours), to look for its loudest "
                "stretch; state its start, or raise that limit"
            )
        begin = _loudest(source, length) if start is None else start
        excerpt, rate = audio.read_channels(source, begin, length)
        mono = audio.read(source, sampling_rate, begin, length)
    except audio.Unreadable as error:
        raise StudyError(f"{name}: cannot be decoded: {error}") from None
    if len(mono) < samples:
        raise StudyError(
            f"{name}: {total:.1f} s long, but {length:g} s from {begin:g} s are needed"
        )
    if not torch.isfinite(mono).all() or silent(mono):
        raise StudyError(f"{name}: the {length:g} s from {begin:g} s are silent or not finite")
    return Song(
        rate,
        excerpt.shape[1],
        total,
        begin,
        start is not None,
        audio.to_int16(torch.from_numpy(excerpt)),
        audio.to_int16(mono / max(float(mono.abs().max()), 1.0)),
    )


def _loudest(source: Path | bytes, length: float) -> float:
    """Start of the loudest stretch (highest energy of its channels) on a grid of `BLOCK`.

    The file is read a block at a time, so that hours of music need no more memory.
    """
    energies: list[float] = []
    with audio.opened(source) as sound:
        frames = round(BLOCK * sound.samplerate)
        for block in audio.blocks(sound, frames):
            energies.append(float(np.square(block, dtype=np.float64).sum()))
    width = max(1, round(length / BLOCK))
    # The last block may be cut short by the file's end: a stretch must not reach into it.
    total = np.concatenate([[0.0], np.cumsum(energies[:-1])])
    if len(total) <= width:
        return 0.0
    return round(int(np.argmax(total[width:] - total[:-width])) * BLOCK, 3)


@torch.no_grad()
def decode(
    song: Song,
    sampling_rate: int,
    methods: list[str],
    models: dict[str, Trained],
    klt_basis: torch.Tensor,
) -> Decoded:
    """Encode and decode a song with every model, and with each baseline at every size.

    Args:
        methods: baselines, as `pipeline.baselines.rebuild` names them.
        models: by "FAMILY.SIZE"; their sizes are the baselines' too.
        klt_basis: as `pipeline.baselines.learn_klt` gives.
    """
    original = audio.to_float(song.clip)[None]
    waveforms: dict[str, torch.Tensor] = {}
    for model, trained in models.items():
        network = restore(trained.architecture, trained.weights)
        where = next(network.parameters()).device
        waveforms[model] = network(original.to(where)).cpu()
    for size in sorted({trained.architecture.latent for trained in models.values()}, reverse=True):
        for method in methods:
            waveforms[f"baseline.{method}.{size}"] = baselines.rebuild(
                method, original, size, klt_basis
            )
    result = Decoded({}, {}, {})
    for done, (version, waveform) in enumerate(waveforms.items(), start=1):
        measured = fidelity.measure(original, waveform, sampling_rate)
        result.fidelity[version] = {name: float(values[0]) for name, values in measured.items()}
        if original.shape[1] >= SHORTEST * sampling_rate:
            result.visqol[version] = visqol(original[0], waveform[0], sampling_rate)
        result.waveforms[version] = audio.to_int16(waveform[0])
        advance(done, len(waveforms), version)
    return result
