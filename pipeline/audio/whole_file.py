"""Read a song of any length to disk, as mono at a given rate."""

from pathlib import Path
from typing import BinaryIO

import torch

from pipeline.audio.container import UnreadableFile, conversion_hint
from pipeline.audio.decode import Damage, describe_damage, open_audio
from pipeline.audio.disk_waveform import DiskWaveform
from pipeline.audio.files import read_in_chunks
from pipeline.audio.mono import Mixer
from pipeline.control_characters import one_line
from pipeline.errors import StudyError


def read_to_disk(
    file: BinaryIO, sampling_rate: int, folder: Path
) -> tuple[DiskWaveform, list[str]]:
    """Decode a file to mono, on disk; peaks above 1 are scaled to 1.

    Args:
        sampling_rate: of the result, in Hz.
        folder: where the temporary file is.

    Returns:
        The song, and remarks on what could not be read as it should.

    Raises:
        StudyError: the file cannot be read or decoded, or has NaN or infinite samples.
    """
    name = one_line(Path(file.name).name)
    mixer, remarks = Mixer(), []
    try:
        song, damage = _decode(file, name, sampling_rate, mixer, folder)
        channel = mixer.louder_channel()
        if channel is not None:
            remarks.append(f"{name}: channels cancel out; only channel {channel + 1} is used")
            song, damage = _decode(file, name, sampling_rate, Mixer(channel), folder)
    except UnreadableFile as error:
        raise StudyError(f"{name}: cannot be decoded: {error}{conversion_hint(name)}") from None
    if damage:
        seconds = song.shape[1] / sampling_rate
        remarks.append(f"{name}: {describe_damage(damage)}; {seconds:.1f} s are used")
    return song, remarks


def _decode(
    file: BinaryIO, name: str, sampling_rate: int, mixer: Mixer, folder: Path
) -> tuple[DiskWaveform, list[Damage]]:
    song, peak = DiskWaveform(folder), 1.0
    with open_audio(file) as sound:
        for stretch in read_in_chunks(sound, sampling_rate, mixer):
            if not torch.isfinite(stretch).all():
                raise StudyError(f"{name}: contains NaN or infinite samples")
            song.append(stretch)
            if len(stretch):
                peak = max(peak, float(stretch.abs().max()))
        damage = sound.damage
    song.full_scale = peak
    return song, damage
