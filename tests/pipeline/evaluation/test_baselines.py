from math import cos, pi, sin, sqrt
from pathlib import Path

import numpy as np
import pytest
import scipy.fft
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from pipeline.evaluation import baselines
from pipeline.evaluation.fidelity import log_mel_distance, snr
from pipeline.steps import METHODS


def noise(seed: int, clips: int, samples: int) -> Tensor:
    values = np.random.default_rng(seed).uniform(-0.5, 0.5, (clips, samples))
    return torch.from_numpy(values).float()


def song_like(seed: int, clips: int, samples: int) -> Tensor:
    """Noise with mostly low frequencies, so that the KLT differs from any fixed transform."""
    return noise(seed, clips, samples + 8).unfold(1, 9, 1).mean(2)


def real_fourier_basis(samples: int) -> NDArray[np.float64]:
    """Orthonormal rows: the constant, then a cosine and a sine of each frequency."""
    n = np.arange(samples)
    rows = [np.ones(samples)]
    for k in range(1, samples // 2 + 1):
        rows += [np.cos(2 * pi * k * n / samples), np.sin(2 * pi * k * n / samples)]
    basis = np.array(rows[:samples])
    return np.asarray(basis / np.linalg.norm(basis, axis=1, keepdims=True))


@given(st.integers(2, 60), st.data())
@settings(deadline=None, max_examples=40)
def test_lowpass_projects_on_the_real_fourier_basis(samples: int, data: st.DataObject) -> None:
    numbers = data.draw(st.integers(1, samples))
    x = noise(samples, 2, samples)
    kept = real_fourier_basis(samples)[:numbers]
    expected = x.double().numpy() @ kept.T @ kept
    np.testing.assert_allclose(baselines.lowpass(x, numbers), expected, atol=1e-6)


@pytest.mark.parametrize("numbers", [1, 2, 3, 500, 501, 1200])
def test_lowpass_keeps_exactly_the_count(numbers: int) -> None:
    spectrum = np.fft.rfft(baselines.lowpass(noise(1, 1, 1200), numbers)[0].double().numpy())
    parts = np.abs(np.concatenate([spectrum.real, spectrum.imag]))
    assert np.count_nonzero(parts > 1e-4) == numbers


def test_klt_basis_is_orthonormal_and_sorted_by_energy() -> None:
    training = song_like(2, 120, 1100)
    basis = baselines.learn_klt([training])
    np.testing.assert_allclose(basis.T @ basis, np.eye(256), atol=1e-5)
    blocks = training[:, :1024].reshape(-1, 256)
    energies = (blocks @ basis).square().sum(0)
    assert (energies[:-1] >= energies[1:] * 0.999).all()
    singular = np.linalg.svd(blocks.double().numpy(), compute_uv=False)
    np.testing.assert_allclose(energies[:100], singular[:100] ** 2, rtol=1e-3)


def test_klt_is_the_best_linear_block_code() -> None:
    x = song_like(3, 60, 1024)
    numbers = 4 * 40
    by_klt = baselines.klt(x, numbers, baselines.learn_klt([x]))
    cosines = torch.from_numpy(scipy.fft.idct(np.eye(256), axis=0, norm="ortho")).float()
    by_cosines = baselines.klt(x, numbers, cosines)
    assert (x - by_klt).square().sum() < (x - by_cosines).square().sum()


@pytest.mark.parametrize(("samples", "numbers"), [(1024, 41), (1024, 1024), (1100, 7), (1100, 99)])
def test_klt_keeps_exactly_the_count(samples: int, numbers: int) -> None:
    # Coefficients can be read back from complete blocks only.
    basis = baselines.learn_klt([song_like(4, 20, 1024)])
    x = noise(5, 1, samples)
    whole = samples // 256
    blocks = baselines.klt(x, numbers, basis)[0, : whole * 256].reshape(whole, 256)
    counts = torch.count_nonzero((blocks @ basis).abs() > 1e-5, dim=1).tolist()
    in_all = -(-samples // 256)
    expected = [numbers // in_all + (i < numbers % in_all) for i in range(in_all)]
    assert sum(expected) == numbers
    assert counts == expected[:whole]


def test_as_many_numbers_as_samples_reproduce_the_clip() -> None:
    x = noise(6, 2, 1100)
    basis = baselines.learn_klt([song_like(7, 20, 1024)])
    np.testing.assert_allclose(baselines.lowpass(x, 1100), x, atol=1e-6)
    np.testing.assert_allclose(baselines.klt(x[:, :1024], 1024, basis), x[:, :1024], atol=1e-5)


@pytest.mark.parametrize("samples", [1, 1023, 1024, 1025, 5000])
def test_mdct_round_trip(samples: int) -> None:
    x = noise(8, 2, samples)
    coefficients = baselines.mdct_analysis(x)
    np.testing.assert_allclose(baselines.mdct_synthesis(coefficients, samples), x, atol=1e-5)


def test_mdct_matches_its_definition() -> None:
    x = noise(9, 1, 3000)
    coefficients = baselines.mdct_analysis(x)[0]
    padded = [0.0] * 1024 + x[0].tolist() + [0.0] * 2048
    for frame in range(len(coefficients)):
        for k in (0, 1, 7, 500, 1023):
            total = 0.0
            for n in range(2048):
                window = sin(pi * (n + 0.5) / 2048)
                wave = cos(pi / 1024 * (n + 0.5 + 512) * (k + 0.5))
                total += window * padded[frame * 1024 + n] * wave
            expected = sqrt(2 / 1024) * total
            assert coefficients[frame, k].item() == pytest.approx(expected, abs=1e-4)


@given(st.integers(1, 40), st.integers(0, 1000))
@settings(deadline=None, max_examples=15)
def test_sparse_mdct_keeps_half_as_many_coefficients(atoms: int, seed: int) -> None:
    # A sum of basis functions at random positions away from the ends.
    rng = np.random.default_rng(seed)
    chosen = torch.zeros(1, 6 * 1024)
    places = rng.choice(np.arange(1024, 4 * 1024), atoms, replace=False)
    chosen[0, places] = torch.from_numpy(rng.choice([-1, 1], atoms) * rng.uniform(0.5, 1, atoms)
    ).float()  # fmt: skip
    x = baselines.mdct_synthesis(chosen.view(1, 6, 1024), 5 * 1024)
    for enough in (2 * atoms, 2 * atoms + 1):
        np.testing.assert_allclose(baselines.mdct(x, enough), x, atol=1e-4)
    lost = (baselines.mdct(x, 2 * atoms - 1) - x).square().sum().item()
    assert lost == pytest.approx(chosen[chosen != 0].abs().min().item() ** 2, rel=1e-3)


def columns(seed: int, count: int, frames: int = 48) -> tuple[Tensor, Tensor]:
    """A clip made of a given number of the codec's columns, and its coefficients."""
    random = np.random.default_rng(seed)
    chosen = torch.zeros(1, frames // 4, 512, 4)
    # Away from the ends, where frames extend beyond the clip.
    places = random.choice(np.arange(512, (frames // 4 - 2) * 512), count, replace=False)
    chosen.view(-1, 4)[places] = torch.from_numpy(random.uniform(0.5, 1, (count, 4))).float()
    coefficients = chosen.transpose(2, 3).flatten(1, 2)
    return baselines.mdct_synthesis(coefficients, (frames - 1) * 512), coefficients


def test_codec_column_costs_five_numbers() -> None:
    x, coefficients = columns(1, 300)
    levels = 20 * 48 // 8
    for kept in (300, 299, 250):
        rebuilt = baselines.codec(x, 5 * kept + levels)
        found = baselines.mdct_analysis(rebuilt, 512)
        near = (found - coefficients).abs().unflatten(1, (-1, 4)).amax(dim=2) < 1e-4
        wanted = coefficients.unflatten(1, (-1, 4)).abs().amax(dim=2) > 0
        assert int((near & wanted).sum()) == kept


def test_codec_noise_has_half_the_dropped_level() -> None:
    x = noise(2, 1, 47 * 512)
    numbers = 20 * 48 // 8 * 4
    rebuilt = baselines.codec(x, numbers)
    energy = float(rebuilt.square().sum() / x.square().sum())
    share = (numbers * 3 / 4 / 5 * 4) / (47 * 512)
    assert energy == pytest.approx(0.25 + share, abs=0.15)
    assert float(snr(x, rebuilt)[0]) < 0, "noise for noise is no reconstruction"
    none = baselines.codec(x, numbers - 1)  # levels would take more than a quarter
    assert float(none.square().sum()) < 0.75 * energy * float(x.square().sum())


@pytest.mark.parametrize("name", ["lowpass", "klt", "mdct", "codec"])
def test_int16_clips_match_float_clips(name: str) -> None:
    basis = baselines.learn_klt([song_like(10, 20, 1024)])
    integers = (song_like(11, 3, 3000) * 32767).to(torch.int16)

    def rebuild(clips: Tensor) -> Tensor:
        return baselines.reconstruct(name, clips, 300, basis)

    result = rebuild(integers)
    assert result.dtype == torch.float32
    assert result.shape == integers.shape
    assert torch.equal(result, rebuild(integers / 32768))
    assert (snr(integers / 32768, result) > 3).all()


def test_klt_basis_from_int16_clips() -> None:
    integers = (song_like(12, 40, 1024) * 32767).to(torch.int16)
    assert torch.equal(baselines.learn_klt([integers]), baselines.learn_klt([integers / 32768]))


@pytest.mark.parametrize("numbers", [0, 1025])
def test_invalid_count_is_rejected(numbers: int) -> None:
    x, basis = noise(13, 1, 1024), torch.eye(256)
    for method in METHODS:
        with pytest.raises(ValueError, match=f"numbers must be 1 to 1024, found {numbers}"):
            baselines.reconstruct(method, x, numbers, basis)


@pytest.mark.slow
def test_real_music_matches_earlier_measurements(real_music: Path) -> None:
    # Expected values are means over 100 other clips; clips vary by 4 to 8 dB.
    files = sorted((real_music / "gtzan-250").glob("*/*.flac"))
    x = torch.stack([torch.from_numpy(soundfile.read(f, dtype="int16")[0]) for f in files])
    test = x[::3]
    basis = baselines.learn_klt([torch.cat([x[1::3], x[2::3]])])
    for size, low, block, sparse, made in (
        (55112, 22.7, 22.4, 26.9, 26.1),
        (9184, 8.6, 8.4, 14.2, 12.0),
    ):
        for rebuilt, expected in (
            (baselines.lowpass(test, size), low),
            (baselines.klt(test, size, basis), block),
            (baselines.mdct(test, size), sparse),
            (baselines.codec(test, size), made),
        ):
            assert snr(test / 32768, rebuilt).mean().item() == pytest.approx(expected, abs=2.5)
        distance = log_mel_distance(test / 32768, rebuilt, 22_050).mean().item()
        assert distance == pytest.approx({55112: 0.080, 9184: 0.222}[size], rel=0.1)
