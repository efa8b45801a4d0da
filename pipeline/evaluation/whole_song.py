"""One song of any length through every model: windows as long as a clip, cross-faded."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from pipeline.audio.disk_waveform import DiskWaveform, Waveforms
from pipeline.audio.files import UnreadableFile, stretches, to_int16, write_parts
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.evaluation import fidelity
from pipeline.models import model_file
from pipeline.models.restore import Model, restore
from pipeline.models.training import Trained

FADE = 0.1
"""Share of a window that overlaps the next."""


def encode_file(
    path: str, digest: str, models: dict[str, Trained], sampling_rate: int, folder: Path
) -> None:
    """Encode and decode a file with every model of a study, into a folder.

    The folder receives `original.flac` (mono, at the study's rate), `FAMILY.SIZE.flac` for each
    model, and `fidelity.json`: {"FAMILY.SIZE": {measure: value over the whole song}}.

    Args:
        digest: states the file's content.

    Raises:
        StudyError: the file cannot be decoded, is not finite, or is too short to be measured.
    """
    networks = {
        name: restore(trained.architecture, trained.weights) for name, trained in models.items()
    }
    _encode(path, networks, sampling_rate, folder)


def encode_with_files(
    path: str, digest: str, models: list[str], weights: str, folder: Path
) -> None:
    """Encode and decode a file with models from their files alone; the rest as `encode_file`.

    Args:
        models: paths as `pipeline.models.model_file.load` takes them.
        weights: states the content of those files.

    Raises:
        StudyError: also where a file holds no model, or two want another rate.
    """
    saved = {Path(model).name: model_file.load(Path(model)) for model in models}
    rates = {model.sampling_rate for model in saved.values()}
    if len(rates) > 1:
        raise StudyError(
            "these models are for other sampling rates "
            f"({', '.join(f'{rate} Hz' for rate in sorted(rates))}); encode with one at a time"
        )
    networks = {name: model.network() for name, model in saved.items()}
    _encode(path, networks, rates.pop(), folder)


def _encode(path: str, networks: dict[str, Model], sampling_rate: int, folder: Path) -> None:
    song = _spooled(path, sampling_rate, folder)
    _write(folder / "original.flac", song, sampling_rate)
    samples = song.shape[1]
    measured = {}
    for index, (name, network) in enumerate(networks.items()):
        decoded = DiskWaveform(folder)
        for part in through(network, song):
            decoded.append(part)
            report_progress(index * samples + decoded.shape[1], len(networks) * samples, name)
        values = fidelity.measure(song, decoded, sampling_rate)
        measured[name] = {measure: float(value[0]) for measure, value in values.items()}
        _write(folder / f"{name}.flac", decoded, sampling_rate)
    (folder / "fidelity.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _spooled(path: str, sampling_rate: int, folder: Path) -> DiskWaveform:
    """A file as mono at the study's rate, on disk, its peak brought to 1 if it is higher."""
    song, peak = DiskWaveform(folder), 1.0
    unfit = StudyError(f"{path}: too short to be measured, or not finite")
    try:
        for stretch in stretches(Path(path), sampling_rate):
            if not torch.isfinite(stretch).all():
                raise unfit
            song.append(stretch)
            if len(stretch):
                peak = max(peak, float(stretch.abs().max()))
    except UnreadableFile as error:
        raise StudyError(f"{path}: cannot be decoded: {error}") from None
    if song.shape[1] < fidelity.SHORTEST:
        raise unfit
    song.full = peak
    return song


def _write(path: Path, song: DiskWaveform, sampling_rate: int) -> None:
    write_parts(path, (to_int16(part) for part in song.parts()), sampling_rate)


@torch.no_grad()
def through(model: Model, song: Waveforms) -> Iterator[Tensor]:
    """Encode and decode a song (1, samples) of any length, a window at a time.

    Windows overlap by `FADE` of their length; where they do, one fades out as the next fades
    in, with weights that add up to 1. What a window needs beyond the song's ends is silence.

    Yields:
        The result in order, parts of shape (samples,) that add up to the song's length.
    """
    samples = model.architecture.samples
    fade = max(1, round(FADE * samples))
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
