"""One song of any length through every model: windows as long as a clip, cross-faded."""

import json
from pathlib import Path

import torch
from torch import Tensor

from pipeline import audio, fidelity
from pipeline.autoencoder import Model, restore
from pipeline.engine.progress import advance
from pipeline.study import StudyError
from pipeline.training import Trained

FADE = 0.1
"""Share of a window that overlaps the next."""


def encode_file(
    path: str, digest: str, models: dict[str, Trained], sampling_rate: int, folder: Path
) -> None:
    """Encode and decode a file with every model, into a folder.

    The folder receives `original.flac` (mono, at the study's rate), `FAMILY.SIZE.flac` for each
    model, and `fidelity.json`: {"FAMILY.SIZE": {measure: value over the whole song}}.

    Args:
        digest: states the file's content.

    Raises:
        StudyError: the file cannot be decoded, is not finite, or is too short to be measured.
    """
    try:
        song = audio.read(Path(path), sampling_rate)
    except audio.Unreadable as error:
        raise StudyError(f"{path}: cannot be decoded: {error}") from None
    if len(song) < fidelity.SHORTEST or not torch.isfinite(song).all():
        raise StudyError(f"{path}: too short to be measured, or not finite")
    song = song / max(float(song.abs().max()), 1.0)
    audio.write(folder / "original.flac", audio.to_int16(song), sampling_rate)
    measured = {}
    for done, (name, trained) in enumerate(models.items(), start=1):
        decoded = through(restore(trained.architecture, trained.weights), song)
        values = fidelity.measure(song[None], decoded[None], sampling_rate)
        measured[name] = {measure: float(value[0]) for measure, value in values.items()}
        audio.write(folder / f"{name}.flac", audio.to_int16(decoded), sampling_rate)
        advance(done, len(models), name)
    (folder / "fidelity.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


@torch.no_grad()
def through(model: Model, song: Tensor) -> Tensor:
    """Encode and decode a waveform (samples,) of any length, a window at a time.

    Windows overlap by `FADE` of their length; where they do, one fades out as the next fades
    in, with weights that add up to 1. What a window needs beyond the song's ends is silence.
    """
    samples = model.architecture.samples
    fade = max(1, round(FADE * samples))
    hop = samples - fade
    windows = max(1, -(-(len(song) - fade) // hop))
    padded = torch.nn.functional.pad(song, (0, (windows - 1) * hop + samples - len(song)))
    rise = (torch.arange(fade) + 0.5) / fade
    result = torch.zeros_like(padded)
    where = next(model.parameters()).device
    for index in range(windows):
        start = index * hop
        window = model(padded[None, start : start + samples].to(where))[0].cpu()
        if index > 0:
            window[:fade] *= rise
        if index < windows - 1:
            window[-fade:] *= 1 - rise
        result[start : start + samples] += window
    return result[: len(song)]
