"""The music: genres, clips, faults and repeated music, and the coding gain of the test clips."""

import numpy as np
from numpy.typing import NDArray

from pipeline.data.corpus import Corpus
from pipeline.data.splits import SPLITS
from pipeline.evaluation.coding_gain import coding_gains
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import Clip, Data, Duplicate, Fault, Genre
from pipeline.slug import slug

EXCERPT_SECONDS = 1.8
MAX_HEARD = 240
"""Test clips and excerpts, shared out evenly between the genres."""
MIN_HEARD = 3
"""Per genre, however many genres there are."""


def describe_music(out: ResultsFolder, corpus: Corpus, synthetic: bool, seed: int) -> Data:
    """The corpus; test clips are written as sounds, and excerpts of some others."""
    counts = {"clips": len(corpus.clips)} | {part: len(corpus.rows(part)) for part in SPLITS}
    counts |= {"files": corpus.files, "faults": len(corpus.faults)}
    counts |= {"duplicates": len(corpus.duplicates), "copies": len(corpus.copies)}
    for name, count in counts.items():
        out.number(f"data.{name}", count, "", "corpus")
    out.number("data.seconds_found", corpus.seconds, "s", "corpus")
    excerpts = excerpt_rows(corpus)
    gains = coding_gains(corpus)
    out.number("data.coding_gain.common", gains.common, "dB", "results")
    out.mean("data.coding_gain.clip", gains.clip, "dB", "results", seed)
    out.mean("data.coding_gain.moment", gains.moment, "dB", "results", seed)
    return Data(
        synthetic=synthetic,
        sampling_rate=corpus.sampling_rate,
        samples=corpus.waveforms.shape[1],
        files=corpus.files,
        seconds_found=corpus.seconds,
        genres=[_genre(corpus, name) for name in corpus.genres],
        clips=[
            Clip(
                name=clip.name,
                genre=clip.genre,
                file=clip.file,
                split=clip.split,
                audio=_sound(out, corpus, row) if clip.split == "test" else None,
                excerpt=_excerpt(out, corpus, row) if row in excerpts else None,
            )
            for row, clip in enumerate(corpus.clips)
        ],
        faults=[Fault(**vars(fault)) for fault in corpus.faults],
        duplicates=[same_music(corpus, rows) for rows in corpus.duplicates],
        copies=[same_music(corpus, rows) for rows in corpus.copies],
    )


def same_music(corpus: Corpus, rows: list[int]) -> Duplicate:
    """The clips of a corpus in these rows, which are the same music."""
    clips = [corpus.clips[row] for row in rows]
    return Duplicate(
        clips=[clip.name for clip in clips], genres=sorted({clip.genre for clip in clips})
    )


def excerpt_rows(corpus: Corpus) -> set[int]:
    """Rows of the clips outside the test set of which an excerpt is stored.

    They are spread evenly over the other clips of each genre, as many as a genre's share of
    `MAX_HEARD` exceeds its test clips.
    """
    share = max(MIN_HEARD, MAX_HEARD // len(corpus.genres))
    chosen: set[int] = set()
    for genre in corpus.genres:
        rows = [row for row, clip in enumerate(corpus.clips) if clip.genre == genre]
        others = [row for row in rows if corpus.clips[row].split != "test"]
        count = min(len(others), max(0, share - (len(rows) - len(others))))
        chosen |= {others[index * len(others) // count] for index in range(count)}
    return chosen


def loudest_moment(samples: NDArray[np.int16], length: int) -> NDArray[np.int16]:
    """The `length` consecutive samples of the most energy; all samples if there are fewer."""
    energy = np.concatenate([[0.0], np.square(samples, dtype=np.float64).cumsum()])
    start = int(np.argmax(energy[length:] - energy[:-length])) if length < len(samples) else 0
    return samples[start : start + length]


def _genre(corpus: Corpus, name: str) -> Genre:
    splits = [clip.split for clip in corpus.clips if clip.genre == name]
    return Genre(name=name, **{part: splits.count(part) for part in SPLITS})


def _sound(out: ResultsFolder, corpus: Corpus, row: int) -> str:
    # Two clips may share a slug; their row keeps the files apart.
    path = f"clips/{row}-{slug(corpus.clips[row].name)}.flac"
    return out.sound(path, corpus.waveforms[row], corpus.sampling_rate)


def _excerpt(out: ResultsFolder, corpus: Corpus, row: int) -> str:
    length = round(EXCERPT_SECONDS * corpus.sampling_rate)
    path = f"excerpts/{row}-{slug(corpus.clips[row].name)}.flac"
    return out.sound(path, loudest_moment(corpus.waveforms[row], length), corpus.sampling_rate)
