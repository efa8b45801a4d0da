"""The network itself: an `Architecture` as PyTorch modules."""

import torch
from torch import Tensor, nn

from pipeline.adaptive.model import AdaptiveAutoencoder
from pipeline.adaptive.plan import AdaptivePlan
from pipeline.architecture import Architecture, Layer
from pipeline.study import Plan


class Autoencoder(nn.Module):
    """A one-dimensional convolutional autoencoder on the waveform.

    Encoder: strided convolutions, a hyperbolic tangent after each, flattened. Decoder: the
    mirror image, tangents between its layers and none after the last, so that the output is
    not confined to (-1, 1).

    Shape:
        clips: (batch, samples), latents: (batch, latent), both float32.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        encoder: list[nn.Module] = []
        for layer in architecture.encoder:
            encoder += [_convolution(nn.Conv1d, layer), nn.Tanh()]
        decoder: list[nn.Module] = []
        for layer in architecture.decoder:
            decoder += [_convolution(nn.ConvTranspose1d, layer), nn.Tanh()]
        self.encoder = nn.Sequential(*encoder)
        self.decoder = nn.Sequential(*decoder[:-1])

    def encode(self, clips: Tensor) -> Tensor:
        """Clips (batch, samples) to latent vectors (batch, latent), each number in (-1, 1)."""
        latent: Tensor = self.encoder(clips.unsqueeze(1))
        return latent.flatten(1)

    def decode(self, latents: Tensor) -> Tensor:
        """Latent vectors (batch, latent) to clips (batch, samples)."""
        clips: Tensor = self.decoder(latents.unflatten(1, self.architecture.grid))
        return clips.squeeze(1)

    def forward(self, clips: Tensor) -> Tensor:
        """Clips (batch, samples), encoded and decoded."""
        return self.decode(self.encode(clips))


Model = Autoencoder | AdaptiveAutoencoder
"""What encodes and decodes, of any family."""


def _convolution(
    kind: type[nn.Conv1d] | type[nn.ConvTranspose1d], layer: Layer
) -> nn.Conv1d | nn.ConvTranspose1d:
    return kind(layer.inputs, layer.outputs, layer.kernel, layer.stride, layer.padding)


def device() -> torch.device:
    """Where networks run: CUDA if there is a device, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def restore(architecture: Plan, weights: dict[str, Tensor]) -> Model:
    """A trained autoencoder from its weights, on `device()`, ready to encode and decode."""
    if isinstance(architecture, AdaptivePlan):
        model: Model = AdaptiveAutoencoder(architecture)
    else:
        model = Autoencoder(architecture)
    model.load_state_dict(weights)
    return model.to(device()).eval().requires_grad_(False)
