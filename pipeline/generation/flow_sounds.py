"""New music of any length from a saved flow: what `latentes generate` does."""

import json
from pathlib import Path

import torch
from torch import Tensor

from pipeline.audio.files import to_int16, write_flac
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError, did_you_mean
from pipeline.file_names import composed
from pipeline.generation.flow import EMPHASIS, MIN_STRENGTH, clip_random
from pipeline.generation.flow_file import SavedFlow, load_flow
from pipeline.generation.levels import match_level
from pipeline.generation.spectra import GROUP, mel_scale
from pipeline.generation.vocoder import sound_of, synthesise

BEATS_PER_BAR = 4

WRAP = 2
"""Groups beyond either end of a loop that are made into sound with it."""


def generate_files(
    path: str, genre: str, seconds: float, seed: int, count: int, loop: bool, folder: Path
) -> None:
    """Write `count` clips of a genre, NUMBER.flac with the seeds `seed`, `seed` + 1, …, and
    `remarks.json`, a list of lines.

    Args:
        path: of the flow's file.
        loop: make clips whose end joins their beginning; where the genre has a pulse, they have a
            whole number of bars, as near to `seconds` as can be.

    Raises:
        StudyError: the file is no flow, or knows no such genre.
    """
    saved = load_flow(Path(path))
    described = saved.described
    names = {composed(name): index for index, name in enumerate(described.genres)}
    if composed(genre) not in names:
        raise StudyError(
            f'no genre "{genre}" in the training music (genres: {", ".join(described.genres)})'
            f"{did_you_mean(genre, described.genres)}"
        )
    make = loop_sound if loop else clip_sound
    for index in range(count):
        sound = make(saved, names[composed(genre)], seconds, seed + index)
        samples = to_int16(match_level(sound, described.level))
        write_flac(folder / f"{seed + index}.flac", samples, described.sampling_rate)
        report_progress(index + 1, count)
    remarks = []
    if not described.publishable:
        remarks.append(
            "the music that this model learned from has no stated licence: do not publish what it "
            "generates, or state the licence in the study's settings and build it again"
        )
    (folder / "remarks.json").write_text(json.dumps(remarks) + "\n", encoding="utf-8")


def clip_sound(saved: SavedFlow, genre: int, seconds: float, seed: int) -> Tensor:
    """A clip of a genre, (samples,), at `LEVEL`."""
    described = saved.described
    samples = max(1, round(seconds * described.sampling_rate))
    groups = max(2, mel_scale(described.sampling_rate).groups(samples))
    random = clip_random(seed, described.genres[genre])
    numbers = saved.flow.sample([genre], groups, [random])
    return sound_of(numbers, saved.space, described.sampling_rate, samples, [random])[0]


def loop_sound(saved: SavedFlow, genre: int, seconds: float, seed: int) -> Tensor:
    """As `clip_sound`, a clip whose end joins its beginning.

    It has a whole number of beats, and of bars if the training clip from which it takes its tempo
    has a pulse; the tempo changes a little, to make them a whole number of groups of frames.
    """
    described = saved.described
    scale = mel_scale(described.sampling_rate)
    name = described.genres[genre]
    wanted = seconds * described.sampling_rate / scale.hop
    beat = saved.flow.beat(genre, clip_random(seed, name))  # as `sample_loop` will draw it
    period = float(beat.period[0])
    each = BEATS_PER_BAR if float(beat.strength[0]) > EMPHASIS * MIN_STRENGTH else 1
    beats = each * max(1, round(wanted / (each * period)))
    groups = max(2 * WRAP, round(beats * period / GROUP))
    random = clip_random(seed, name)
    numbers = saved.flow.sample_loop(genre, groups, beats, random)
    spectra = saved.space.decode(numbers, random)
    wrap, length = WRAP * GROUP, GROUP * groups * scale.hop
    spectra = torch.cat([spectra[:, -wrap:], spectra, spectra[:, :wrap]], dim=1)
    samples = (spectra.shape[1] - 1) * scale.hop
    sound = synthesise(spectra, described.sampling_rate, samples, [random])[0]
    start, fade = wrap * scale.hop, (wrap - 1) * scale.hop
    loop = sound[start : start + length].clone()
    ramp = torch.linspace(0, 1, fade)
    loop[:fade] = torch.lerp(sound[start + length :][:fade], loop[:fade], ramp)
    return loop
