"""The closed-form gradient is autograd's, and shaped noise comes closer to the target."""

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME, AdaptivePlan
from pipeline.audio.spectrum import log_mel, mel_bands
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.adaptive.mel_prediction import MelPredictor, noise_power, spectrum
from pipeline.models.adaptive.noise_shaping import SMOOTHING, mel_gradient
from pipeline.models.adaptive.switched_mdct import SwitchedMdct
from tests.pipeline.models.adaptive.test_adaptive_autoencoder import clips

RATE, SAMPLES = 22_050, 22_050


def a_model(error: float) -> AdaptiveAutoencoder:
    """The closed form, as if it had been trained to this error of the prediction."""
    model = AdaptiveAutoencoder(AdaptivePlan(SAMPLES, 2000)).requires_grad_(False)
    model.count_atoms(clips())
    model.sampling_rate.fill_(RATE)
    model.prediction_error.fill_(error)
    return model


@pytest.mark.parametrize("first", [0, 1])
def test_gradient_matches_autograd(first: int) -> None:
    originals, sound = clips(2), clips(4)[2:].requires_grad_(True)
    target = log_mel(originals, RATE)[:, :, first::2]
    difference = log_mel(sound, RATE)[:, :, first::2] - target
    cost = ((difference.square() + SMOOTHING**2).sqrt() - SMOOTHING).mean(dim=(1, 2)).sum()
    (expected,) = torch.autograd.grad(cost, sound)
    found = mel_gradient(sound.detach(), target, mel_bands(RATE, sound.device), first)
    np.testing.assert_allclose(found, expected, atol=1e-5 * float(expected.abs().max()))


def test_noise_power_is_that_of_random_signs() -> None:
    generator = torch.Generator().manual_seed(1)
    splits = torch.tensor([[0, 1, 2, 3, 4, 0, 2, 1]])
    shape = (
        torch.linspace(0, -3, SUPERFRAME).exp() * torch.tensor([1, 1, 2, 2, 1, 1, 0.5, 1])[:, None]
    )
    mdct, total = SwitchedMdct(splits, torch.zeros(5, 4)), torch.zeros(1)
    for _ in range(60):
        signs = 2.0 * torch.randint(2, (1, 8, SUPERFRAME), generator=generator) - 1
        total = total + spectrum(mdct.synthesise(signs * shape)).abs().square() / 60
    expected = noise_power(shape[None], total.shape[2])
    ratio = (total / expected).log10()[:, 4:-4, 8:-8]
    assert abs(float(ratio.median())) < 0.05
    assert float(ratio.abs().mean()) < 0.2


def test_shaping_brings_noise_closer_to_the_prediction_only() -> None:
    originals = clips()
    plain, shaped = a_model(0.0), a_model(0.1)
    latents = plain.encode(originals)
    torch.testing.assert_close(shaped.encode(originals), latents, rtol=0, atol=0)
    before, after = plain.decode(latents), shaped.decode(latents)
    start, _ = shaped.describe_selection(shaped.select(originals), SAMPLES)

    def distance(sound: Tensor) -> float:
        return float((log_mel(sound, RATE) - start).abs().mean())

    assert distance(after) < 0.7 * distance(before)


def test_shaping_is_deterministic_and_independent_of_the_batch() -> None:
    model = a_model(0.1)
    latents = model.encode(clips())
    whole = model.decode(latents)
    assert torch.equal(whole, model.decode(latents))
    alone = torch.cat([model.decode(latent) for latent in latents.split(1)])
    torch.testing.assert_close(alone, whole, rtol=0, atol=1e-3)


def test_shaped_noise_of_any_vector_is_finite() -> None:
    model = a_model(0.1)
    latents = model.encode(clips())
    for vector in (torch.zeros_like(latents), 1e4 * latents, torch.full_like(latents, -3e38)):
        assert torch.isfinite(model.decode(vector)).all()


def test_predictor_starts_at_the_closed_form_for_any_number_of_frames() -> None:
    predictor = MelPredictor().requires_grad_(False)
    for frames in (1, 4, 431):
        found = predictor(torch.randn(2, 5, 80, frames))
        assert found.shape == (2, 80, frames)
        assert not found.any()
