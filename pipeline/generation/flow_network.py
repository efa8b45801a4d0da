"""The network of the flow: a velocity for every moment between a draw and a clip."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.generation.beats import CHANNELS

WIDTH, EMBEDDING = 96, 96
DILATIONS = (1, 2, 4, 8, 16, 1, 2, 4)

TIME_WAVES, FASTEST_WAVE = 16, 2.6
"""Sinusoids of time, and the decimal logarithm of the fastest one's rate relative to the
slowest's."""


class FlowNetwork(nn.Module):
    """Velocity of numbers (count, numbers, groups) at a time from 0 (draw) to 1 (clip).

    Args:
        mean: of each genre's clips, (genres, numbers).
        response: of each genre's clips to their beat, (genres, CHANNELS, numbers).
    """

    mean: Tensor
    response: Tensor

    def __init__(self, mean: Tensor, response: Tensor) -> None:
        super().__init__()
        genres, numbers = mean.shape
        self.register_buffer("mean", mean)
        self.register_buffer("response", response)
        self.genre = nn.Embedding(genres, EMBEDDING)
        self.time = nn.Sequential(
            nn.Linear(2 * TIME_WAVES, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING)
        )
        self.enter = nn.Conv1d(numbers + CHANNELS, WIDTH, 3)
        self.blocks = nn.ModuleList(_Block(dilation) for dilation in DILATIONS)
        self.leave = nn.Conv1d(WIDTH, numbers, 3)
        _zero(self.leave)

    def response_to(self, genre: Tensor, beat: Tensor) -> Tensor:
        """How clips of genres (count,) follow a beat (count, CHANNELS, groups)."""
        return self.response[genre].mT @ beat

    def forward(
        self, x: Tensor, time: Tensor, genre: Tensor, beat: Tensor, loop: bool = False
    ) -> Tensor:
        """Velocities, in the shape of `x`.

        Args:
            time, genre: of each, (count,).
            beat: `Beats.at` the groups' middles, (count, CHANNELS, groups).
            loop: the end of each joins its beginning.
        """
        waves = 2 * time[:, None] * torch.logspace(0, FASTEST_WAVE, TIME_WAVES)
        condition = self.time(torch.cat([waves.sin(), waves.cos()], dim=1)) + self.genre(genre)
        condition = functional.silu(condition)
        hidden = self.enter(_extend(torch.cat([x, beat], dim=1), 1, loop))
        for block in self.blocks:
            hidden = block(hidden, condition, loop)
        learned: Tensor = self.leave(_extend(hidden, 1, loop))
        centre = self.mean[genre][:, :, None] + self.response_to(genre, beat)
        gaussian = (2 * time - 1) / ((1 - time) ** 2 + time**2)
        return gaussian[:, None, None] * (x - centre) + learned


class _Block(nn.Module):
    """A dilated convolution and a pointwise one beside an identity, scaled and shifted by a
    condition (Perez et al., "FiLM: visual reasoning with a general conditioning layer", 2018)."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.GroupNorm(1, WIDTH)
        self.wide = nn.Conv1d(WIDTH, WIDTH, 3, dilation=dilation)
        self.narrow = nn.Conv1d(WIDTH, WIDTH, 1)
        self.film = nn.Linear(EMBEDDING, 2 * WIDTH)
        _zero(self.narrow)

    def forward(self, x: Tensor, condition: Tensor, loop: bool) -> Tensor:
        gain, shift = self.film(condition)[:, :, None].chunk(2, dim=1)
        hidden = functional.silu(self.norm(x) * (1 + gain) + shift)
        hidden = functional.silu(self.wide(_extend(hidden, self.dilation, loop)))
        narrowed: Tensor = self.narrow(hidden)
        return x + narrowed


def _zero(layer: nn.Module) -> None:
    """Make a layer put out zeros until it is trained."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def _extend(x: Tensor, margin: int, loop: bool) -> Tensor:
    """Groups before and after: zeros, or those of the other end."""
    if not loop:
        return functional.pad(x, (margin, margin))
    groups = x.shape[2]
    return x[:, :, torch.arange(-margin, groups + margin) % groups]
