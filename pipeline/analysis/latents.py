"""Encode a whole corpus into latent vectors."""

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel

CLIPS_PER_BATCH = 8
"""Bounds the memory of encoding."""


@torch.no_grad()
def encode_corpus(corpus: Corpus, trained: TrainedModel) -> NDArray[np.float32]:
    """Latent vectors of all clips in corpus order, float32 of shape (clips, latent)."""
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    latents = np.empty((len(corpus.clips), trained.architecture.latent), np.float32)
    for start in range(0, len(latents), CLIPS_PER_BATCH):
        rows = list(range(start, min(start + CLIPS_PER_BATCH, len(latents))))
        latents[rows] = model.encode(corpus.floats(rows).to(where)).cpu().numpy()
        report_progress(rows[-1] + 1, len(latents))
    return latents


@torch.no_grad()
def band_energies(latents: NDArray[np.float32], trained: TrainedModel) -> NDArray[np.float32]:
    """log2 band energies over time of an adaptive model's latents: (clips, bands × superframes)."""
    model = restore(trained.architecture, trained.weights)
    assert isinstance(model, AdaptiveAutoencoder)
    where = model.window_angles.device
    found = []
    for start in range(0, len(latents), CLIPS_PER_BATCH):
        batch = torch.tensor(latents[start : start + CLIPS_PER_BATCH], device=where)
        found.append(model.band_energies(batch).flatten(1).cpu().numpy())
    return np.concatenate(found)
