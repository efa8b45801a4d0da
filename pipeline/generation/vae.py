"""A small variational autoencoder of whole clips, given the genre (Kingma and Welling, 2014).

Sohn, Lee and Yan ("Learning structured output representation using deep conditional generative
models", 2015) condition one; Rybkin, Daniilidis and Levine ("Simple and effective VAE training
with calibrated decoders", 2021) derive the loss used here, in which no weight is to be chosen.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.engine.checkpoint import Checkpoint
from pipeline.generation.network_training import batch_random, fit, seeded
from pipeline.generation.spectra import GROUP
from pipeline.generation.training_music import TrainingMusic

LATENT, WIDTH, EMBEDDING = 48, 96, 16
LEARNING_RATE = 2e-3
BATCH = 32
STRIDE = 3


class VariationalAutoencoder(nn.Module):
    """Clips as numbers (count, numbers, groups), to LATENT latent numbers and back."""

    def __init__(self, genres: int, numbers: int, groups: int) -> None:
        super().__init__()
        self.lengths = [-(-groups // STRIDE**2), -(-groups // STRIDE), groups]
        self.genre = nn.Embedding(genres, EMBEDDING)
        self.down = nn.Sequential(
            nn.Conv1d(numbers, WIDTH, 5, STRIDE, 2),
            nn.SiLU(),
            nn.Conv1d(WIDTH, WIDTH, 5, STRIDE, 2),
            nn.SiLU(),
            nn.Flatten(),
        )
        flat = WIDTH * self.lengths[0]
        self.moments = nn.Linear(flat + EMBEDDING, 2 * LATENT)
        self.spread = nn.Linear(LATENT + EMBEDDING, flat)
        self.up = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 5, padding=2) for _ in range(2))
        self.leave = nn.Conv1d(WIDTH, numbers, 3, padding=1)

    def encode(self, x: Tensor, genre: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of each clip's latent numbers, (count, LATENT) both."""
        flat = torch.cat([self.down(x), self.genre(genre)], dim=1)
        mean, log_variance = self.moments(flat).chunk(2, dim=1)
        return mean, log_variance.clamp(-8, 4)

    def decode(self, latent: Tensor, genre: Tensor) -> Tensor:
        """Clips (count, numbers, groups) of latent numbers (count, LATENT)."""
        hidden = self.spread(torch.cat([latent, self.genre(genre)], dim=1))
        hidden = hidden.unflatten(1, (WIDTH, self.lengths[0]))
        for layer, length in zip(self.up, self.lengths[1:], strict=True):
            hidden = functional.interpolate(functional.silu(hidden), length, mode="nearest")
            hidden = layer(hidden)
        found: Tensor = self.leave(functional.silu(hidden))
        return found

    @torch.no_grad()
    def sample(self, genres: list[int], random: list[torch.Generator]) -> Tensor:
        """Decode latent numbers drawn from the prior, one clip of each of some genres."""
        latent = torch.stack([torch.randn(LATENT, generator=each) for each in random])
        return self.decode(latent, torch.tensor(genres))


def train_vae(
    music: TrainingMusic, batches: int, seed: int, checkpoint: Checkpoint | None = None
) -> VariationalAutoencoder:
    """Train on the training clips; the same seed gives the same weights.

    The loss is the negative evidence lower bound with a Gaussian likelihood, whose one variance is
    the best for each batch. Errors are weighted as in the log-mel spectrum.
    """
    numbers = [music.numbers(offset) for offset in range(GROUP)]
    groups, length = music.groups, numbers[-1].shape[2]
    weight = music.space.deviation[:, None]
    network = seeded(seed, lambda: VariationalAutoencoder(len(music.genres), len(weight), groups))

    def loss(network: VariationalAutoencoder, batch: int) -> Tensor:
        random = batch_random(seed, batch)
        rows = torch.randint(len(music.labels), (BATCH,), generator=random)
        offset = int(torch.randint(GROUP, (1,), generator=random))
        target, genre = numbers[offset][rows, :, :length], music.labels[rows]
        padded = functional.pad(target, (0, groups - length), mode="replicate")
        mean, log_variance = network.encode(padded, genre)
        noise = torch.randn(mean.shape, generator=random)
        decoded = network.decode(mean + noise * (log_variance / 2).exp(), genre)
        error = ((decoded[:, :, :length] - target) * weight).square().mean()
        rate = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(dim=1).mean()
        return 0.5 * error.log() + rate / target[0].numel()

    return fit(network, LEARNING_RATE, batches, loss, checkpoint).requires_grad_(False)
