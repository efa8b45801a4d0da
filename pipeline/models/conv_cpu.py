"""The autoencoder's loss and gradients by matrix products, several times faster on a processor.

With few channels, a convolution library spends its time on padding and rearranging. Here the
values between two layers, (time, channels) in memory, are only looked at in rows. With stride s
and g outputs a row, a strided convolution maps rows of s · g inputs, and the k − s inputs by
which its kernel hangs over into the next row, to rows of g outputs: a matrix, banded by the
kernel's shifts, times all rows of all clips at once. A transposed convolution is the same matrix
turned round, and so are the gradients of both. No value is copied or rearranged on the way.

Clips stand one after another, each in its `period` of frames. Exact arithmetic
(`architecture.layers`) makes sure that no frame that counts reads beyond its own clip; frames
that do not count are set to zero wherever one that counts would read them.
"""

from collections.abc import Iterator
from math import prod

import torch
from torch import Tensor, nn

from pipeline.architecture.layers import Architecture, Layer
from pipeline.models.convolutional import Autoencoder

WIDTH = 16
"""Columns of a matrix that are enough to use the processor's vectors well."""

FRAMES_ALIGNMENT = 8
"""Frames of the latent that may share a row: clips begin at multiples of it."""


class Band:
    """A convolution as a banded matrix between its wide side (longer) and its narrow one.

    Args:
        layer: of the encoder, so that its input is the wide side.
        most: the outputs of a row must divide this.
    """

    def __init__(self, layer: Layer, most: int, dtype: torch.dtype) -> None:
        groups = [group for group in range(1, most + 1) if most % group == 0]
        group = next((g for g in groups if g * layer.outputs >= WIDTH), most)
        self.group, self.narrow = group, group * layer.outputs
        self.wide = layer.stride * group * layer.inputs
        # What a row of outputs reads: this row of inputs and, with the overhang, some ahead.
        reach = max((layer.stride * (group - 1) + layer.kernel) * layer.inputs, self.wide)
        self.matrix = torch.zeros(reach, self.narrow, dtype=dtype)
        self.ahead = (reach - 1) // self.wide
        g, o, c, i = torch.meshgrid(
            *map(torch.arange, (group, layer.outputs, layer.inputs, layer.kernel)), indexing="ij"
        )
        row = (layer.stride * g + i) * layer.inputs + c
        self.places = row * self.narrow + g * layer.outputs + o

    def load(self, weight: Tensor) -> None:
        """Take a convolution's weights, (narrow channels, wide channels, kernel)."""
        self.matrix.view(-1)[self.places] = weight.detach()

    def gather(self, wide: Tensor, narrow: Tensor, bias: Tensor | None = None) -> None:
        """Set `narrow` to the strided convolution of `wide`; both flat."""
        out = narrow.view(-1, self.narrow)
        rows, block = next(shifted := self._shifted(wide, self.matrix, len(out)))
        _product(rows, block, out, bias, self.group)
        for rows, block in shifted:
            out.addmm_(rows, block)

    def scatter(self, narrow: Tensor, wide: Tensor, bias: Tensor | None = None) -> None:
        """Set `wide` to the transposed convolution of `narrow`; both flat."""
        values = narrow.view(-1, self.narrow)
        channels = 1 if bias is None else len(bias)
        rows, block = next(shifted := self._shifted(wide, self.matrix, len(values)))
        _product(values, block.T, rows, bias, self.wide // channels)
        wide[len(values) * self.wide :] = 0
        for rows, block in shifted:
            rows.addmm_(values, block.T)

    def gradient(self, wide: Tensor, narrow: Tensor) -> Tensor:
        """The gradient of the weights, from the values of one side and the gradients of the
        other."""
        out, found = narrow.view(-1, self.narrow), torch.empty_like(self.matrix)
        for rows, block in self._shifted(wide, found, len(out)):
            torch.mm(rows.T, out, out=block)
        return found.view(-1)[self.places].sum(dim=0)

    def _shifted(self, wide: Tensor, matrix: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The rows of the wide side with the part of the matrix that meets them; then those
        one row ahead with theirs, and so on."""
        rows = wide[: (count + self.ahead) * self.wide].view(-1, self.wide)
        for ahead in range(self.ahead + 1):
            block = matrix[ahead * self.wide : (ahead + 1) * self.wide]
            yield rows[ahead : ahead + count, : len(block)], block


def _product(a: Tensor, b: Tensor, out: Tensor, bias: Tensor | None, repeats: int) -> None:
    if bias is None:
        torch.mm(a, b, out=out)
    else:
        torch.addmm(bias.repeat(repeats), a, b, out=out)


class Stage:
    """The values between two layers, for a batch of clips, as one flat buffer.

    Args:
        period: frames from a clip's first to the next clip's.
        length: frames of a clip that count.
        padding: frames of zeros that the layer below wants around a clip.
        slack: values behind the last clip, which rows of that layer reach.
    """

    def __init__(
        self,
        clips: int,
        period: int,
        channels: int,
        length: int,
        padding: int,
        slack: int,
        dtype: torch.dtype,
    ) -> None:
        self.channels = channels
        start, size = padding * channels, clips * period * channels
        self.flat = torch.zeros(start + size + slack, dtype=dtype)
        self.head, self.values, self.tail = self.flat.split(
            [start, size, len(self.flat) - start - size]
        )
        self.clips, self.rest = self.values.view(clips, -1).split(
            [length * channels, (period - length) * channels], dim=1
        )

    def clear(self) -> None:
        """Set to zero what does not count."""
        for part in (self.head, self.rest, self.tail):
            part.zero_()

    def sums(self) -> Tensor:
        """Each channel's sum; what does not count must be zero."""
        return self.clips.sum(dim=0).view(-1, self.channels).sum(dim=0)


class CpuAutoencoder:
    """An `Autoencoder`'s squared error and its gradients, for up to `clips` clips at once.

    Values and gradients agree with those of PyTorch's convolutions to rounding.
    """

    def __init__(self, model: Autoencoder, clips: int) -> None:
        plan = model.architecture
        self.encoder = _convolutions(model.encoder)
        self.decoder = _convolutions(model.decoder)[::-1]
        dtype = self.encoder[0].weight.dtype
        below = [
            FRAMES_ALIGNMENT * prod(plan.strides[depth + 1 :]) for depth in range(len(plan.strides))
        ]
        both = list(zip(plan.encoder, below, strict=True))
        self.down = [Band(layer, most, dtype) for layer, most in both]
        self.up = [Band(layer, most, dtype) for layer, most in both]
        slacks = [band.ahead * band.wide for band in self.down]
        self.encoded = _stages(plan, clips, slacks, dtype)
        self.decoded = _stages(plan, clips, slacks, dtype)
        self.gradients = _stages(plan, clips, slacks, dtype)

    def load(self) -> None:
        """Take the model's present weights."""
        for band, module in zip(self.down + self.up, self.encoder + self.decoder, strict=True):
            band.load(module.weight)

    @torch.no_grad()
    def forward(self, clips: Tensor) -> float:
        """The sum of squared errors of clips (up to `clips`, samples), encoded and decoded."""
        first = self.encoded[0]
        first.clips[: len(clips)] = clips
        first.clips[len(clips) :] = 0
        for depth, (band, module) in enumerate(zip(self.down, self.encoder, strict=True)):
            below, above = self.encoded[depth], self.encoded[depth + 1]
            band.gather(below.flat, above.values, module.bias)
            _tanh(above.values)
            above.clear()
        above = self.encoded[-1]
        for depth in reversed(range(len(self.up))):
            below = self.decoded[depth]
            self.up[depth].scatter(above.values, below.flat, self.decoder[depth].bias)
            if depth:
                _tanh(below.flat)
            below.clear()
            above = below
        error = self.gradients[0]
        torch.sub(self.decoded[0].clips, first.clips, out=error.clips)
        # An absent clip is silent, but its reconstruction need not be.
        error.clips[len(clips) :] = 0
        return torch.dot(error.flat, error.flat).item()

    @torch.no_grad()
    def backward(self) -> None:
        """Add the gradients of half the sum of squared errors to the model's `grad`."""
        depths = range(len(self.down))
        for depth in depths:
            wide, narrow = self.gradients[depth], self.gradients[depth + 1]
            values = self.decoded[depth + 1] if depth + 1 < len(self.down) else self.encoded[-1]
            band, module = self.up[depth], self.decoder[depth]
            _add(module.weight, band.gradient(wide.flat, values.values))
            _add(module.bias, wide.sums())
            band.gather(wide.flat, narrow.values)
            _through_tanh(narrow, values)
        for depth in reversed(depths):
            wide, narrow = self.gradients[depth], self.gradients[depth + 1]
            band, module, values = self.down[depth], self.encoder[depth], self.encoded[depth]
            _add(module.weight, band.gradient(values.flat, narrow.values))
            _add(module.bias, narrow.sums())
            if depth:
                band.scatter(narrow.values, wide.flat)
                _through_tanh(wide, values)


def _convolutions(layers: nn.Sequential) -> list[nn.Conv1d | nn.ConvTranspose1d]:
    return [layer for layer in layers if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d)]


def _stages(plan: Architecture, clips: int, slacks: list[int], dtype: torch.dtype) -> list[Stage]:
    """A stage for the clip and for each layer's output."""
    ends = [plan.encoder[0].length_in, *(layer.length_out for layer in plan.encoder)]
    channels, paddings = (1, *plan.channels), (*plan.paddings, 0)
    steps = [prod(plan.strides[depth:]) for depth in range(len(ends))]
    frames = max(
        -(-(length + 2 * padding) // step)
        for length, padding, step in zip(ends, paddings, steps, strict=True)
    )
    frames = -(-frames // FRAMES_ALIGNMENT) * FRAMES_ALIGNMENT
    return [
        Stage(clips, frames * step, count, length, padding, slack, dtype)
        for step, count, length, padding, slack in zip(
            steps, channels, ends, paddings, [*slacks, 0], strict=True
        )
    ]


def _tanh(values: Tensor) -> None:
    """The hyperbolic tangent in place, as 2 σ(2x) − 1, whose vectorised form is faster."""
    values.mul_(2).sigmoid_().mul_(2).sub_(1)


def _through_tanh(gradient: Stage, values: Stage) -> None:
    """From the gradient of a tangent's output to that of its input, where it counts."""
    torch.ops.aten.tanh_backward(gradient.values, values.values, grad_input=gradient.values)
    gradient.clear()


def _add(parameter: Tensor | None, gradient: Tensor) -> None:
    if parameter is None:
        return
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    parameter.grad += gradient
