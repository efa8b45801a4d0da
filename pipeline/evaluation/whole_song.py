"""Encode and decode a song of any length with cross-faded, clip-length windows."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from pipeline.audio.disk_waveform import DiskWaveform, Waveforms
from pipeline.audio.files import UnreadableFile, read_in_chunks, to_int16, write_flac_parts
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.evaluation import fidelity
from pipeline.models import model_file
from pipeline.models.restore import Model, restore
from pipeline.models.training import TrainedModel

FADE_FRACTION = 0.1
"""Fraction of a window that overlaps the next."""


def encode_file(
    path: str, digest: str, models: dict[str, TrainedModel], sampling_rate: int, folder: Path
) -> None:
    """Encode and decode a file with every model of a study, and write the results to a folder.

    Writes `original.flac` (mono, at the study's rate), `FAMILY.SIZE.flac` for each
    model, and `fidelity.json`: {"FAMILY.SIZE": {measure: value over the whole song}}.

    Args:
        digest: of the file's content, so that the step depends on it.

    Raises:
        StudyError: the file cannot be decoded, has non-finite samples, or is too short.
    """
    networks = {
        name: restore(trained.architecture, trained.weights) for name, trained in models.items()
    }
    _encode(path, networks, sampling_rate, folder)


def encode_with_files(
    path: str, digest: str, models: list[str], weights: str, folder: Path
) -> None:
    """As `encode_file`, with models loaded from their files.

    Args:
        models: paths as for `pipeline.models.model_file.load`.
        weights: digests of those files, so that the step depends on them.

    Raises:
        StudyError: also if a file is not a model, or the sampling rates differ.
    """
    saved = {Path(model).name: model_file.load(Path(model)) for model in models}
    rates = {model.sampling_rate for model in saved.values()}
    if len(rates) > 1:
        raise StudyError(
            "the models have different sampling rates "
            f"({', '.join(f'{rate} Hz' for rate in sorted(rates))}); encode with one at a time"
        )
    networks = {name: model.network() for name, model in saved.items()}
    _encode(path, networks, rates.pop(), folder)


def _encode(path: str, networks: dict[str, Model], sampling_rate: int, folder: Path) -> None:
    song = _read_to_disk(path, sampling_rate, folder)
    _write(folder / "original.flac", song, sampling_rate)
    samples = song.shape[1]
    measured = {}
    for index, (name, network) in enumerate(networks.items()):
        decoded = DiskWaveform(folder)
        for part in reconstruct_in_windows(network, song):
            decoded.append(part)
            report_progress(index * samples + decoded.shape[1], len(networks) * samples, name)
        values = fidelity.measure(song, decoded, sampling_rate)
        measured[name] = {measure: float(value[0]) for measure, value in values.items()}
        _write(folder / f"{name}.flac", decoded, sampling_rate)
    (folder / "fidelity.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _read_to_disk(path: str, sampling_rate: int, folder: Path) -> DiskWaveform:
    """Decode a file to mono at the study's rate, on disk; peaks above 1 are scaled to 1."""
    song, peak = DiskWaveform(folder), 1.0
    invalid = StudyError(f"{path}: too short, or samples are not finite")
    try:
        for stretch in read_in_chunks(Path(path), sampling_rate):
            if not torch.isfinite(stretch).all():
                raise invalid
            song.append(stretch)
            if len(stretch):
                peak = max(peak, float(stretch.abs().max()))
    except UnreadableFile as error:
        raise StudyError(f"{path}: cannot be decoded: {error}") from None
    if song.shape[1] < fidelity.MIN_SAMPLES:
        raise invalid
    song.full_scale = peak
    return song


def _write(path: Path, song: DiskWaveform, sampling_rate: int) -> None:
    write_flac_parts(path, (to_int16(part) for part in song.parts()), sampling_rate)


@torch.no_grad()
def reconstruct_in_windows(model: Model, song: Waveforms) -> Iterator[Tensor]:
    """Encode and decode a song (1, samples) of any length, one window at a time.

    Windows overlap by `FADE_FRACTION` of their length and are cross-faded linearly there. The
    last window is zero-padded.

    Yields:
        Consecutive parts of the reconstruction, shape (samples,), as long as the song in total.
    """
    samples = model.architecture.samples
    fade = max(1, round(FADE_FRACTION * samples))
    hop = samples - fade
    length = song.shape[1]
    windows = max(1, -(-(length - fade) // hop))
    rise = (torch.arange(fade) + 0.5) / fade
    where = next(model.parameters()).device
    fading = torch.zeros(0)
    for index in range(windows):
        start = index * hop
        window = song.narrow(1, start, min(samples, length - start))
        window = torch.nn.functional.pad(window, (0, samples - window.shape[1]))
        window = model(window.to(where))[0].cpu()
        if index > 0:
            window[:fade] = window[:fade] * rise + fading
        if index < windows - 1:
            fading = window[hop:] * (1 - rise)
            yield window[:hop]
        else:
            yield window[: length - start]
