"""Latent vectors have exactly the requested size, and any vector decodes."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import ATOM_SIZES, AdaptivePlan
from pipeline.evaluation.fidelity import snr
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.adaptive.noise_envelope import band_edges, noise_signs
from tests.pipeline import plucked_notes

SAMPLES, NUMBERS = 22_050, 4000


def clips(count: int = 6, samples: int = SAMPLES) -> Tensor:
    sound = [plucked_notes.pluck(seed, samples / 22_050, 22_050)[:, 0] for seed in range(count)]
    return torch.from_numpy(np.stack(sound))


@cache
def model() -> AdaptiveAutoencoder:
    """Closed form with perturbed networks and windows."""
    torch.manual_seed(1)
    found = AdaptiveAutoencoder(AdaptivePlan(SAMPLES, NUMBERS)).requires_grad_(False)
    found.count_atoms(clips())
    with torch.no_grad():
        found.window_angles.add_(0.02 * torch.randn(5, 4))
        for network in (found.envelope.coder, found.envelope.restorer):
            last = network[4].weight
            assert isinstance(last, Tensor)
            last.add_(0.1 * torch.randn_like(last))
    return found


def test_latent_has_the_exact_size_and_decodes_like_the_selection() -> None:
    originals = clips()
    latents = model().encode(originals)
    assert latents.shape == (6, NUMBERS)
    assert latents.dtype == torch.float32
    direct = model().decode_selection(model().select(originals), SAMPLES)
    np.testing.assert_allclose(model().decode(latents), direct, atol=1e-6)


def test_larger_latents_are_closer() -> None:
    found = []
    for numbers in (1200, 4000, 12_000):
        one = AdaptiveAutoencoder(AdaptivePlan(SAMPLES, numbers)).requires_grad_(False)
        one.count_atoms(clips())
        found.append(float(snr(clips(), one(clips())).mean()))
    assert found[0] + 2 < found[1] < found[2] - 2


def test_positions_are_sorted_and_values_are_coefficients() -> None:
    originals = clips(2)
    latents = model().encode(originals)
    parts = model().architecture.parts(model().counts.tolist())
    named = dict(
        zip([n for n, _ in parts], latents.split([k for _, k in parts], dim=1), strict=True)
    )
    selection = model().select(originals)
    for size, place in zip(ATOM_SIZES, selection.positions, strict=True):
        assert (named[f"places.{size}"].diff(dim=1) > 0).all()
        assert torch.equal(named[f"places.{size}"], place.float())
    kept = selection.coefficients[selection.kept].square().sum()
    values = sum(named[f"values.{size}"].square().sum() for size in ATOM_SIZES)
    assert float(values) == pytest.approx(float(kept), rel=1e-5)
    assert int(selection.kept.sum()) == 2 * sum(
        count * size for count, size in zip(model().counts.tolist(), ATOM_SIZES, strict=True)
    )


@pytest.mark.parametrize(
    "vector",
    [
        lambda latents: latents.mean(dim=0, keepdim=True),
        lambda latents: 0.3 * latents[:1] + 0.7 * latents[1:2],
        lambda latents: 1e4 * torch.randn_like(latents),
        lambda latents: torch.full_like(latents, 3e38),
        lambda latents: torch.full_like(latents, -3e38),
        lambda latents: torch.zeros_like(latents),
    ],
    ids=["mean", "between", "random", "huge", "negative", "zero"],
)
def test_any_vector_decodes_to_finite_audio(vector: object) -> None:
    assert callable(vector)
    sound = model().decode(vector(model().encode(clips())))
    assert sound.shape[1] == SAMPLES
    assert torch.isfinite(sound).all()
    assert float(sound.abs().max()) < 1e6


def test_overlapping_atoms_add_up() -> None:
    latents = torch.zeros(1, NUMBERS)
    plan, counts = model().architecture, model().counts.tolist()
    first = plan.superframes + plan.noise_rows * plan.bands
    latents[0, plan.superframes : first] = -20  # no noise
    latents[0, first + counts[0]] = 0.25
    latents[0, first + counts[0] + 1] = 0.5  # all positions are 0: the same coefficient
    together = model().decode(latents)
    latents[0, first + counts[0] : first + counts[0] + 2] = torch.tensor([0.75, 0.0])
    np.testing.assert_allclose(together, model().decode(latents), atol=1e-7)


@pytest.mark.parametrize("samples", [2000, 2048, 30_011])
def test_other_clip_lengths(samples: int) -> None:
    originals = clips(3, samples)
    one = AdaptiveAutoencoder(AdaptivePlan(samples, 900)).requires_grad_(False)
    one.count_atoms(originals)
    latents = one.encode(originals)
    assert latents.shape == (3, 900)
    assert one.decode(latents).shape == originals.shape


def test_noise_signs_match_a_scalar_hash() -> None:
    def by_hand(place: int) -> int:
        h = place
        h = (h ^ (h >> 16)) * 0x7FEB352D % 2**32
        h = (h ^ (h >> 15)) * 0x846CA68B % 2**32
        return 1 - 2 * ((h ^ (h >> 16)) & 1)

    found = noise_signs(torch.zeros(1, 60, 2048)).flatten()
    assert found.tolist() == [by_hand(place) for place in range(60 * 2048)]
    assert abs(float(found.mean())) < 0.01


@pytest.mark.parametrize("bands", [20, 40])
def test_bands_cover_the_spectrum(bands: int) -> None:
    edges = band_edges(bands)
    assert (edges[0], edges[-1], len(edges)) == (0, 128, bands + 1)
    assert all(low < high for low, high in pairwise(edges))


def test_band_energies_add_up_to_the_clip_energy() -> None:
    loud = clips()
    latents = model().encode(torch.cat([loud, loud / 4]))
    profile = model().band_energies(latents)
    assert profile.shape == (12, model().architecture.bands, model().architecture.superframes)
    energy = profile.exp2().sum(dim=(1, 2))
    true = torch.cat([loud, loud / 4]).square().sum(dim=1)
    np.testing.assert_allclose(energy.log2(), true.log2(), atol=0.5)
