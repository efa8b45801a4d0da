"""A concatenative walk through the training clips of a genre: cut-up, not new sound.

The walk plays one beat of a clip after another, and often goes on in another clip, at a moment
that sounds like the one it comes from (Schwarz, "Concatenative sound synthesis: the early years",
2006, surveys such methods).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from torch import Tensor

from pipeline.generation.spectra import mel_scale
from pipeline.generation.training_music import TrainingMusic

JUMP = 0.6
"""Probability of going on in another clip after a beat."""

CONTEXT, COEFFICIENTS = 8, 16
"""Frames that must sound alike where the walk jumps, and their cepstral coefficients compared."""

CHOICES = 1.5
"""How far down the list of clips a jump looks on average."""

FADE_HOPS = 2
"""Crossfade, in hops of the spectra."""

ALIGNMENT, ALIGNMENT_STEP = 400, 8
"""Greatest shift of a piece that makes it join better, in samples, and its step."""


class Walk:
    """A walk through clips.

    Args:
        music: the training music.
        clips: its clips at `LEVEL`, (clips, samples).
    """

    def __init__(self, music: TrainingMusic, clips: Tensor) -> None:
        self.hop = mel_scale(music.sampling_rate).hop
        self.clips = clips.numpy()
        self.labels = music.labels.numpy()
        centred = (music.spectra - music.spectra.mean(dim=(0, 1))).numpy()
        cepstra = dct(centred, axis=2, norm="ortho")[:, :, :COEFFICIENTS]
        windows = np.lib.stride_tricks.sliding_window_view(cepstra, CONTEXT, axis=1)
        self.contexts = windows.reshape(*windows.shape[:2], -1)
        """The frames from each one on, (clips, frames - CONTEXT + 1, numbers)."""
        longest = music.spectra.shape[1] // 3
        self.beats = music.beats.period.round().long().clamp(min=1, max=longest).numpy()

    def sample(self, genre: int, samples: int, random: torch.Generator) -> Tensor:
        """A walk of this many samples through a genre's clips, (samples,)."""
        rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=random)))
        members = np.flatnonzero(self.labels == genre)
        clip = int(rng.choice(members))
        beat = int(self.beats[clip])
        frame = int(rng.integers(CONTEXT, max(CONTEXT + 1, self._last(beat))))
        fade = FADE_HOPS * self.hop
        ramp = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
        found = self._piece(clip, frame, beat)
        while len(found) < samples:
            frame += beat
            if frame > self._last(beat) or rng.random() < JUMP:
                clip, frame = self._jump(members, clip, frame, beat, rng)
            piece = self._piece(clip, frame, beat, found[-fade:])
            joined = found[-fade:] * (1 - ramp) + piece[:fade] * ramp
            found = np.concatenate([found[:-fade], joined, piece[fade:]])
        return torch.from_numpy(found[:samples].astype(np.float32))

    def _last(self, beat: int) -> int:
        """The last frame from which a beat can be played."""
        return self.clips.shape[1] // self.hop - beat - FADE_HOPS - 1

    def _jump(
        self, members: NDArray[np.intp], clip: int, frame: int, beat: int, rng: np.random.Generator
    ) -> tuple[int, int]:
        """A clip and frame that are preceded by what precedes a frame of `clip`."""
        before = min(frame, self.contexts.shape[1]) - CONTEXT
        query = self.contexts[clip, max(before, 0)]
        others = members[members != clip] if len(members) > 1 else members
        starts = max(1, self._last(beat) - CONTEXT)
        gaps = np.linalg.norm(self.contexts[others, :starts] - query, axis=2)
        nearest = np.argsort(gaps.min(axis=1), kind="stable")
        chosen = nearest[min(int(rng.exponential(CHOICES)), len(nearest) - 1)]
        return int(others[chosen]), int(gaps[chosen].argmin()) + CONTEXT

    def _piece(
        self, clip: int, frame: int, beat: int, tail: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """A beat of a clip and a crossfade more, shifted so that it begins most like `tail`."""
        sound, length = self.clips[clip], (beat + FADE_HOPS) * self.hop
        start = min(frame * self.hop, len(sound) - length)
        if tail is None:
            return sound[start : start + length]
        shifts = range(-ALIGNMENT, ALIGNMENT + 1, ALIGNMENT_STEP)
        starts = [s for k in shifts if 0 <= (s := start + k) <= len(sound) - length]
        windows = np.stack([sound[s : s + len(tail)] for s in starts])
        likeness = windows @ tail / (np.linalg.norm(windows, axis=1) + 1e-6)
        start = starts[int(likeness.argmax())]
        return sound[start : start + length]
