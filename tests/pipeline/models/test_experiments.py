"""Variants of the classic network, and their short training."""

import itertools

import numpy as np
import pytest
import torch

from pipeline.architecture.layers import Architecture, classic
from pipeline.architecture.variants import BASE, CROP, mended, variants
from pipeline.data.corpus import Clip, Corpus
from pipeline.evaluation.variant_fidelity import MeasuredVariant, run_experiment
from pipeline.models.convolutional import Autoencoder
from pipeline.models.experiments import train_on_crops, variant_network
from tests.pipeline.plucked_notes import pluck

SMALL = {"samples": 4000, "channels": (4,), "kernels": (20,), "strides": (10,), "paddings": (5,)}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Plucked notes of half a second at 8 kHz."""
    notes = np.stack([pluck(seed, 0.5, 8000)[:4000] for seed in range(10)])
    sound = (notes.reshape(10, 4000) * 20_000 / np.abs(notes).max()).astype(np.int16)
    parts = ["training"] * 6 + ["validation"] * 2 + ["test"] * 2
    clips = [Clip(f"a/{i}", "a", f"a/{i}.wav", 0.0, part) for i, part in enumerate(parts)]
    return Corpus(8000, sound, clips, [], [], [], 10, 5.0)


def run(corpus: Corpus, epochs: list[int], activation: str = "tanh") -> dict[int, MeasuredVariant]:
    return run_experiment(corpus, dict(SMALL), activation, False, 0.02, 2, epochs, 1000, 7)


def test_every_variant_keeps_clips_crops_and_the_size() -> None:
    for variant in variants():
        expected = 9184 if variant.name.startswith("9184") else 18376
        assert variant.architecture.latent == expected, variant.name
        model = variant_network(variant.architecture, variant.activation, variant.bounded)
        assert model(torch.zeros(2, 1, CROP)).shape == (2, 1, CROP), variant.name


def test_variants_differ_from_another_by_one_change() -> None:
    known = {variant.name: variant for variant in variants()}
    assert next(iter(known)) == BASE
    for variant in list(known.values())[1:]:
        other = known[variant.against]
        settings = ("architecture", "activation", "bounded", "batch")
        changed = [s for s in settings if getattr(variant, s) != getattr(other, s)]
        assert len(changed) == 1, variant.name


def test_mending_closes_gaps_alone() -> None:
    assert mended(classic(9184)).kernels == (6, 6, 4)
    assert mended(classic(18376)).kernels == (20, 5, 3)
    assert mended(classic(55112)) == classic(55112)


def test_the_base_is_the_network_of_the_study() -> None:
    plan = Architecture(**SMALL)  # type: ignore[arg-type]
    torch.manual_seed(3)
    model = Autoencoder(plan)
    torch.manual_seed(3)
    same = variant_network(plan, "tanh", False)
    clips = torch.rand(2, 4000) - 0.5
    assert torch.equal(model(clips), same(clips[:, None])[:, 0])


def test_an_activation_and_a_bound_change_the_output() -> None:
    plan, clips = Architecture(**SMALL), 9 * torch.ones(1, 1, 4000)  # type: ignore[arg-type]
    outputs = []
    for activation, bounded in (("tanh", False), ("relu", False), ("none", False), ("none", True)):
        torch.manual_seed(3)
        outputs.append(variant_network(plan, activation, bounded)(clips))
    assert torch.allclose(outputs[3], outputs[2].tanh())
    assert not any(torch.equal(a, b) for a, b in itertools.combinations(outputs, 2))


def test_training_learns_and_is_the_same_again(corpus: Corpus) -> None:
    found, again = run(corpus, [1, 30]), run(corpus, [1, 30])
    for epochs in (1, 30):
        assert np.array_equal(found[epochs].snr, again[epochs].snr)
        assert len(found[epochs].epochs) == epochs
    assert found[30].snr.mean() > found[1].snr.mean() + 1
    assert found[30].validation_rmse < found[1].validation_rmse
    assert found[30].log_mel.shape == (2,)


def test_measuring_on_the_way_does_not_change_the_training(corpus: Corpus) -> None:
    assert np.array_equal(run(corpus, [1, 2, 5])[5].snr, run(corpus, [5])[5].snr)


def test_the_best_epoch_so_far_is_measured(corpus: Corpus) -> None:
    """At a rate at which the loss jumps, later epochs never make the measured weights worse."""
    how = dict(SMALL), "tanh", False, 0.3, 2, [1, 8], 4000, 7
    found = run_experiment(corpus, *how)
    losses = [validation for _, validation in found[8].epochs]
    assert min(losses) < losses[-1]
    assert found[8].validation_rmse == pytest.approx(min(losses), rel=1e-4)


def test_a_network_that_diverges_counts_as_silence(corpus: Corpus) -> None:
    how = dict(SMALL), "none", False, 1e30, 2, [3], 1000, 7
    found = run_experiment(corpus, *how)[3]
    assert np.isfinite(found.snr).all()
    assert np.isfinite(found.validation_rmse)


def test_variants_see_the_same_crops(corpus: Corpus) -> None:
    """The first batch is met by the same untrained weights, so its loss differs by activation
    alone; two runs of one variant agree in every epoch."""
    plan = Architecture(**SMALL)  # type: ignore[arg-type]
    losses = [
        next(train_on_crops(corpus, plan, "tanh", False, 1e-12, batch, 1000, 7))[1]
        for batch in (2, 6)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
