"""Encode and decode a song of any length with cross-faded, clip-length windows."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from pipeline.audio.disk_waveform import DiskWaveform, Waveforms
from pipeline.audio.files import to_int16, write_flac_parts
from pipeline.audio.whole_file import read_to_disk
from pipeline.control_characters import one_line
from pipeline.data.clip_cutter import is_silent
from pipeline.engine.progress import report_progress
from pipeline.engine.unchanged_file import open_unchanged
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
    model, `fidelity.json`: {"FAMILY.SIZE": {measure: value over the whole song}}, and, if the
    file was not read as it should be, `remarks.json`: a list of lines.

    Args:
        digest: of the file's content.

    Raises:
        StudyError: the file cannot be read or decoded, has changed since it was hashed, has
            non-finite samples, is silent, or is shorter than a clip.
    """
    networks = {
        name: restore(trained.architecture, trained.weights) for name, trained in models.items()
    }
    _encode(path, digest, networks, sampling_rate, folder)


def encode_with_files(
    path: str, digest: str, models: list[str], weights: dict[str, str], folder: Path
) -> None:
    """As `encode_file`, with models loaded from their files.

    Args:
        models: paths as for `pipeline.models.model_file.load`.
        weights: digests of those files, by name.

    Raises:
        StudyError: also if a file is not a model, or the sampling rates differ.
    """
    saved = {Path(model).name: _load(Path(model), weights) for model in models}
    rates = {model.sampling_rate for model in saved.values()}
    if len(rates) > 1:
        raise StudyError(
            "the models have different sampling rates "
            f"({', '.join(f'{rate} Hz' for rate in sorted(rates))}); encode with one at a time"
        )
    networks = {name: model.network() for name, model in saved.items()}
    _encode(path, digest, networks, rates.pop(), folder)


def _load(model: Path, digests: dict[str, str]) -> model_file.SavedModel:
    with ExitStack() as stack:
        for file in (f"{model}.json", f"{model}.safetensors"):
            stack.enter_context(open_unchanged(Path(file), digests[Path(file).name]))
        return model_file.load(model)


def _encode(
    path: str, digest: str, networks: dict[str, Model], sampling_rate: int, folder: Path
) -> None:
    windows = [network.architecture.samples for network in networks.values()]
    window = max(windows, default=fidelity.MIN_SAMPLES)
    with open_unchanged(Path(path), digest) as file:
        song, remarks = _read_to_disk(file, sampling_rate, window, folder)
    _write(folder / "original.flac", song, sampling_rate)
    if remarks:
        (folder / "remarks.json").write_text(json.dumps(remarks) + "\n", encoding="utf-8")
    samples = song.shape[1]
    measured = {}
    for index, (name, network) in enumerate(networks.items()):
        decoded = DiskWaveform(folder)
        for part in reconstruct_in_windows(network, song):
            if not part.isfinite().all():
                raise StudyError(
                    f"{name}: this model decodes the song to NaN or infinity; use another"
                )
            decoded.append(part)
            report_progress(index * samples + decoded.shape[1], len(networks) * samples, name)
        values = fidelity.measure(song, decoded, sampling_rate)
        measured[name] = {measure: float(value[0]) for measure, value in values.items()}
        _write(folder / f"{name}.flac", decoded, sampling_rate)
    (folder / "fidelity.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _read_to_disk(
    file: BinaryIO, sampling_rate: int, window: int, folder: Path
) -> tuple[DiskWaveform, list[str]]:
    """As `read_to_disk`, of a song that the models can encode.

    Args:
        window: samples that the models encode at once.
    """
    name = one_line(Path(file.name).name)
    song, remarks = read_to_disk(file, sampling_rate, folder)
    seconds = song.shape[1] / sampling_rate
    if song.shape[1] < window:
        raise StudyError(
            f"{name}: {seconds:.1f} s long; too short for the models, which encode "
            f"{window / sampling_rate:g} s"
        )
    if all(is_silent(part) for part in song.parts()):
        raise StudyError(f"{name}: silent")
    return song, remarks


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
