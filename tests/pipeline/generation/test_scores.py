"""Scores: distances against other implementations, copies found, and sets that are too small."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.metrics.pairwise import rbf_kernel

from pipeline.data.corpus import Corpus
from pipeline.generation.flow import Flow
from pipeline.generation.new_music import NewClips, draw_clips
from pipeline.generation.reference_rows import score_references, score_waveforms
from pipeline.generation.scores import (
    Judge,
    describe,
    frechet_distance,
    held_out_rows,
    kernel_distance,
    prepare_judge,
)
from pipeline.generation.training_music import TrainingMusic, cut_clips, prepare
from pipeline.generation.vae import train_vae
from tests.pipeline.generation.conftest import onsets_every

RANDOM = torch.Generator().manual_seed(1)


def test_the_kernel_distance_is_the_unbiased_mmd() -> None:
    a, b = torch.randn(12, 5, generator=RANDOM) + 0.5, torch.randn(9, 5, generator=RANDOM)
    gaps = torch.cdist(b, b)
    gamma = 1 / (2 * float(gaps[gaps > 0].median()) ** 2)
    kernels = [rbf_kernel(x.double(), y.double(), gamma) for x, y in ((a, a), (b, b), (a, b))]
    means = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in kernels[:2]]
    expected = 100 * (sum(means) - 2 * kernels[2].mean())
    found = kernel_distance(a, b, seed=1)
    assert found is not None
    assert found.value == pytest.approx(expected, rel=1e-4)
    assert found.interval is not None
    assert found.interval[0] < found.value < found.interval[1]
    assert kernel_distance(a[:3], b, 1) is None


def test_the_interval_covers_zero_for_clips_of_one_kind_and_not_for_others() -> None:
    covered = 0
    for _ in range(20):
        a, b = torch.randn(2, 40, 10, generator=RANDOM)
        found = kernel_distance(a, b, seed=1)
        assert found is not None
        assert found.interval is not None
        covered += found.interval[0] < 0 < found.interval[1]
        other = kernel_distance(a + 1, b, seed=1)
        assert other is not None
        assert other.interval is not None
        assert other.interval[0] > 0
    assert covered >= 17


def test_the_frechet_distance_of_known_gaussians() -> None:
    a = torch.randn(50, 4, generator=RANDOM) @ torch.randn(4, 4, generator=RANDOM)
    b = torch.randn(60, 4, generator=RANDOM) + 2
    first, second = np.cov(a.T), np.cov(b.T)
    root = scipy.linalg.sqrtm(first @ second).real
    gap = ((a.mean(dim=0) - b.mean(dim=0)) ** 2).sum()
    expected = float(gap) + np.trace(first + second - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-3)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_a_description_has_a_hundred_numbers_and_the_pulse_that_is_heard() -> None:
    rate = 22_050 / 512
    steady = onsets_every(20, 216, 128)
    noise = torch.randn(1, 216, 128, generator=RANDOM)
    (described, pulse), (_, none) = (describe(s, rate) for s in (steady, noise))
    assert described.shape == (1, 100)
    assert float(pulse) > 0.4
    assert float(none) < 0.25
    short, _ = describe(steady[:, :43], rate)
    assert short.isfinite().all()


def test_copies_are_found(corpus: Corpus, music: TrainingMusic, judge: Judge) -> None:
    training = cut_clips(corpus, music.rows[:4], music.samples)
    held_out = cut_clips(corpus, held_out_rows(corpus), music.samples)
    noise = torch.randn(training.shape, generator=RANDOM) * 0.1
    copies, others, none = (judge.measure(c).copying for c in (training, held_out, noise))
    assert copies is not None
    assert others is not None
    assert none is not None
    assert float(copies.min()) > 0.999
    assert float(others.max()) < 0.8
    assert float(none.max()) < 0.2


def test_rows_of_real_music_score_better_than_noise(
    corpus: Corpus, music: TrainingMusic, judge: Judge
) -> None:
    rows = score_waveforms(corpus, music, judge, seed=1)
    assert list(rows) == ["real", "vocoder", "noise", "mix"]
    kad = {name: row.kad for name, row in rows.items()}
    assert all(kad.values())
    values = {name: score.value for name, score in kad.items() if score is not None}
    assert values["noise"] > 10 + max(values["real"], values["vocoder"])
    assert rows["real"].genre is not None
    assert rows["real"].genre.value > 0.8
    assert rows["noise"].genre is None
    assert rows["real"].frechet is None


def drawn(corpus: Corpus, music: TrainingMusic, judge: Judge, flow: Flow, model: str) -> NewClips:
    trained = flow if model == "flow" else train_vae(music, 4, 1) if model == "vae" else None
    return draw_clips(corpus, music, judge, model, 2, 7, trained)


@pytest.mark.parametrize("model", ["vae", "process", "flow", "walk"])
def test_every_model_draws_clips_that_are_scored(
    model: str, corpus: Corpus, music: TrainingMusic, judge: Judge, flow: Flow
) -> None:
    found = drawn(corpus, music, judge, flow, model)
    assert [(c.genre, c.index, c.seed) for c in found.clips] == [
        ("noise", 0, 7), ("pluck", 0, 7), ("noise", 1, 8), ("pluck", 1, 8),
    ]  # fmt: skip
    for clip in found.clips:
        assert clip.waveform.shape == (music.samples,)
        assert np.abs(clip.waveform.astype(int)).max() < 32_767
        assert 0 < clip.flatness < 0.7
    assert found.scores.pulse.clips == 10
    assert found.scores.copying is not None
    again = drawn(corpus, music, judge, flow, model)
    assert all(
        np.array_equal(a.waveform, b.waveform)
        for a, b in zip(found.clips, again.clips, strict=True)
    )


def test_scores_that_too_few_clips_do_not_have_are_left_out(corpus: Corpus) -> None:
    clips = [c for c in corpus.clips if c.genre == "pluck"][3:6]
    rows = [corpus.clips.index(clip) for clip in clips]
    few = Corpus(corpus.sampling_rate, corpus.waveforms[rows][:, :7900], clips)
    few.clips[1] = type(clips[1])(**(vars(clips[1]) | {"split": "validation"}))
    few.clips[2] = type(clips[2])(**(vars(clips[2]) | {"split": "test"}))
    music = prepare(few, 10, 10.0)
    judge = prepare_judge(few, music)
    scores = draw_clips(few, music, judge, "process", 1, 1).scores
    assert scores.kad is scores.frechet is scores.genre is None
    rows_ = score_waveforms(few, music, judge, 1)
    assert rows_["real"].kad is None
    assert rows_["real"].pulse.clips == 2


def test_means_and_draws_of_latent_vectors_are_scored(
    corpus: Corpus, music: TrainingMusic, judge: Judge
) -> None:
    from pipeline.analysis.latents import encode_corpus
    from pipeline.architecture.layers import Architecture
    from pipeline.models.convolutional import Autoencoder
    from pipeline.models.training import TrainedModel

    plan = Architecture(music.samples, (2,), (20,), (10,), (5,))
    torch.manual_seed(1)
    trained = TrainedModel(plan, Autoencoder(plan).state_dict(), [1.0], [1.0], 1, "cpu")
    found = score_references(corpus, music, judge, trained, encode_corpus(corpus, trained), 1)
    assert list(found) == ["real", "vocoder", "noise", "mix", "reconstructed", "means", "draws"]
    assert found["reconstructed"].pulse.clips == found["real"].pulse.clips
    assert found["means"].genre is not None
    assert found["draws"].genre is None
    # Of two clips there is no mean of three.
    alone = torch.tensor([1] * 2 + [0] * (len(music.rows) - 2))
    fewer = replace(music, labels=alone)
    found = score_references(corpus, fewer, judge, trained, encode_corpus(corpus, trained), 1)
    assert found["means"].pulse.clips * 2 == found["draws"].pulse.clips
    none = replace(music, rows=music.rows[:2], labels=music.labels[:2])
    found = score_references(corpus, none, judge, trained, encode_corpus(corpus, trained), 1)
    assert "means" not in found
