"""What the results state of songs: the featured one of the test set, and new ones."""

from typing import Any

from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.evaluation.reconstruction import Decoded, Reconstruction
from pipeline.results.folder_writer import ResultsFolder


def state_featured(
    out: ResultsFolder, corpus: Corpus, row: int, versions: dict[str, Reconstruction]
) -> dict[str, Any]:
    """The test song to be heard; `versions` by the dotted name of their step's prefix."""
    clip = corpus.clips[row]
    position = corpus.rows("test").index(row)
    rate = corpus.sampling_rate
    listed = [
        {
            "version": "original",
            "audio": out.sound("featured/original.flac", corpus.waveforms[row], rate),
        }
    ]
    for version, found in versions.items():
        path = out.sound(f"featured/{version}.flac", found.songs[row], rate)
        listed.append({"version": version, "audio": path})
        values = {measure: float(each[position]) for measure, each in found.fidelity.items()}
        step = version if version.startswith("baseline.") else f"reconstruction.{version}"
        out.song(f"song.{clip.name}.{version}", values, found.visqol.get(row), step)
        if not version.startswith("baseline."):
            out.picture(f"song.{clip.name}.{version}", corpus.waveforms[row], found.songs[row])
    return {
        "name": clip.name,
        "role": "test",
        "genre": clip.genre,
        "file": clip.file,
        "seconds": corpus.waveforms.shape[1] / rate,
        "versions": listed,
        "source": None,
        "licence": None,
    }


def state_new(
    out: ResultsFolder,
    slug: str,
    settings: dict[str, Any],
    song: Song,
    decoded: Decoded,
    sampling_rate: int,
) -> dict[str, Any]:
    """A new song: where it comes from, and every version of it.

    Args:
        settings: name, genre, file and licence, as the study states them.
    """
    folder = f"new/{slug}"
    excerpt = out.sound(f"{folder}/excerpt.flac", song.excerpt, song.source_rate)
    original = out.sound(f"{folder}/original.flac", song.clip, sampling_rate)
    listed = [
        {"version": "excerpt", "audio": excerpt},
        {"version": "original", "audio": original},
    ]
    name = settings["name"] or slug
    for version, samples in decoded.waveforms.items():
        path = out.sound(f"{folder}/{version}.flac", samples, sampling_rate)
        listed.append({"version": version, "audio": path})
        out.song(
            f"song.{name}.{version}",
            decoded.fidelity[version],
            decoded.visqol.get(version),
            f"song.{slug}.decoded",
        )
        if not version.startswith("baseline."):
            out.picture(f"song.{name}.{version}", song.clip, samples)
    return {
        "name": name,
        "role": "new",
        "genre": settings["genre"],
        "file": settings["file"],
        "seconds": len(song.clip) / sampling_rate,
        "versions": listed,
        "source": {
            "sampling_rate": song.source_rate,
            "channels": song.channels,
            "seconds": song.seconds,
            "start": song.start,
            "start_given": song.start_given,
        },
        "licence": settings["licence"],
    }
