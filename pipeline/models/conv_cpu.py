"""Loss and gradients of the autoencoder by matrix products, several times faster on a CPU.

With few channels, convolution libraries spend most of their time on padding and layout changes.
Here activations are stored as (time, channels) and only viewed as rows. With stride s and g
outputs per row, a strided convolution maps rows of s · g inputs, plus the k − s inputs by which
its kernel reaches into the next row, to rows of g outputs: one banded matrix times all rows of all
clips. The transposed convolution uses the transposed matrix, and so do the gradients of both. No
activation is copied or rearranged.

Clips are stored one after another, each with a `period` of frames. `architecture.layers`
guarantees that no valid frame reads beyond its own clip; invalid frames are zeroed wherever a valid
one would read them.
"""

from collections.abc import Iterator
from math import prod

import torch
from torch import Tensor, nn

from pipeline.architecture.layers import Architecture, Layer
from pipeline.models.convolutional import Autoencoder

MIN_COLUMNS = 16
"""Minimum matrix columns for good use of SIMD."""

FRAME_ALIGNMENT = 8
"""Clips start at multiples of this many latent frames, which may share a row."""


class BandedConvolution:
    """A convolution as a banded matrix between its wide (longer) and its narrow side.

    Args:
        layer: of the encoder, so that its input is the wide side.
        max_group: maximum output frames per row; their number must divide it.
    """

    def __init__(self, layer: Layer, max_group: int, dtype: torch.dtype) -> None:
        groups = [group for group in range(1, max_group + 1) if max_group % group == 0]
        group = next((g for g in groups if g * layer.outputs >= MIN_COLUMNS), max_group)
        self.group, self.narrow_row = group, group * layer.outputs
        self.wide_row = layer.stride * group * layer.inputs
        # A row of outputs reads its row of inputs and, with the overhang, some rows ahead.
        reach = max((layer.stride * (group - 1) + layer.kernel) * layer.inputs, self.wide_row)
        self.matrix = torch.zeros(reach, self.narrow_row, dtype=dtype)
        self.rows_ahead = (reach - 1) // self.wide_row
        g, o, c, i = torch.meshgrid(
            *map(torch.arange, (group, layer.outputs, layer.inputs, layer.kernel)), indexing="ij"
        )
        row = (layer.stride * g + i) * layer.inputs + c
        self.indices = row * self.narrow_row + g * layer.outputs + o

    def load(self, weight: Tensor) -> None:
        """Copy a convolution's weights (narrow channels, wide channels, kernel)."""
        self.matrix.view(-1)[self.indices] = weight.detach()

    def gather(self, wide: Tensor, narrow: Tensor, bias: Tensor | None = None) -> None:
        """Set `narrow` to the strided convolution of `wide`; both flat."""
        out = narrow.view(-1, self.narrow_row)
        rows, block = next(shifted := self._shifted(wide, self.matrix, len(out)))
        _product(rows, block, out, bias, self.group)
        for rows, block in shifted:
            out.addmm_(rows, block)

    def scatter(self, narrow: Tensor, wide: Tensor, bias: Tensor | None = None) -> None:
        """Set `wide` to the transposed convolution of `narrow`; both flat."""
        values = narrow.view(-1, self.narrow_row)
        channels = 1 if bias is None else len(bias)
        rows, block = next(shifted := self._shifted(wide, self.matrix, len(values)))
        _product(values, block.T, rows, bias, self.wide_row // channels)
        wide[len(values) * self.wide_row :] = 0
        for rows, block in shifted:
            rows.addmm_(values, block.T)

    def gradient(self, wide: Tensor, narrow: Tensor) -> Tensor:
        """Gradient of the weights, from the values of one side and the gradients of the other."""
        out, found = narrow.view(-1, self.narrow_row), torch.empty_like(self.matrix)
        for rows, block in self._shifted(wide, found, len(out)):
            torch.mm(rows.T, out, out=block)
        return found.view(-1)[self.indices].sum(dim=0)

    def _shifted(self, wide: Tensor, matrix: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Rows of the wide side, shifted ahead by 0, 1, …, each with its block of the matrix."""
        rows = wide[: (count + self.rows_ahead) * self.wide_row].view(-1, self.wide_row)
        for ahead in range(self.rows_ahead + 1):
            block = matrix[ahead * self.wide_row : (ahead + 1) * self.wide_row]
            yield rows[ahead : ahead + count, : len(block)], block


def _product(a: Tensor, b: Tensor, out: Tensor, bias: Tensor | None, repeats: int) -> None:
    if bias is None:
        torch.mm(a, b, out=out)
    else:
        torch.addmm(bias.repeat(repeats), a, b, out=out)


class ActivationBuffer:
    """Activations between two layers for a batch of clips, as one flat buffer.

    Args:
        period: frames from the start of one clip to the next.
        length: valid frames per clip.
        padding: zero frames that the next layer needs around a clip.
        slack: values after the last clip that rows of the next layer read.
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
        self.clips, self.unused = self.values.view(clips, -1).split(
            [length * channels, (period - length) * channels], dim=1
        )

    def clear(self) -> None:
        """Zero everything outside the clips."""
        for part in (self.head, self.unused, self.tail):
            part.zero_()

    def sums(self) -> Tensor:
        """Sum per channel over the clips."""
        return self.clips.sum(dim=0).view(-1, self.channels).sum(dim=0)


class CpuAutoencoder:
    """Squared error and gradients of an `Autoencoder`, for at most `clips` clips per call.

    Values and gradients agree with PyTorch's convolutions to rounding.
    """

    def __init__(self, model: Autoencoder, clips: int) -> None:
        plan = model.architecture
        self.encoder = _convolutions(model.encoder)
        self.decoder = _convolutions(model.decoder)[::-1]
        dtype = self.encoder[0].weight.dtype
        max_groups = [
            FRAME_ALIGNMENT * prod(plan.strides[depth + 1 :]) for depth in range(len(plan.strides))
        ]
        layers = list(zip(plan.encoder, max_groups, strict=True))
        self.down = [BandedConvolution(layer, group, dtype) for layer, group in layers]
        self.up = [BandedConvolution(layer, group, dtype) for layer, group in layers]
        slacks = [band.rows_ahead * band.wide_row for band in self.down]
        self.encoded = _buffers(plan, clips, slacks, dtype)
        self.decoded = _buffers(plan, clips, slacks, dtype)
        self.gradients = _buffers(plan, clips, slacks, dtype)

    def load(self) -> None:
        """Copy the model's current weights."""
        for band, module in zip(self.down + self.up, self.encoder + self.decoder, strict=True):
            band.load(module.weight)

    @torch.no_grad()
    def forward(self, clips: Tensor) -> float:
        """Sum of squared errors of encoded and decoded clips (at most `clips`, samples)."""
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
        # Unused slots hold silence, but their reconstruction need not be silent.
        error.clips[len(clips) :] = 0
        return torch.dot(error.flat, error.flat).item()

    @torch.no_grad()
    def backward(self) -> None:
        """Add the gradients of half the last sum to the parameters' `grad`."""
        depths = range(len(self.down))
        for depth in depths:
            wide, narrow = self.gradients[depth], self.gradients[depth + 1]
            values = self.decoded[depth + 1] if depth + 1 < len(self.down) else self.encoded[-1]
            band, module = self.up[depth], self.decoder[depth]
            _add(module.weight, band.gradient(wide.flat, values.values))
            _add(module.bias, wide.sums())
            band.gather(wide.flat, narrow.values)
            _tanh_backward(narrow, values)
        for depth in reversed(depths):
            wide, narrow = self.gradients[depth], self.gradients[depth + 1]
            band, module, values = self.down[depth], self.encoder[depth], self.encoded[depth]
            _add(module.weight, band.gradient(values.flat, narrow.values))
            _add(module.bias, narrow.sums())
            if depth:
                band.scatter(narrow.values, wide.flat)
                _tanh_backward(wide, values)


def _convolutions(layers: nn.Sequential) -> list[nn.Conv1d | nn.ConvTranspose1d]:
    return [layer for layer in layers if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d)]


def _buffers(
    plan: Architecture, clips: int, slacks: list[int], dtype: torch.dtype
) -> list[ActivationBuffer]:
    """Buffers for the clips and for each layer's output."""
    ends = [plan.encoder[0].length_in, *(layer.length_out for layer in plan.encoder)]
    channels, paddings = (1, *plan.channels), (*plan.paddings, 0)
    steps = [prod(plan.strides[depth:]) for depth in range(len(ends))]
    frames = max(
        -(-(length + 2 * padding) // step)
        for length, padding, step in zip(ends, paddings, steps, strict=True)
    )
    frames = -(-frames // FRAME_ALIGNMENT) * FRAME_ALIGNMENT
    return [
        ActivationBuffer(clips, frames * step, count, length, padding, slack, dtype)
        for step, count, length, padding, slack in zip(
            steps, channels, ends, paddings, [*slacks, 0], strict=True
        )
    ]


def _tanh(values: Tensor) -> None:
    """In-place tanh as 2 σ(2x) − 1, which is vectorised better."""
    values.mul_(2).sigmoid_().mul_(2).sub_(1)


def _tanh_backward(gradient: ActivationBuffer, values: ActivationBuffer) -> None:
    """Backpropagate through tanh, in place, zeroing everything outside the clips."""
    torch.ops.aten.tanh_backward(gradient.values, values.values, grad_input=gradient.values)
    gradient.clear()


def _add(parameter: Tensor | None, gradient: Tensor) -> None:
    if parameter is None:
        return
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    parameter.grad += gradient
