"""The schema of results.json, continued: trained models and the learning-rate search."""

import math
from typing import Annotated, Literal

from pydantic import Field

from pipeline.results.base_record import Record


class Layer(Record):
    """A convolution: channels in and out; kernel, stride, padding and lengths in samples."""

    kind: Literal["Conv1d", "ConvTranspose1d"]
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    length_in: int
    length_out: int


class Part(Record):
    """A part of a latent vector, and how many of its numbers it takes."""

    name: str
    numbers: int


class Epoch(Record):
    """RMSE at the end of an epoch, of full scale 1."""

    training_rmse: float
    validation_rmse: float


class Model(Record):
    """A trained autoencoder.

    A convolutional model has `layers` (encoder, then decoder) and a `grid` (channels, frames); an
    adaptive one has the `layout` of its latent vector, in order: "splits", "levels", then
    "places.SIZE" and "values.SIZE" for atoms of 1, 2, … 64 coefficients (see
    pipeline/architecture/adaptive_plan.py). `best_epoch` counts from 1. `file` is the path of
    its two files without their endings.
    """

    family: str
    size: int
    parameters: int
    grid: tuple[int, int] | None
    layers: list[Layer]
    layout: tuple[Part, ...] = ()
    epochs: Annotated[list[Epoch], Field(min_length=1)]
    best_epoch: Annotated[int, Field(ge=1)]
    device: Literal["cpu", "cuda"]
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
        """True if an encoder layer's kernel is shorter than its stride, so that it skips values."""
        return any(layer.kernel < layer.stride for layer in self.encoder)

    @property
    def overcomplete(self) -> bool:
        """True if a layer inside the encoder puts out more numbers than the encoder takes in."""
        entry = self.encoder[0].length_in * self.encoder[0].inputs
        return any(layer.outputs * layer.length_out > entry for layer in self.encoder[:-1])

    @property
    def parts(self) -> list[Part]:
        """The layout by the first word of its parts' names, in order."""
        kinds: dict[str, int] = {}
        for part in self.layout:
            kind = part.name.partition(".")[0]
            kinds[kind] = kinds.get(kind, 0) + part.numbers
        return [Part(name=kind, numbers=numbers) for kind, numbers in kinds.items()]

    @property
    def atom_sizes(self) -> list[int]:
        """Sizes of the atoms, from the parts called places.SIZE."""
        names = [part.name.partition(".") for part in self.layout]
        return [int(size) for kind, _, size in names if kind == "places" and size.isdigit()]

    @property
    def unreached(self) -> float:
        """Fraction of the output's samples on which no number of the latent vector has an effect.

        A transposed convolution with a kernel shorter than its stride leaves gaps, which the
        layers after it close only if their kernels reach across.
        """
        period, reached = 1, {0}
        for layer in reversed(self.encoder):
            period *= layer.stride
            reached = {
                (place * layer.stride + offset) % period
                for place in reached
                for offset in range(min(layer.kernel, period))
            }
        return 1 - len(reached) / period

    @property
    def hop(self) -> int:
        """Samples from one frame of the latent vector to the next."""
        return math.prod(layer.stride for layer in self.encoder)

    @property
    def window(self) -> int:
        """Receptive field of a number of the latent vector, in samples."""
        seen, step = 1, 1
        for layer in self.encoder:
            seen += (layer.kernel - 1) * step
            step *= layer.stride
        return seen


class Response(Record):
    """The frequency response of a convolutional model, FAMILY.SIZE.

    `array` is an .npz with `frequencies` in Hz, `transfer` (amplitude ratio) and `coherence` of
    the whole encode-decode, shape (bins,), and `tone_bands`, the power of its output to a tone in
    equal bands from 0 to half the sampling rate, divided by the tone's.
    """

    model: str
    array: str


class Experiment(Record):
    """A variant of a convolutional network after a short training.

    `against` is the variant that it differs from by one change, its own name for the base.
    `epochs` are losses over crops; the numbers experiment.NAME.MEASURE are of whole clips.
    `operations` are multiply-adds per clip, `crop` is the length of a training crop in samples.
    """

    name: str
    size: int
    group: Literal["base", "activation", "shape", "kernel", "gap", "batch", "epochs"]
    against: str
    channels: tuple[int, ...]
    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    paddings: tuple[int, ...]
    activation: Literal["tanh", "relu", "gelu", "none"]
    bounded: bool
    batch: int
    epochs: Annotated[list[Epoch], Field(min_length=1)]
    parameters: int
    operations: int
    crop: int


class Trial(Record):
    """A learning rate and its validation RMSE after each epoch: fewer if it was pruned, none if
    training diverged."""

    learning_rate: float
    validation_rmse: list[float]
    pruned: bool

    @property
    def best(self) -> float | None:
        """The lowest RMSE that the rate reached; None if training diverged at once."""
        return min(self.validation_rmse, default=None)


class Tuning(Record):
    """The learning-rate search on the model of `size`; `used` tells whether the models were
    trained with the rate that it found."""

    size: int
    epochs: int
    used: bool
    trials: Annotated[list[Trial], Field(min_length=1)]

    def nearest(self, rate: float) -> Trial:
        """The completed trial whose rate is nearest, on a logarithmic scale."""
        return min(self.whole, key=lambda trial: abs(math.log(trial.learning_rate / rate)))

    @property
    def pruned(self) -> list[Trial]:
        """The trials that were stopped early."""
        return [trial for trial in self.trials if trial.pruned]

    @property
    def whole(self) -> list[Trial]:
        """The trials that ran to their last epoch."""
        return [trial for trial in self.trials if not trial.pruned]
