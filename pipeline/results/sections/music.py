"""What the results state of the music."""

from typing import Any

from pipeline.data.corpus import Corpus
from pipeline.data.splits import SPLITS
from pipeline.evaluation.coding_gain import coding_gains
from pipeline.results.folder_writer import ResultsFolder
from pipeline.slug import slug


def state(out: ResultsFolder, corpus: Corpus, synthetic: bool, seed: int) -> dict[str, Any]:
    """The corpus: genres, clips, faults and duplicates, and how uneven the test clips are, which
    can be heard."""
    counts = {"clips": len(corpus.clips)} | {part: len(corpus.rows(part)) for part in SPLITS}
    counts |= {"faults": len(corpus.faults), "duplicates": len(corpus.duplicates)}
    for name, count in counts.items():
        out.number(f"data.{name}", count, "", "corpus")
    gains = coding_gains(corpus)
    out.number("data.coding_gain.common", gains.common, "dB", "results")
    out.mean("data.coding_gain.clip", gains.clip, "dB", "results", seed)
    out.mean("data.coding_gain.moment", gains.moment, "dB", "results", seed)
    return {
        "synthetic": synthetic,
        "sampling_rate": corpus.sampling_rate,
        "samples": corpus.waveforms.shape[1],
        "genres": [
            {"name": genre}
            | {
                part: sum(corpus.clips[row].genre == genre for row in corpus.rows(part))
                for part in SPLITS
            }
            for genre in corpus.genres
        ],
        "clips": [
            {"name": clip.name, "genre": clip.genre, "file": clip.file, "split": clip.split}
            | {"audio": _sound(out, corpus, row) if clip.split == "test" else None}
            for row, clip in enumerate(corpus.clips)
        ],
        "faults": [vars(fault) for fault in corpus.faults],
        "duplicates": [
            {
                "clips": [corpus.clips[row].name for row in rows],
                "genres": sorted({corpus.clips[row].genre for row in rows}),
            }
            for rows in corpus.duplicates
        ],
    }


def _sound(out: ResultsFolder, corpus: Corpus, row: int) -> str:
    # Two clips may share a slug; their place in the corpus tells them apart.
    path = f"clips/{row}-{slug(corpus.clips[row].name)}.flac"
    return out.sound(path, corpus.waveforms[row], corpus.sampling_rate)
