"""Cut the clips of one file, and tell what is wrong with it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from pipeline.audio.byte_source import Source
from pipeline.audio.container import NoSound, UnreadableFile
from pipeline.audio.decode import Sound, describe_damage, open_audio, packet_seconds
from pipeline.audio.files import read_excerpt
from pipeline.data.stretches import Stretch, choose_starts, measure_levels, skip_silence

SILENCE_STD = 1e-4
"""Standard deviation (full scale 1) below which a clip is silent: -80 dB."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, or with a stretch of it.

    Attributes:
        file: path of the file in the study's folder.
        fault: of a file or stretch that is left out: too_short, silent, not_finite, unreadable,
            no_sound, outside (not in a genre folder) or no_genre (none in the table); of one that
            is used: damaged, or one_channel (mixed from the louder channel, because the channels
            cancel out).
        detail: description in English.
        value: measured seconds, if any: the length, or how much of it is lost.
        start: of the stretch, in seconds; None for the whole file.
    """

    file: str
    fault: str
    detail: str
    value: float | None = None
    start: float | None = None


@dataclass
class Cut:
    """A clip of a file: its waveform, float32 (samples,) in [-1, 1], and its start in seconds."""

    waveform: torch.Tensor
    start: float


@dataclass(frozen=True)
class FileFormat:
    """What a readable file holds.

    Attributes:
        container, codec: FFmpeg's names, such as "mov,mp4,m4a,3gp,3g2,mj2" and "aac".
        rate: sampling rate in Hz.
        channels: number of channels.
        seconds: length.
    """

    container: str
    codec: str
    rate: int
    channels: int
    seconds: float


class ClipCutter:
    """Cuts the clips of a file.

    Args:
        sampling_rate: of the clips, in Hz.
        samples: length of a clip.
        count: maximum number of clips per file.
        stretch: which ones; see `pipeline.data.stretches.Stretch`.
        seed: of the study, for random stretches.
    """

    def __init__(
        self, sampling_rate: int, samples: int, count: int, stretch: Stretch, seed: int
    ) -> None:
        self.sampling_rate, self.samples, self.count = sampling_rate, samples, count
        self.stretch, self.seed = stretch, seed
        self.formats: dict[str, FileFormat] = {}
        """What each readable file holds, so far."""

    @property
    def seconds(self) -> float:
        """Length of a clip."""
        return self.samples / self.sampling_rate

    def cut(self, file: str, source: Source) -> Iterator[Cut | Fault]:
        """Yield the clips of a file in order, and its faults.

        A file too short for `count` clips has a fault only if it has none.

        Args:
            file: path of the file in the study's folder.
            source: its content.

        Raises:
            StudyError: the file is missing, or its disk fails.
        """
        try:
            if self.stretch == "start":
                yield from self._from_the_start(file, source)
            else:
                yield from self._chosen(file, source)
        except NoSound as error:
            yield Fault(file, "no_sound", str(error))
        except UnreadableFile as error:
            yield Fault(file, "unreadable", f"cannot be decoded: {error}")

    def _from_the_start(self, file: str, source: Source) -> Iterator[Cut | Fault]:
        """Cut consecutive clips from where the music begins, decoding no more than they need."""
        seconds = packet_seconds(source)
        with open_audio(source) as sound:
            length = math.ceil(self.seconds * sound.rate)
            has_music = skip_silence(sound)
            first = sound.position if has_music else 0
            starts = [first + index * length for index in range(self.count)]
            if has_music and seconds > first / sound.rate + self.seconds + 1:
                yield from self._read(sound, starts, file, source, seconds, has_music)
                return
            # Of a file that is hardly longer than a clip, take some of the silence too.
            sound.skip_to(first + length)
            earlier = first - min(first, max(0, sound.position - length))
        with open_audio(source) as sound:
            starts = [start - earlier for start in starts]
            yield from self._read(sound, starts, file, source, seconds, has_music)

    def _chosen(self, file: str, source: Source) -> Iterator[Cut | Fault]:
        """Cut clips that are chosen by the levels of the whole file."""
        levels = measure_levels(source)
        starts = choose_starts(levels, self.stretch, self.count, self.seconds, self.seed, file)
        with open_audio(source) as sound:
            yield from self._read(
                sound, starts or [0], file, source, levels.seconds, levels.has_music
            )

    def _read(
        self,
        sound: Sound,
        starts: list[int],
        file: str,
        source: Source,
        seconds: float,
        has_music: bool,
    ) -> Iterator[Cut | Fault]:
        """Cut clips at given frames of an open file of that length in seconds."""
        self.formats[file] = FileFormat(*sound.format, sound.rate, sound.channels, seconds)
        for start in starts:
            sound.skip_to(start)
            second = round(start / sound.rate, 3)
            excerpt = read_excerpt(source, sound, self.sampling_rate, self.seconds)
            waveform = excerpt.waveform
            if len(waveform) < self.samples:
                if start == starts[0]:
                    length = sound.position / sound.rate
                    detail = f"{length:.2f} s, {self.seconds:g} s needed"
                    if sound.damage:
                        detail += f"; {describe_damage(sound.damage)}"
                    yield Fault(file, "too_short", detail, length)
                    return
                break
            if not torch.isfinite(waveform).all():
                detail = f"NaN or infinite samples in the clip from {second:g} s"
                yield Fault(file, "not_finite", detail, start=second)
            elif is_silent(waveform) and not has_music:
                yield Fault(file, "silent", "silent")
                break
            elif is_silent(waveform):
                yield Fault(file, "silent", f"silent from {second:g} s", start=second)
            else:
                if excerpt.channel is not None:
                    detail = (
                        f"channels cancel out from {second:g} s; only channel "
                        f"{excerpt.channel + 1} is used"
                    )
                    yield Fault(file, "one_channel", detail, start=second)
                # Attenuate float files and overshoot of resampling instead of clipping them.
                yield Cut(waveform / max(float(waveform.abs().max()), 1.0), second)
        if damage := sound.damage:
            lost = sum(each.seconds for each in damage)
            yield Fault(file, "damaged", describe_damage(damage), lost, damage[0].start)


def is_silent(waveform: torch.Tensor) -> bool:
    """True if a waveform (samples,) is constant, up to `SILENCE_STD`."""
    return float(waveform.double().std(correction=0)) < SILENCE_STD
