"""Find what a study would find in a folder of music: the corpus step without its value."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.audio.format_names import name_format
from pipeline.data.corpus import Corpus, collect_clips, printable, split_clips
from pipeline.data.splits import SPLITS
from pipeline.errors import StudyError
from pipeline.results.inspection_schema import (
    InspectedClip,
    InspectedFile,
    InspectedGenre,
    Inspection,
)
from pipeline.results.schema import Fault
from pipeline.results.sections.music import same_music


def inspect_folder(
    folder: str,
    files: Mapping[str, str],
    genres: Mapping[str, str],
    left_out: Mapping[str, str],
    validation: float,
    test: float,
    unmatched: int,
    **cuts: Any,
) -> dict[str, Any]:
    """Cut and split the clips of a folder as `pipeline.data.corpus.from_folder` does.

    Args:
        unmatched: rows of the table of genres that name no file.

    Returns:
        An `Inspection` as JSON values.

    Raises:
        StudyError: a file cannot be read or has changed, or there are too many clips.
    """
    sources = {file: (Path(folder, file), digest) for file, digest in files.items()}
    corpus, groups = collect_clips(sources, genres, left_out, **cuts)
    problem = None
    try:
        split_clips(corpus, groups, validation, test, cuts["seed"])
    except StudyError as error:
        problem = str(error)
    found = _describe_files(corpus, genres, left_out)
    return Inspection(
        folder=printable(folder),
        stretch=cuts["stretch"],
        clip_seconds=cuts["samples"] / cuts["sampling_rate"],
        clips_per_file=cuts["clips_per_file"],
        files=found,
        seconds_found=corpus.seconds,
        genres=[_describe_genre(corpus, found, name) for name in sorted(set(genres.values()))],
        clips=[
            InspectedClip(**vars(clip) | {"split": clip.split or None}) for clip in corpus.clips
        ],
        faults=[Fault(**vars(fault)) for fault in corpus.faults],
        duplicates=[same_music(corpus, rows) for rows in corpus.duplicates],
        copies=[same_music(corpus, rows) for rows in corpus.copies],
        unmatched_rows=unmatched,
        problem=problem,
    ).model_dump(mode="json")


def _describe_files(
    corpus: Corpus, genres: Mapping[str, str], left_out: Mapping[str, str]
) -> list[InspectedFile]:
    """The music files, sorted."""
    starts: dict[str, list[float]] = defaultdict(list)
    for clip in corpus.clips:
        starts[clip.file].append(clip.start)
    described = []
    for file in sorted([*genres, *left_out]):
        content, genre = corpus.formats.get(file), genres.get(file)
        described.append(
            InspectedFile(
                file=printable(file),
                genre=None if genre is None else printable(genre),
                format=content and name_format(content.container, content.codec),
                sampling_rate=content and content.rate,
                channels=content and content.channels,
                seconds=content and content.seconds,
                starts=starts[file],
            )
        )
    return described


def _describe_genre(corpus: Corpus, files: list[InspectedFile], genre: str) -> InspectedGenre:
    splits = [clip.split for clip in corpus.clips if clip.genre == genre]
    name = printable(genre)
    own = [file for file in files if file.genre == name]
    return InspectedGenre(
        name=name,
        files=len(own),
        used=sum(bool(file.starts) for file in own),
        seconds=sum(file.seconds or 0.0 for file in own),
        **{part: splits.count(part) for part in SPLITS},
    )
