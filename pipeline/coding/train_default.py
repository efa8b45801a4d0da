"""Train the model that travels with the package, on the embedded music.

    python -m pipeline.coding.train_default [FILE]

writes pipeline/coding/default_model.safetensors, or FILE. Files of earlier models no longer decode
without them, so a new one needs a reason.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from pipeline.audio.files import read_mono
from pipeline.coding.coding_model import DEFAULT_MODEL, model_id, save_model
from pipeline.coding.model_training import train_model
from pipeline.data.demo.rendering import CLIP_RATE, render_genre
from pipeline.data.demo.styles import GENRES

CLIPS_PER_GENRE, SEED = 10, 42

QUIETEST = -20.0
"""Clips are played at random levels from this, in dB: the embedded music is uniformly loud."""


def main() -> None:
    """Render, train and save; prints the id of the model."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    clips = [
        read_mono(file, CLIP_RATE) * 10 ** (rng.uniform(QUIETEST, 0) / 20)
        for genre in GENRES
        for file in render_genre(genre, CLIPS_PER_GENRE, SEED).values()
    ]
    model = train_model(torch.stack(clips), CLIP_RATE, SEED)
    save_model(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MODEL, model)
    print(model_id(model).hex())


if __name__ == "__main__":
    main()
