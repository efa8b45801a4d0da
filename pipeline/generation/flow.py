"""Flow matching that starts from each genre's Gaussian process: the study's generator.

A network learns the velocity that carries a draw of the process to a training clip along a
straight line (Lipman et al., "Flow matching for generative modeling", 2023), draws and clips being
paired within a batch so that the lines cross less (Tong et al., "Improving and generalizing
flow-based generative models with minibatch optimal transport", 2024). To its output is added the
velocity that is right for Gaussian draws and clips of the same covariance: an untrained network
leaves a draw as it is, and what is learned is what makes music other than a Gaussian process.

Every clip has a beat, whose phase conditions the network. The draw has that beat already: added to
it is what a linear regression on the phase predicts of the genre's clips.
"""

import hashlib
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pipeline.generation.beats import Beats
from pipeline.generation.flow_network import FlowNetwork
from pipeline.generation.gaussian_process import GaussianProcess
from pipeline.generation.spectra import GROUP

HEUN_STEPS = 8
"""Steps from the draw to the clip; each takes two evaluations of the network."""

EMPHASIS, MIN_STRENGTH = 2.0, 0.3
"""The beat of a new clip is this many times as strong as that of the training clip it is taken
from, and at least so strong before: phases of real clips are estimated, and what a regression on
inexact numbers predicts is too weak."""


@dataclass(frozen=True)
class Flow:
    """A trained flow.

    Attributes:
        network: the velocity.
        process: where it starts.
        beats, labels: of the training clips, and their genres, (clips,).
        gain, shift: by which the numbers of a genre are corrected, (genres, numbers).
    """

    network: FlowNetwork
    process: GaussianProcess
    beats: Beats
    labels: Tensor
    gain: Tensor
    shift: Tensor

    @torch.no_grad()
    def sample(self, genres: list[int], groups: int, random: list[torch.Generator]) -> Tensor:
        """Draw clips, (count, numbers, groups), one of each of some genres.

        Args:
            random: of each clip; see `clip_random`.
        """
        drawn = [
            (self.beat(genre, generator), self.process.sample(genre, groups, generator))
            for genre, generator in zip(genres, random, strict=True)
        ]
        beats = torch.cat([beat.at(_times(groups)) for beat, _ in drawn])
        start = torch.cat([draw for _, draw in drawn])
        return self._corrected(self.transport(start, genres, beats), genres)

    @torch.no_grad()
    def sample_loop(self, genre: int, groups: int, beats: int, random: torch.Generator) -> Tensor:
        """As `sample`, one clip of `beats` beats whose end joins its beginning."""
        beat = replace(self.beat(genre, random), period=torch.tensor([GROUP * groups / beats]))
        start = self.process.sample(genre, groups, random)
        found = self.transport(start, [genre], beat.at(_times(groups)), loop=True)
        return self._corrected(found, [genre])

    def beat(self, genre: int, random: torch.Generator) -> Beats:
        """The beat of one of the genre's training clips, at a random phase."""
        rows = torch.nonzero(self.labels == genre)[:, 0]
        found = self.beats.chosen(rows[torch.randint(len(rows), (1,), generator=random)])
        phase = 2 * torch.pi * torch.rand(1, generator=random)
        return Beats(found.period, phase, EMPHASIS * found.strength.clamp(min=MIN_STRENGTH))

    def transport(
        self, start: Tensor, genres: list[int], beats: Tensor, loop: bool = False
    ) -> Tensor:
        """Carry draws (count, numbers, groups) along the flow, by Heun's method.

        Args:
            beats: `Beats.at` the groups' middles.
        """
        labels, step = torch.tensor(genres), 1 / HEUN_STEPS
        state = start + self.network.response_to(labels, beats)

        def velocity(state: Tensor, time: float) -> Tensor:
            found: Tensor = self.network(
                state, torch.full((len(state),), time), labels, beats, loop
            )
            return found

        for number in range(HEUN_STEPS):
            first = velocity(state, number * step)
            second = velocity(state + step * first, (number + 1) * step)
            state = state + step * (first + second) / 2
        return state

    def _corrected(self, numbers: Tensor, genres: list[int]) -> Tensor:
        return numbers * self.gain[genres][:, :, None] + self.shift[genres][:, :, None]


def clip_random(seed: int, genre: str) -> torch.Generator:
    """The random numbers of a clip, which its seed and genre alone decide."""
    digest = hashlib.sha256(f"{seed}/{genre}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") % 2**63)


def _times(groups: int) -> Tensor:
    """The middle of each group, in frames: (1, groups)."""
    return (GROUP * torch.arange(groups) + (GROUP - 1) / 2)[None]
