"""The convolutional autoencoder: an `Architecture` as PyTorch modules."""

from torch import Tensor, nn

from pipeline.architecture.layers import Architecture, Layer


class Autoencoder(nn.Module):
    """A one-dimensional convolutional autoencoder on the waveform.

    Encoder: strided convolutions, each followed by tanh, then flattened. Decoder: the mirror
    image, with no tanh after the last layer, so that the output is not limited to (-1, 1).

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
        """Encode clips (batch, samples) to latent vectors (batch, latent) in (-1, 1)."""
        latent: Tensor = self.encoder(clips.unsqueeze(1))
        return latent.flatten(1)

    def decode(self, latents: Tensor) -> Tensor:
        """Decode latent vectors (batch, latent) to clips (batch, samples)."""
        clips: Tensor = self.decoder(latents.unflatten(1, self.architecture.grid))
        return clips.squeeze(1)

    def forward(self, clips: Tensor) -> Tensor:
        """Encode and decode clips (batch, samples)."""
        return self.decode(self.encode(clips))


def _convolution(
    kind: type[nn.Conv1d] | type[nn.ConvTranspose1d], layer: Layer
) -> nn.Conv1d | nn.ConvTranspose1d:
    return kind(layer.inputs, layer.outputs, layer.kernel, layer.stride, layer.padding)
