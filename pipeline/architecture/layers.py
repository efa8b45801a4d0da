"""Layer shapes of the convolutional autoencoders, including the five classic sizes."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from math import prod

from pipeline.errors import nearest_size_hint


class ArchitectureError(ValueError):
    """Layers that do not match each other or the clip length."""


@dataclass(frozen=True)
class Layer:
    """One convolution and its input and output lengths (frames; samples at the clip end)."""

    kind: str
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    length_in: int
    length_out: int

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return self.inputs * self.outputs * self.kernel + self.outputs


@dataclass(frozen=True)
class Architecture:
    """A one-dimensional convolutional autoencoder over clips of a fixed length.

    The encoder is a chain of strided convolutions from one channel to `channels[-1]`; the
    decoder mirrors it with transposed convolutions. Every convolution must divide its input
    exactly, so that the decoder returns exactly `samples` samples without output padding
    (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning",
    relationships 6 and 14).

    Args:
        samples: length of a clip.
        channels: output channels of each encoder layer.
        kernels, strides, paddings: of each encoder layer, in frames of its input.

    Raises:
        ArchitectureError: the lists differ in length, a value is out of range, or `samples`
            does not fit (the message then gives the nearest lengths that do).
    """

    samples: int
    channels: tuple[int, ...]
    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    paddings: tuple[int, ...]

    def __post_init__(self) -> None:
        lists = (self.channels, self.kernels, self.strides, self.paddings)
        counts = [len(values) for values in lists]
        if len(set(counts)) > 1 or not counts[0]:
            raise ArchitectureError(
                "channels, kernels, strides and paddings need one value per layer; "
                f"they have {', '.join(map(str, counts))}"
            )
        for name, values, least in zip(
            ("channels", "kernels", "strides", "paddings"), lists, (1, 1, 1, 0), strict=True
        ):
            if min(values) < least:
                raise ArchitectureError(f"{name} must be at least {least}, found {min(values)}")
        for kernel, padding in zip(self.kernels, self.paddings, strict=True):
            if kernel <= padding:
                raise ArchitectureError(
                    f"a kernel of {kernel} with padding {padding} would read only padding"
                )
        lengths = self._lengths(self.frames)
        if lengths[-1] != self.samples or min(lengths) < 1:
            # Lengths grow with the number of frames, so bisect.
            frames = range(max(self.frames, 1), 1 << 40)
            below = frames[bisect_left(frames, 1, key=lambda many: min(self._lengths(many)))]
            raise ArchitectureError(
                f"a clip of {self.samples} samples does not fit these layers; the nearest "
                f"lengths that do are {self._lengths(below)[-1]} and "
                f"{self._lengths(below + 1)[-1]} (one every {prod(self.strides)} samples)"
            )

    def _lengths(self, frames: int) -> list[int]:
        """Length after each decoder layer, from `frames` to the output samples."""
        lengths = [frames]
        for kernel, stride, padding in zip(
            self.kernels[::-1], self.strides[::-1], self.paddings[::-1], strict=True
        ):
            lengths.append((lengths[-1] - 1) * stride + kernel - 2 * padding)
        return lengths

    @cached_property
    def frames(self) -> int:
        """Time steps of the latent."""
        length = self.samples
        for kernel, stride, padding in zip(self.kernels, self.strides, self.paddings, strict=True):
            length = (length + 2 * padding - kernel) // stride + 1
        return length

    @property
    def grid(self) -> tuple[int, int]:
        """Shape of the latent before flattening: (channels, frames)."""
        return self.channels[-1], self.frames

    @property
    def latent(self) -> int:
        """Length of the latent vector."""
        return prod(self.grid)

    @property
    def encoder(self) -> list[Layer]:
        """Encoder layers, from clip to latent."""
        layers, inputs, length = [], 1, self.samples
        for outputs, kernel, stride, padding in zip(
            self.channels, self.kernels, self.strides, self.paddings, strict=True
        ):
            shorter = (length + 2 * padding - kernel) // stride + 1
            layers.append(
                Layer("Conv1d", inputs, outputs, kernel, stride, padding, length, shorter)
            )
            inputs, length = outputs, shorter
        return layers

    @property
    def decoder(self) -> list[Layer]:
        """Decoder layers, from latent to clip: the encoder mirrored."""
        return [
            Layer(
                "ConvTranspose1d",
                layer.outputs,
                layer.inputs,
                layer.kernel,
                layer.stride,
                layer.padding,
                layer.length_out,
                layer.length_in,
            )
            for layer in reversed(self.encoder)
        ]

    @property
    def parameters(self) -> int:
        """Number of weights and biases of encoder and decoder."""
        return sum(layer.parameters for layer in self.encoder + self.decoder)

    @property
    def operations(self) -> int:
        """Multiply-adds to encode and decode one clip."""
        return sum(
            layer.inputs * layer.outputs * layer.kernel * min(layer.length_in, layer.length_out)
            for layer in self.encoder + self.decoder
        )


CLASSIC_SAMPLES = 110_250
"""Clip length of the classic models: five seconds at 22 050 Hz."""

CLASSIC: dict[int, dict[str, tuple[int, ...]]] = {
    55112: {"channels": (4, 6, 8), "kernels": (10, 5, 3), "strides": (4, 2, 2)},
    32151: {"channels": (3, 6, 7), "kernels": (6, 4, 3), "strides": (4, 3, 2)},
    24496: {"channels": (4, 6, 8), "kernels": (12, 5, 2), "strides": (6, 3, 2)},
    18376: {
        "channels": (10, 6, 8),
        "kernels": (20, 5, 1),
        "strides": (12, 2, 2),
        "paddings": (1, 1, 0),
    },
    9184: {"channels": (4, 4, 4), "kernels": (6, 4, 4), "strides": (4, 6, 2)},
}
"""The five classic models by latent size; paddings default to 0."""


def classic(latent: int) -> Architecture:
    """The classic architecture with a given latent size, for clips of 110 250 samples.

    Raises:
        ArchitectureError: `latent` is not a classic size.
    """
    if latent not in CLASSIC:
        sizes = ", ".join(map(str, CLASSIC))
        raise ArchitectureError(
            f"{latent} is not one of the study's sizes ({sizes})"
            f"{nearest_size_hint(latent, CLASSIC)}"
        )
    layers = {"paddings": (0, 0, 0)} | CLASSIC[latent]
    architecture = Architecture(CLASSIC_SAMPLES, **layers)
    if architecture.latent != latent:
        raise ArchitectureError(
            f"the layers of size {latent} give a latent of {architecture.latent}"
        )
    return architecture
