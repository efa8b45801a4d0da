"""A trained model of any family from its weights, and the device it runs on."""

import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.settings.schema import Plan

Model = Autoencoder | AdaptiveAutoencoder
"""What encodes and decodes, of any family."""


def device() -> torch.device:
    """Where networks run: CUDA if there is a device, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def restore(architecture: Plan, weights: dict[str, Tensor]) -> Model:
    """A trained autoencoder from its weights, on `device()`, ready to encode and decode."""
    if isinstance(architecture, AdaptivePlan):
        model: Model = AdaptiveAutoencoder(architecture)
    else:
        model = Autoencoder(architecture)
    model.load_state_dict(weights)
    return model.to(device()).eval().requires_grad_(False)
