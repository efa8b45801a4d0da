"""Songs with all their versions: the featured one of the test set, and new ones."""

from typing import Any

from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.evaluation.rate_comparison import CodedRate
from pipeline.evaluation.reconstruction import DecodedSong, Reconstruction
from pipeline.results import schema
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import SongSource, Version

OTHERS = ("baseline.", "untrained.")
"""Beginnings of versions that are not of trained models."""


def featured_song(
    out: ResultsFolder,
    corpus: Corpus,
    row: int,
    reconstructions: dict[str, Reconstruction],
    coded: dict[str, CodedRate],
) -> schema.Song:
    """The test song to listen to; `reconstructions` by "FAMILY.SIZE",
    "untrained.FAMILY.SIZE" or "baseline.METHOD.SIZE", `coded` by "coding.CODEC.RATE"."""
    clip = corpus.clips[row]
    position = corpus.rows("test").index(row)
    rate = corpus.sampling_rate
    original = out.sound("featured/original.flac", corpus.waveforms[row], rate)
    versions = [Version(version="original", audio=original)]
    for version, found in reconstructions.items():
        path = out.sound(f"featured/{version}.flac", found.songs[row], rate)
        versions.append(Version(version=version, audio=path))
        values = {measure: float(each[position]) for measure, each in found.fidelity.items()}
        step = version if version.startswith(OTHERS) else f"reconstruction.{version}"
        out.song(f"song.{clip.name}.{version}", values, found.visqol.get(row), step)
        if not version.startswith(OTHERS):
            out.spectrogram_change(
                f"song.{clip.name}.{version}", corpus.waveforms[row], found.songs[row]
            )
    for version, rate_found in coded.items():
        path = out.sound(f"featured/{version}.flac", rate_found.song, rate)
        versions.append(Version(version=version, audio=path))
        values = {
            "snr": float(rate_found.snr[position]),
            "log_mel": float(rate_found.log_mel[position]),
        }
        step = version.rpartition(".")[0]
        out.song(f"song.{clip.name}.{version}", values, rate_found.visqol.get(row), step)
    return schema.Song(
        name=clip.name,
        role="test",
        genre=clip.genre,
        file=clip.file,
        seconds=corpus.waveforms.shape[1] / rate,
        versions=versions,
        source=None,
    )


def new_song(
    out: ResultsFolder,
    slug: str,
    settings: dict[str, Any],
    song: Song,
    decoded: DecodedSong,
    own_rate: dict[str, float],
    sampling_rate: int,
) -> schema.Song:
    """A new song: its source, and every version of it.

    Args:
        settings: name, genre, file and licence, as in [[new_songs]].
        own_rate: its SNR in dB at its own rate, by "FAMILY.SIZE".
    """
    folder = f"new/{slug}"
    excerpt = out.sound(f"{folder}/excerpt.flac", song.excerpt, song.source_rate)
    original = out.sound(f"{folder}/original.flac", song.clip, sampling_rate)
    versions = [
        Version(version="excerpt", audio=excerpt),
        Version(version="original", audio=original),
    ]
    name = settings["name"] or slug
    for version, samples in decoded.waveforms.items():
        path = out.sound(f"{folder}/{version}.flac", samples, sampling_rate)
        versions.append(Version(version=version, audio=path))
        prefix, step = f"song.{name}.{version}", f"song.{slug}.decoded"
        out.song(prefix, decoded.fidelity[version], decoded.visqol.get(version), step)
        if not version.startswith(OTHERS):
            out.spectrogram_change(prefix, song.clip, samples)
    for model, snr in own_rate.items():
        out.number(f"song.{name}.own_rate.{model}.snr", snr, "dB", f"own_rate.{model}")
    return schema.Song(
        name=name,
        role="new",
        genre=settings["genre"],
        file=settings["file"],
        seconds=len(song.clip) / sampling_rate,
        versions=versions,
        source=SongSource(
            sampling_rate=song.source_rate,
            channels=song.channels,
            seconds=song.seconds,
            start=song.start,
            start_given=song.start_given,
            damage=song.damage,
            channel=song.channel,
        ),
        licence=settings["licence"],
    )
