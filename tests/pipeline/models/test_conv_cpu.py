"""CPU matrix products match PyTorch's convolutions and autograd gradients."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from pipeline.architecture.layers import CLASSIC, Architecture, ArchitectureError, classic
from pipeline.models.conv_cpu import CpuAutoencoder
from pipeline.models.convolutional import Autoencoder


def automatic(model: Autoencoder, clips: Tensor) -> tuple[float, list[Tensor]]:
    """Sum of squared errors, and the gradients of half of it, by autograd."""
    model.zero_grad()
    error = (model(clips) - clips).square().sum()
    (error / 2).backward()
    gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    return error.item(), gradients


def compare(plan: Architecture, clips: int, capacity: int) -> None:
    torch.manual_seed(1)
    model = Autoencoder(plan).double()
    banded: Any = CpuAutoencoder(model, capacity)
    batch = torch.rand(clips, plan.samples, dtype=torch.float64) - 0.5
    error, gradients = automatic(model, batch)
    banded.load()
    # Repeated, and after a larger batch: no state of an earlier call may remain.
    banded.forward(torch.rand(capacity, plan.samples, dtype=torch.float64))
    banded.backward()
    model.zero_grad()
    for _ in range(2):
        assert banded.forward(batch) == pytest.approx(error, rel=1e-9)
    banded.backward()
    for parameter, expected in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        scale = max(float(expected.abs().max()), 1e-3)
        torch.testing.assert_close(parameter.grad / scale, expected / scale, rtol=0, atol=1e-9)


@pytest.mark.parametrize("latent", CLASSIC)
def test_classic_models(latent: int) -> None:
    compare(classic(latent), 2, 3)


layers = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 5), st.integers(0, 3)),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(layers, st.integers(1, 20), st.integers(1, 3))
def test_any_valid_layers(chosen: list[tuple[int, int, int, int]], frames: int, clips: int) -> None:
    channels, kernels, strides, paddings = zip(*chosen, strict=True)
    samples = frames
    for _, kernel, stride, padding in reversed(chosen):
        samples = (samples - 1) * stride + kernel - 2 * padding
    try:
        plan = Architecture(samples, channels, kernels, strides, paddings)
    except ArchitectureError:
        return
    compare(plan, clips, 3)


def test_gradients_accumulate_over_microbatches() -> None:
    plan = classic(9184)
    model = Autoencoder(plan)
    banded = CpuAutoencoder(model, 2)
    batch = torch.rand(3, plan.samples) - 0.5
    error, gradients = automatic(model, batch)
    banded.load()
    total = 0.0
    for clips in batch.split(2):
        total += banded.forward(clips)
        banded.backward()
    assert total == pytest.approx(error, rel=1e-5)
    for parameter, expected in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        scale = float(expected.abs().max())
        torch.testing.assert_close(parameter.grad / scale, expected / scale, rtol=0, atol=1e-4)
