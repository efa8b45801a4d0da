"""Known filters give their known response; a network that decimates aliases a tone as expected."""

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.architecture.layers import Architecture
from pipeline.evaluation.frequency_response import TONE_BANDS, FrequencyResponse, response
from pipeline.models.convolutional import Autoencoder

RATE, SAMPLES, TONE = 8000, 16_000, 250
NYQUIST = RATE / 2


def noise() -> Tensor:
    return 0.1 * torch.randn(6, SAMPLES, generator=torch.Generator().manual_seed(0))


def measured(reconstruct: object, hop: int = 8) -> FrequencyResponse:
    return response(reconstruct, noise(), RATE, hop, TONE, seed=1)  # type: ignore[arg-type]


def box_network(kernel: int) -> Autoencoder:
    """A network of stride 8 that gives back the mean of 8 samples, `kernel` times."""
    model = Autoencoder(Architecture(SAMPLES, (1,), (8,), (8,), (0,)))
    for name, values in model.state_dict().items():
        values.zero_()
        if name.endswith("weight"):
            values[..., :kernel] = 0.01 / 8 if name.startswith("encoder") else 100
    return model.requires_grad_(False)


def test_the_identity_passes_everything() -> None:
    found = measured(lambda clips: clips)
    assert found.transfer == pytest.approx(np.ones(len(found.frequencies)), abs=1e-6)
    assert found.coherence.min() > 0.999
    assert found.cutoff == NYQUIST
    assert found.alias == pytest.approx(0, abs=1e-6)
    assert found.tone_bands.sum() == pytest.approx(1)
    assert found.tone_bands.argmax() == int(TONE / NYQUIST * TONE_BANDS)


def test_an_ideal_filter_has_its_cutoff() -> None:
    def low_pass(clips: Tensor) -> Tensor:
        bins = torch.fft.rfft(clips)
        bins[:, torch.fft.rfftfreq(SAMPLES, 1 / RATE) > 1000] = 0
        return torch.fft.irfft(bins, SAMPLES)

    found = measured(lambda clips: 0.5 * low_pass(clips))
    assert found.cutoff == pytest.approx(1000, abs=2 * RATE / 1024)
    assert found.interval is not None
    assert found.interval[0] <= (found.cutoff or 0) <= found.interval[1]
    assert found.transfer[np.abs(found.frequencies - 500) < 300] == pytest.approx(0.5, abs=0.02)


def test_added_noise_lowers_coherence_and_not_the_transfer() -> None:
    random = torch.Generator().manual_seed(3)
    found = measured(lambda clips: clips + 0.1 * torch.randn(clips.shape, generator=random))
    assert np.median(found.transfer) == pytest.approx(1, abs=0.05)
    assert np.median(found.coherence) == pytest.approx(0.5, abs=0.05)


def test_a_network_of_means_is_a_low_pass_that_aliases() -> None:
    """Mean of 8 samples, held for 8: a sinc per half, and images at multiples of 1000 Hz."""
    found = measured(box_network(8))
    frequencies = np.arange(1, 9) / 8 * NYQUIST / 8
    gains = np.interp(frequencies, found.frequencies, found.transfer)
    one = np.abs(np.sin(8 * np.pi * frequencies / RATE) / (8 * np.sin(np.pi * frequencies / RATE)))
    assert gains == pytest.approx(one**2, abs=0.05)
    places = np.flatnonzero(found.tone_bands > 1e-5) / TONE_BANDS * NYQUIST
    images = {k * 1000 + side for k in range(5) for side in (-TONE, TONE)}
    assert all(min(abs(place - image) for image in images) < 8 for place in places)
    held = np.sin(8 * np.pi * TONE / RATE) / (8 * np.sin(np.pi * TONE / RATE))
    assert found.alias == pytest.approx(1 - held**2, abs=0.01)


def test_gaps_put_their_share_of_the_output_into_images() -> None:
    """Samples 0 to 5 of each 8 are kept as they are: 6/8 of the power, (6/8)² of it in the tone."""
    kept = (torch.arange(SAMPLES) % 8 < 6).float()
    found = measured(lambda clips: clips * kept)
    assert found.alias == pytest.approx(2 / 8, abs=0.001)


@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_a_network_that_ignores_its_input_passes_nothing(constant: float) -> None:
    found = measured(lambda clips: torch.full_like(clips, constant))
    assert found.cutoff is None
    assert found.interval is None
    assert found.alias is None
    assert np.isfinite(found.transfer).all()


def test_silence_and_a_single_clip_have_no_interval() -> None:
    found = response(lambda clips: clips, torch.zeros(1, SAMPLES), RATE, 8, TONE, seed=1)
    assert found.cutoff is None
    assert found.alias is None
    found = response(lambda clips: clips, noise()[:1], RATE, 8, TONE, seed=1)
    assert found.cutoff == NYQUIST
    assert found.interval is None
