"""Latent vectors as bits, on a small trained model with real sound."""

import numpy as np
import pytest
import torch

from pipeline.analysis.latents import encode_corpus
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.data.corpus import Clip, Corpus
from pipeline.evaluation.latent_bits import EXACT, _Packing, code_latents
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.training import TrainedModel
from tests.pipeline.plucked_notes import pluck

RATE, SAMPLES = 8_000, 16_384


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    splits = ("training", "training", "test", "test")
    clips = [Clip(f"pop/{i}", "pop", f"{i}.wav", 0.0, split) for i, split in enumerate(splits)]
    sounds = [np.asarray(pluck(i, 3, RATE)).reshape(-1)[:SAMPLES] for i in range(4)]
    return Corpus(RATE, (np.stack(sounds) * 32767).astype(np.int16), clips)


def test_an_adaptive_vector_takes_a_fraction_of_its_floats(corpus: Corpus) -> None:
    plan = AdaptivePlan(SAMPLES, 2048)
    model = AdaptiveAutoencoder(plan)
    model.count_atoms(corpus.floats(corpus.rows("training")))
    trained = TrainedModel(plan, model.state_dict(), [0.1], [0.1], 1, "cpu")
    found = code_latents(corpus, trained, encode_corpus(corpus, trained), 2, 2, 7)
    as_floats = 2048 * 32 / 1000 * RATE / SAMPLES
    assert np.all((found.kbps > 0.05 * as_floats) & (found.kbps < 0.5 * as_floats))
    assert float((found.exact_snr - found.snr).mean()) == pytest.approx(0.5, abs=0.3)
    assert found.packed < 2048


def test_packing_loses_nothing() -> None:
    random = np.random.default_rng(5)
    radices = random.integers(1, 3000, 500)
    integers = random.integers(0, radices, (3, 500))
    packing = _Packing(radices)
    packed = packing.pack(integers)
    assert packed.dtype == np.float32
    assert packed.shape == (3, packing.numbers)
    assert packing.numbers < 400
    assert packed.max() < EXACT
    assert torch.equal(torch.from_numpy(packing.unpack(packed)), torch.from_numpy(integers))
