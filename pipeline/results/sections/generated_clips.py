"""Generated clips (chapter 4): their sources, their sound and its measures."""

from pipeline.data.corpus import Corpus
from pipeline.generation import latent_means
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.vector_schema import Generated, WeightedSource
from pipeline.slug import slug


def generated_clips(
    out: ResultsFolder, corpus: Corpus, generated: dict[str, list[latent_means.GeneratedClip]]
) -> list[Generated]:
    """Every generated clip of every model, by "FAMILY.SIZE"."""
    return [_clip(out, corpus, model, clip) for model, clips in generated.items() for clip in clips]


def _clip(
    out: ResultsFolder, corpus: Corpus, model: str, clip: latent_means.GeneratedClip
) -> Generated:
    which = str(clip.index) if clip.genre is None else clip.genre
    name, step = f"generation.{model}.{clip.kind}.{which}", f"generation.{model}"
    out.number(f"{name}.flatness", clip.flatness, "", step)
    if clip.similarity is not None:
        out.number(f"{name}.similarity", clip.similarity, "", step)
    # Two genres may share a slug; their index in the corpus keeps the files apart.
    file = slug(which) if clip.genre is None else f"{corpus.genres.index(which)}-{slug(which)}"
    path = f"generated/{model}/{clip.kind}-{file}.flac"
    return Generated(
        model=model,
        kind=clip.kind,
        index=clip.index,
        genre=clip.genre,
        sources=[
            WeightedSource(name=corpus.clips[row].name, weight=weight)
            for row, weight in clip.sources.items()
        ],
        audio=out.sound(path, clip.waveform, corpus.sampling_rate),
    )
