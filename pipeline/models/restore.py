"""Load a trained model of any family from its weights, and select the device."""

import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.settings.schema import Plan

Model = Autoencoder | AdaptiveAutoencoder
"""A network of any family."""


def device() -> torch.device:
    """The device networks run on: CUDA if available, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def untrained(architecture: Plan) -> Model:
    """The network of an architecture."""
    if isinstance(architecture, AdaptivePlan):
        return AdaptiveAutoencoder(architecture)
    return Autoencoder(architecture)


def restore_start(architecture: Plan, weights: dict[str, Tensor]) -> AdaptiveAutoencoder:
    """The model from which the training of an adaptive model started: the closed form.

    Of the trained `weights` it takes the counts of atoms, which are set before training.

    Raises:
        TypeError: another family, whose training starts from random weights.
    """
    if not isinstance(architecture, AdaptivePlan):
        raise TypeError("only adaptive models start from a closed form")
    model = AdaptiveAutoencoder(architecture)
    model.counts.copy_(weights["counts"])
    return model.to(device()).eval().requires_grad_(False)


def restore(architecture: Plan, weights: dict[str, Tensor]) -> Model:
    """Load a trained autoencoder from its weights, on `device()`, in evaluation mode."""
    model = untrained(architecture)
    model.load_state_dict(weights)
    return model.to(device()).eval().requires_grad_(False)
