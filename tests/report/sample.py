"""Writes a small results folder whose sound, layers and fidelity are real, for the report's tests.

The "models" are ideal low-pass filters and choices of frequencies that keep as many numbers as
each latent size: no network is trained here, but every measure is computed from the sound that
is written.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pipeline.results.model_schema import Experiment, Model
from pipeline.results.reproducible import to_json
from pipeline.results.schema import (
    FORMAT,
    Choice,
    Constants,
    FamilyChoice,
    Machine,
    Number,
    Results,
    Song,
    SongSource,
    Step,
    Version,
)
from pipeline.results.vector_schema import NewMusic
from tests.report import (
    sample_chapters,
    sample_generation,
    sample_listening,
    sample_responses,
    sample_sound,
    sample_study,
)
from tests.report.sample_coding import sample_coding
from tests.report.sample_experiments import sample_experiments
from tests.report.sample_models import CLASSIC, Layers, losses, model, save
from tests.report.sample_sound import MEASURES, RATE, SAMPLES

GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)  # fmt: skip
HEARD_CODES = {"coding.latente.16": ("codec", 9184), "coding.opus.16": ("mdct", 3446)}
"""Coded versions of the featured song, and what they sound like."""

OTHERS = ("baseline.", "untrained.")
OWN_RATE = "classic.18376"
"""The model that encodes the new songs at their own rate."""
"""Beginnings of versions that are not of trained models."""


@dataclass(frozen=True)
class Sample:
    """What varies between the folders that the tests write."""

    genres: tuple[str, ...] = GENRES
    families: Mapping[str, Mapping[int, Layers | None]] = field(
        default_factory=lambda: {"classic": CLASSIC}
    )
    song: str = "jazz.00041"
    song_genre: str = "jazz"
    synthetic: bool = True
    faults: bool = False
    duplicates: bool = False
    epochs: int = 40
    alone: bool = False
    """Whether there is a single test clip, instead of two of each genre."""
    failed: tuple[int, ...] = ()
    """Sizes whose models give noise."""
    constant: tuple[int, ...] = ()
    """Sizes whose models give the same whatever they hear."""
    methods: tuple[str, ...] = ("lowpass", "klt", "mdct")
    new_songs: tuple[str, ...] = ("rap", "trap")
    tuning: bool | None = False
    """Whether the rate found is used; None where none was searched for."""
    choice: dict[str, Any] = field(default_factory=dict)
    scattered: bool = True
    generators: bool = True
    """Whether the study generates new music."""
    report: dict[str, Any] = field(default_factory=dict)
    listeners: tuple[str, ...] = ()
    """Nicknames of the people who took the blind tests."""

    @property
    def tested(self) -> tuple[int, ...]:
        """How many test clips each genre has."""
        return tuple(int(place == 0) if self.alone else 2 for place in range(len(self.genres)))

    @property
    def test_clips(self) -> int:
        """How many test clips there are."""
        return sum(self.tested)

    @property
    def versions(self) -> dict[str, tuple[str, int]]:
        """Name of each version of a song, its kind and size.

        Models, then those of families without layers before training, then baselines.
        """
        made, untrained = {}, {}
        for family, members in self.families.items():
            for size in sorted(members, reverse=True):
                bad = "failed" if size in self.failed else "constant"
                kind = bad if size in self.failed + self.constant else family
                made[f"{family}.{size}"] = (kind, size)
                if members[size] is None:
                    untrained[f"untrained.{family}.{size}"] = ("untrained", size)
        sizes = sorted({size for each in self.families.values() for size in each}, reverse=True)
        return (
            made
            | untrained
            | {
                f"baseline.{method}.{size}": (method, size)
                for method in self.methods
                for size in sizes
            }
        )


def write(folder: Path, sample: Sample) -> Path:
    """Write results.json, its audio and its arrays under `folder`, and return it."""
    results = sample_results(folder, sample)
    text = to_json(results.model_dump(mode="json"))
    (folder / "results.json").write_text(text, encoding="utf-8")
    if sample.listeners:
        sample_listening.add(folder, sample.listeners)
    return folder


def sample_results(folder: Path, sample: Sample) -> Results:
    """The results of a sample; their audio and arrays are written under `folder`."""
    (folder / "audio").mkdir(parents=True)
    numbers: dict[str, Number] = {}
    songs = [_song(folder, sample, index) for index in range(1 + len(sample.new_songs))]
    for index, song in enumerate(songs):
        for version, kind in sample.versions.items():
            step = version if version.startswith(OTHERS) else f"reconstruction.{version}"
            if index and version == OWN_RATE:
                snr = sample_sound.measures(index, *kind)["snr"] + 2
                name = f"song.{song.name}.own_rate.{version}.snr"
                numbers[name] = _number(snr, "dB", "own_rate")
            for measure, value in sample_sound.measures(index, *kind).items():
                name = f"song.{song.name}.{version}.{measure}"
                numbers[name] = _number(value, MEASURES[measure], "song.decoded" if index else step)
            if not version.startswith(OTHERS):
                for how, share in sample_sound.changed(index, *kind).items():
                    numbers[f"song.{song.name}.{version}.{how}"] = _number(share, "", "results")
    for version, kind in HEARD_CODES.items():
        for measure, value in sample_sound.measures(0, *kind).items():
            step = version.rpartition(".")[0]
            numbers[f"song.{sample.song}.{version}.{measure}"] = _number(
                value, MEASURES[measure], step
            )
    models = []
    for family, members in sample.families.items():
        for size, layers in sorted(members.items(), reverse=True):
            bad = size in sample.failed + sample.constant
            models.append(model(family, size, layers, losses(size, sample.epochs, bad)))
            save(folder / "models" / f"{family}.{size}", models[-1], layers)
            numbers |= _trained(models[-1])
    found, per_clip = _fidelity(sample)
    numbers |= found
    numbers |= {f"choice.{each.version}.share": _share(per_clip, each.version) for each in models}
    (folder / "audio/clips").mkdir()
    data = sample_study.data(sample)
    for place, clip in enumerate(clip for clip in data.clips if clip.audio is not None):
        sound = sample_sound.music(place % 5)
        soundfile.write(folder / str(clip.audio), sound, RATE, subtype="PCM_16")
    (folder / "audio/excerpts").mkdir()
    for place, clip in enumerate(clip for clip in data.clips if clip.excerpt is not None):
        sound = sample_sound.music(place % 5)[: 2 * RATE]
        soundfile.write(folder / str(clip.excerpt), sound, RATE, subtype="PCM_16")
    versions = [name for name in sample.versions if not name.startswith(OTHERS)]
    exploration, found = sample_chapters.exploration(
        folder,
        versions,
        sample.tested,
        sample.scattered,
        sample.constant,
        not sample.synthetic,
    )
    numbers |= found
    ordered = tuple(sorted(sample.genres))
    shown = set(sample_study.shown(sample))
    generated, found = sample_generation.decoded_vectors(folder, versions, shown, ordered)
    numbers |= found
    new_music: list[NewMusic] = []
    if sample.generators:
        new_music, found = sample_generation.new_music(folder, ordered)
        numbers |= found | sample_generation.scores(len(ordered) > 1)
    sign = 0 if sample.constant else 1 if sample.synthetic else -1
    coding, found, values = sample_coding(folder, models, sample.test_clips, sign)
    numbers |= found
    per_clip |= values
    tried: list[Experiment] = []
    if "classic" in sample.families:
        tried, found, values = sample_experiments(folder, sample.test_clips, sign)
        numbers |= found
        per_clip |= values
    responses, found = sample_responses.responses(folder, models, sample.versions)
    numbers |= found
    tuned = max(each.size for each in models)
    if sample.tuning is not None:
        numbers["tuning.best"] = _number(0.0154, "", "tuning.best")
    for split in ("training", "validation", "test"):
        count = sum(getattr(genre, split) for genre in data.genres)
        numbers[f"data.{split}"] = _number(count, "", "corpus")
    for what in ("clips", "faults", "duplicates", "copies"):
        numbers[f"data.{what}"] = _number(len(getattr(data, what)), "", "corpus")
    numbers["data.files"] = _number(data.files, "", "corpus")
    numbers["data.seconds_found"] = _number(data.seconds_found, "s", "corpus")
    numbers["data.coding_gain.common"] = _number(14.2, "dB", "results")
    for what, value in (("clip", 19.1), ("moment", 24.6)):
        of = f"data.coding_gain.{what}"
        per_clip[of] = value + np.random.default_rng(3).standard_normal(sample.test_clips)
        numbers[of] = _mean(per_clip[of], "dB", "results")
    np.savez(folder / "arrays/per_clip.npz", **per_clip)
    return Results(
        format=FORMAT,
        computed=datetime.date(2026, 11, 22),
        study=sample_study.study(sample),
        numbers=numbers,
        per_clip="arrays/per_clip.npz",
        methods=METHODS,
        data=data,
        models=models,
        songs=songs,
        experiments=tried,
        responses=responses,
        tuning=None if sample.tuning is None else sample_chapters.tuning(sample.tuning, tuned),
        exploration=exploration,
        generated=generated,
        new_music=new_music,
        coding=coding,
        choice=RULE.model_copy(update={"families": _chosen(sample, numbers)}),
        machine=MACHINE,
        steps=_steps(numbers),
    )


METHODS = Constants(
    window=1024, hop=256, mel_bands=80, mel_floor=1e-5, stft_windows=(240, 600, 1200),
    klt_block=256, mdct_bins=1024, kmeans_starts=20, kmeans_iterations=30, explored_clips=1000,
    folds=5, repeats=3, resamples=2000, moment_frames=8, dark=-60,
)  # fmt: skip
MACHINE = Machine(
    processor="x86-64", cores=2, python="3.11.7", system="Linux", version="0.1.0",
    libraries={"numpy": np.__version__, "torch": "2.11.0"},
)  # fmt: skip


RULE = Choice(snr=6.0, log_mel=0.5, visqol=3.0, families=[])


def _fidelity(sample: Sample) -> tuple[dict[str, Number], dict[str, Any]]:
    """Means over the test clips, and the values behind them."""
    numbers, per_clip = {}, {}
    for version, kind in sample.versions.items():
        step = version if version.startswith(OTHERS) else f"reconstruction.{version}"
        values = [sample_sound.measures(seed, *kind) for seed in range(1, sample.test_clips + 1)]
        for measure, unit in MEASURES.items():
            over = np.array([value[measure] for value in values])
            per_clip[f"{step}.{measure}"] = over
            numbers[f"{step}.{measure}"] = _mean(over[~np.isnan(over)], unit, step)
    return numbers, per_clip


def _trained(trained: Model) -> dict[str, Number]:
    name = f"training.{trained.version}"
    best = trained.epochs[trained.best_epoch - 1].validation_rmse
    return {
        f"{name}.best_validation_rmse": _number(best, "", name),
        f"{name}.best_epoch": _number(trained.best_epoch, "", name),
        f"{name}.seconds": _number(21.4 + trained.size / 4000, "s", name),
        f"{name}.parameters": _number(trained.parameters, "numbers", name),
    }


def _share(per_clip: dict[str, Any], model: str) -> Number:
    """The share of clips scored by ViSQOL that are within the rule."""
    values = {measure: per_clip[f"reconstruction.{model}.{measure}"] for measure in RULE.measures}
    met = [
        not RULE.unmet({measure: of[clip] for measure, of in values.items()})
        for clip in np.flatnonzero(~np.isnan(values["visqol"]))
    ]
    share = sum(met) / len(met)
    reach = 0.3 if len(met) > 1 else None
    return Number(
        value=share, unit="", step="results", clips=len(met),
        interval=reach and (max(0, share - reach), min(1, share + reach)),
    )  # fmt: skip


def _chosen(sample: Sample, numbers: dict[str, Number]) -> list[FamilyChoice]:
    """The smallest size of each family within the rule, or the one the sample asks for."""
    wanted, chosen = sample.choice.get("size"), []
    for family, members in sample.families.items():
        within = [
            size
            for size in members
            if not RULE.unmet(
                {
                    measure: numbers[f"reconstruction.{family}.{size}.{measure}"].value
                    for measure in RULE.measures
                }
            )
        ]
        least, overruled = min(within, default=None), wanted in members
        chosen.append(
            FamilyChoice(
                family=family,
                size=wanted if overruled else least,
                by_rule=least,
                reason=sample.choice.get("reason") if overruled else None,
            )
        )
    return chosen


def _steps(numbers: dict[str, Number]) -> list[Step]:
    """Every step that a number names."""
    return [
        Step(name=step, expected=1.6, function=f"pipeline.{step.partition('.')[0]}:run",
             code="0123456789ab", parameters={"seed": 42})
        for step in dict.fromkeys(number.step for number in numbers.values())
    ]  # fmt: skip


def _song(folder: Path, sample: Sample, index: int) -> Song:
    """The featured song (index 0) or a new one, with the sound of every version."""
    music = sample_sound.music(index)
    kinds = sample.versions | ({} if index else HEARD_CODES)
    sounds = {"original": music} | {
        name: sample_sound.version(music, *kind) for name, kind in kinds.items()
    }
    versions = []
    start = "test" if index == 0 else f"new-{index}"
    if index:
        stereo = np.repeat(music, 2)[:, None] * [[1.0, 0.7]]
        soundfile.write(folder / f"audio/{start}-excerpt.flac", stereo, 2 * RATE, subtype="PCM_16")
        versions.append(Version(version="excerpt", audio=f"audio/{start}-excerpt.flac"))
    for version, sound in sounds.items():
        audio = f"audio/{start}-{version.replace('.', '-')}.flac"
        soundfile.write(folder / audio, sound, RATE, subtype="PCM_16")
        versions.append(Version(version=version, audio=audio))
    name = sample.new_songs[index - 1] if index else sample.song
    source = SongSource(
        sampling_rate=2 * RATE,
        channels=2,
        seconds=25.5,
        start=3.2 * index,
        start_given=index == 2,
        damage=[],
        channel=None,
    )
    return Song(
        name=name,
        role="new" if index else "test",
        genre=(name if index == 1 else None) if index else sample.song_genre,
        file=f"{name}.flac" if index else f"{sample.song_genre}/{sample.song}.wav",
        seconds=SAMPLES / RATE,
        versions=versions,
        source=source if index else None,
        licence="CC BY 4.0" if index == 1 else None,
    )


def _mean(values: sample_sound.Waveform, unit: str, step: str) -> Number:
    random = np.random.default_rng(42)
    means = random.choice(values, (400, len(values))).mean(axis=1)
    low, high = (float(bound) for bound in np.quantile(means, [0.025, 0.975]))
    mean, clips = float(values.mean()), len(values)
    return Number(value=mean, unit=unit, step=step, interval=(low, high), clips=clips)


def _number(value: float, unit: str, step: str) -> Number:
    return Number(value=value, unit=unit, step=step)


HOSTILE = ("<script>alert(1)</script>", "a\"b'c", "#*_x_*@y$z$ {{ 1 }} \\n")


def hostile() -> Sample:
    """A folder whose genres and song carry what Markdown, HTML and Typst would obey."""
    return Sample(
        genres=HOSTILE,
        song="*no* _es_ $x^2$ <i>@nota #1 `a|b` {}",
        song_genre=HOSTILE[0],
        new_songs=("|_nueva_ {}* <b>[x](y) @sec-x",),
        listeners=("<script>self.hacked=1</script>", "*a* _b_ #emph[x] $y$ | `c`", "{{ 7*7 }}"),
    )


def small() -> Sample:
    """Two genres of the user's own, one size and a family of its own."""
    return Sample(
        genres=("cumbia", "tango"),
        families={"propia": {9184: CLASSIC[9184]}},
        song="tango.00020",
        song_genre="tango",
        synthetic=False,
        epochs=3,
        new_songs=(),
        tuning=None,
        scattered=False,
    )
