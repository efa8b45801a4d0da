"""The parts of results.json on trained models: layers, latent layout, losses."""

import math
from typing import Annotated, Literal

from pydantic import Field

from report.facts import Record


class Layer(Record):
    """A convolution: channels and lengths in and out, kernel, stride and padding in samples."""

    kind: Literal["Conv1d", "ConvTranspose1d"]
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    length_in: int
    length_out: int


class Epoch(Record):
    """Losses at the end of an epoch."""

    training_rmse: float
    validation_rmse: float


class Part(Record):
    """A part of a latent vector, and how many of its numbers it takes."""

    name: str
    numbers: int


class Model(Record):
    """A trained autoencoder.

    One made of convolutions alone has `layers`, and its latent vector is a `grid` of channels and
    frames; any other has the `layout` of its latent vector, in order. `file` is the path of its
    weights without ending.
    """

    family: str
    size: int
    parameters: int
    grid: tuple[int, int] | None
    layers: list[Layer]
    layout: tuple[Part, ...] = ()
    epochs: Annotated[list[Epoch], Field(min_length=1)]
    best_epoch: Annotated[int, Field(ge=1)]
    device: str
    file: str | None = None

    @property
    def version(self) -> str:
        """The name of this model's version of a song, FAMILY.SIZE."""
        return f"{self.family}.{self.size}"

    @property
    def encoder(self) -> list[Layer]:
        """The layers from the waveform to the latent vector."""
        return [layer for layer in self.layers if layer.kind == "Conv1d"]

    @property
    def skips(self) -> bool:
        """Whether a layer of the encoder, its kernel shorter than its stride, skips values."""
        return any(layer.kernel < layer.stride for layer in self.encoder)

    @property
    def converged(self) -> bool:
        """Whether the best loss of the second half of the epochs is less than 10 % lower than
        that of the first half."""
        losses = [epoch.validation_rmse for epoch in self.epochs]
        half = (len(losses) + 1) // 2
        return min(losses[half:], default=math.inf) > 0.9 * min(losses[:half])

    @property
    def overcomplete(self) -> bool:
        """Whether a list between two layers of the encoder has more numbers than its input."""
        entry = self.encoder[0].length_in * self.encoder[0].inputs
        return any(layer.outputs * layer.length_out > entry for layer in self.encoder[:-1])

    @property
    def parts(self) -> list[Part]:
        """The kinds of parts of the latent vector, the first word of their names, in order."""
        kinds: dict[str, int] = {}
        for part in self.layout:
            kind = part.name.partition(".")[0]
            kinds[kind] = kinds.get(kind, 0) + part.numbers
        return [Part(name=kind, numbers=numbers) for kind, numbers in kinds.items()]

    @property
    def atom_sizes(self) -> list[int]:
        """The sizes of what the latent vector places: of its parts called places.SIZE."""
        names = [part.name.partition(".") for part in self.layout]
        return [int(size) for kind, _, size in names if kind == "places" and size.isdigit()]

    @property
    def hop(self) -> int:
        """Samples from one frame of the latent vector to the next."""
        return math.prod(layer.stride for layer in self.encoder)

    @property
    def window(self) -> int:
        """Samples that a number of the latent vector can see: the encoder's receptive field."""
        seen, step = 1, 1
        for layer in self.encoder:
            seen += (layer.kernel - 1) * step
            step *= layer.stride
        return seen
