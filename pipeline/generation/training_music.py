"""What generative models learn from: the training clips as log-mel spectra, with their genres."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.data.corpus import Corpus
from pipeline.generation.beats import Beats, find_beats
from pipeline.generation.levels import at_level
from pipeline.generation.spectra import GroupSpace, fit_space, log_mel, mel_scale


@dataclass(frozen=True)
class TrainingMusic:
    """Training clips.

    Attributes:
        sampling_rate: in Hz.
        samples: length of a clip.
        rows: of the clips in the corpus.
        genres: those of the clips, in alphabetical order.
        labels: index of each clip's genre, (clips,).
        spectra: log-mel spectra of the clips at `LEVEL`, (clips, frames, bands).
        level: RMS of the clips together, as they are in the corpus.
    """

    sampling_rate: int
    samples: int
    rows: list[int]
    genres: list[str]
    labels: Tensor
    spectra: Tensor
    space: GroupSpace
    beats: Beats
    level: float

    @property
    def groups(self) -> int:
        """Groups of frames that hold a whole clip."""
        return mel_scale(self.sampling_rate).groups(self.samples)

    def numbers(self, offset: int = 0) -> Tensor:
        """The clips as numbers, (clips, numbers, groups), from a frame on."""
        return self.space.encode(self.spectra, offset)


def cut_clips(corpus: Corpus, rows: list[int], samples: int) -> Tensor:
    """The beginnings of clips, at `LEVEL`: (count, samples)."""
    return at_level(corpus.floats(rows)[:, :samples])


def prepare(corpus: Corpus, max_clips: int, max_seconds: float) -> TrainingMusic:
    """Compute the spectra of the training clips and fit their principal components.

    Args:
        max_clips: how many at most, evenly spaced.
        max_seconds: how much of each at most, from its beginning.
    """
    rate, scale = corpus.sampling_rate, mel_scale(corpus.sampling_rate)
    rows = corpus.rows("training")
    rows = rows[:: -(-len(rows) // max_clips)]
    genres = sorted({corpus.clips[row].genre for row in rows})
    clips = corpus.floats(rows)[:, : round(max_seconds * rate)]
    spectra = log_mel(at_level(clips), rate)
    return TrainingMusic(
        rate,
        clips.shape[1],
        rows,
        genres,
        torch.tensor([genres.index(corpus.clips[row].genre) for row in rows]),
        spectra,
        fit_space(spectra),
        find_beats(spectra, rate / scale.hop),
        float(clips.square().mean().sqrt()),
    )
