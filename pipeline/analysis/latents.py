"""The latent vectors of a whole corpus."""

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import restore
from pipeline.models.training import Trained

PIECE = 16
"""Clips encoded at once, which bounds the memory this takes."""


@torch.no_grad()
def encode(corpus: Corpus, trained: Trained) -> NDArray[np.float32]:
    """Latent vectors of all clips, float32 of shape (clips, latent), in the corpus's order."""
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    latents = np.empty((len(corpus.clips), trained.architecture.latent), np.float32)
    for start in range(0, len(latents), PIECE):
        rows = list(range(start, min(start + PIECE, len(latents))))
        latents[rows] = model.encode(corpus.floats(rows).to(where)).cpu().numpy()
        report_progress(rows[-1] + 1, len(latents))
    return latents


@torch.no_grad()
def profiles(latents: NDArray[np.float32], trained: Trained) -> NDArray[np.float32]:
    """The energies of bands over time, log2, that an adaptive model's latents tell of:
    (clips, bands × superframes)."""
    model = restore(trained.architecture, trained.weights)
    assert isinstance(model, AdaptiveAutoencoder)
    found = []
    for start in range(0, len(latents), PIECE):
        piece = torch.tensor(latents[start : start + PIECE], device=model.window_angles.device)
        found.append(model.profile(piece).flatten(1).cpu().numpy())
    return np.concatenate(found)
