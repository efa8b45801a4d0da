"""Classic layers match the specification, and lengths match PyTorch."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.architecture.layers import (
    CLASSIC,
    CLASSIC_SAMPLES,
    Architecture,
    ArchitectureError,
    classic,
)
from pipeline.models.convolutional import Autoencoder

# Specification of the original study. latent: channels, kernels, strides, paddings, grid
SPECIFICATION = {
    55112: ((4, 6, 8), (10, 5, 3), (4, 2, 2), (0, 0, 0), (8, 6889)),
    32151: ((3, 6, 7), (6, 4, 3), (4, 3, 2), (0, 0, 0), (7, 4593)),
    24496: ((4, 6, 8), (12, 5, 2), (6, 3, 2), (0, 0, 0), (8, 3062)),
    18376: ((10, 6, 8), (20, 5, 1), (12, 2, 2), (1, 1, 0), (8, 2297)),
    9184: ((4, 4, 4), (6, 4, 4), (4, 6, 2), (0, 0, 0), (4, 2296)),
}


@pytest.mark.parametrize("latent", SPECIFICATION)
def test_classic_layers_match_the_specification(latent: int) -> None:
    plan = classic(latent)
    lists = (plan.channels, plan.kernels, plan.strides, plan.paddings, plan.grid)
    assert lists == SPECIFICATION[latent]
    assert plan.latent == latent


def test_classic_sizes_are_sorted() -> None:
    assert list(CLASSIC) == sorted(SPECIFICATION, reverse=True)


@pytest.mark.parametrize("latent", SPECIFICATION)
def test_network_matches_the_arithmetic(latent: int) -> None:
    plan = classic(latent)
    model = Autoencoder(plan)
    clip = torch.rand(1, CLASSIC_SAMPLES) - 0.5
    assert model.encode(clip).shape == (1, latent)
    assert model(clip).shape == clip.shape
    assert sum(p.numel() for p in model.parameters()) == plan.parameters
    signal = clip.unsqueeze(1)
    for index, layer in enumerate(plan.encoder):
        signal = model.encoder[2 * index](signal)
        assert signal.shape[2] == layer.length_out


def test_no_tanh_after_the_last_decoder_layer() -> None:
    model = Autoencoder(classic(9184))
    kinds = [type(module).__name__ for module in [*model.encoder, *model.decoder]]
    assert kinds == ["Conv1d", "Tanh"] * 3 + ["ConvTranspose1d", "Tanh"] * 2 + ["ConvTranspose1d"]


layer = st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(0, 3))


@given(st.lists(layer, min_size=1, max_size=4), st.integers(1, 4000))
def test_error_states_the_nearest_valid_lengths(
    layers: list[tuple[int, int, int]], samples: int
) -> None:
    kernels, strides, paddings = zip(*layers, strict=True)
    if any(kernel <= padding for kernel, padding in zip(kernels, paddings, strict=True)):
        return
    channels = (2,) * len(layers)
    try:
        plan = Architecture(samples, channels, kernels, strides, paddings)
    except ArchitectureError as error:
        words = str(error).replace(" ", ",").replace(";", ",").split(",")
        numbers = [int(word) for word in words if word.isdigit()]
        for fitting in numbers[1:3]:
            if fitting > 0:
                assert Architecture(fitting, channels, kernels, strides, paddings).frames >= 1
    else:
        clip = torch.zeros(1, samples)
        assert Autoencoder(plan)(clip).shape == clip.shape


def test_invalid_length_is_rejected() -> None:
    with pytest.raises(ArchitectureError, match="109998 and 110002 .one every 4 samples"):
        Architecture(110_000, (8,), (6,), (4,), (0,))


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        (((), (), (), ()), "one value per layer"),
        (((4, 4), (6,), (4,), (0,)), "one value per layer"),
        (((0,), (6,), (4,), (0,)), "channels must be at least 1"),
        (((4,), (6,), (0,), (0,)), "strides must be at least 1"),
        (((4,), (6,), (4,), (-1,)), "paddings must be at least 0"),
        (((4,), (2,), (4,), (2,)), "only padding"),
    ],
)
def test_invalid_layers_are_rejected(lists: tuple[tuple[int, ...], ...], message: str) -> None:
    with pytest.raises(ArchitectureError, match=message):
        Architecture(100, *lists)


def test_unknown_classic_size_is_rejected() -> None:
    with pytest.raises(ArchitectureError, match="55112, 32151, 24496, 18376, 9184"):
        classic(1000)
