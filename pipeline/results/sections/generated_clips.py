"""What the results state of generated clips."""

from typing import Any

from pipeline.data.corpus import Corpus
from pipeline.generation.latent_means import Generated
from pipeline.results.folder_writer import ResultsFolder
from pipeline.slug import slug


def state(
    out: ResultsFolder, corpus: Corpus, generated: dict[str, list[Generated]]
) -> list[dict[str, Any]]:
    """Every generated clip of every model, with its sources and its sound."""
    return [_clip(out, corpus, model, clip) for model, clips in generated.items() for clip in clips]


def _clip(out: ResultsFolder, corpus: Corpus, model: str, clip: Generated) -> dict[str, Any]:
    which = str(clip.index) if clip.genre is None else clip.genre
    name, step = f"generation.{model}.{clip.kind}.{which}", f"generation.{model}"
    out.number(f"{name}.flatness", clip.flatness, "", step)
    if clip.similarity is not None:
        out.number(f"{name}.similarity", clip.similarity, "", step)
    # Two genres may share a slug; their place in the corpus tells them apart.
    file = slug(which) if clip.genre is None else f"{corpus.genres.index(which)}-{slug(which)}"
    path = f"generated/{model}/{clip.kind}-{file}.flac"
    return {
        "model": model,
        "kind": clip.kind,
        "index": clip.index,
        "genre": clip.genre,
        "sources": [
            {"name": corpus.clips[row].name, "weight": weight}
            for row, weight in clip.sources.items()
        ],
        "audio": out.sound(path, clip.waveform, corpus.sampling_rate),
    }
