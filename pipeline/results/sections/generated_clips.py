"""Generated clips: their sources, their sound and its measures."""

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
    recipe, step = clip.recipe, f"generation.{model}"
    which = str(recipe.index) if recipe.genre is None else recipe.genre
    name = f"{step}.{recipe.kind}.{which}"
    out.number(f"{name}.flatness", clip.flatness, "", step)
    if clip.noise_flatness is not None:
        out.number(f"{name}.noise_flatness", clip.noise_flatness, "", step)
    if clip.similarity is not None:
        out.number(f"{name}.similarity", clip.similarity, "", step)
    path = f"generated/{model}/{recipe.kind}-{_file(corpus.genres, recipe.genre, which)}.flac"
    return Generated(
        model=model,
        kind=recipe.kind,
        index=recipe.index,
        genre=recipe.genre,
        sources=[
            WeightedSource(name=corpus.clips[row].name, weight=weight)
            for row, weight in recipe.sources.items()
        ],
        audio=out.sound(path, clip.waveform, corpus.sampling_rate),
    )


def _file(genres: list[str], genre: str | None, which: str) -> str:
    """Part of a file's name. Two genres may share a slug; their index keeps the files apart."""
    return slug(which) if genre is None else f"{genres.index(genre)}-{slug(genre)}"
