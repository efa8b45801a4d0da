"""New music: clips of generative models, and scores of these and of other rows."""

from collections.abc import Mapping
from typing import Any

from pipeline.data.corpus import Corpus
from pipeline.generation.flow import Flow
from pipeline.generation.flow_file import save_flow
from pipeline.generation.new_music import NewClip, NewClips
from pipeline.generation.scores import Score, Scores
from pipeline.generation.training_music import TrainingMusic
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.vector_schema import NewMusic
from pipeline.slug import slug

SCORES = ("kad", "frechet", "pulse", "genre", "copying")


def new_music(
    out: ResultsFolder,
    corpus: Corpus,
    drawn: Mapping[str, NewClips],
    references: Mapping[str, Scores],
) -> list[NewMusic]:
    """Every clip to listen to, by model, genre and index; none if nothing was drawn."""
    for row, scores in references.items():
        _scores(out, row, scores, "generation.references")
    found = []
    for model, clips in drawn.items():
        _scores(out, model, clips.scores, f"generation.{model}")
        ordered = sorted(clips.clips, key=lambda clip: (clip.genre, clip.index))
        found += [_clip(out, corpus, model, clip) for clip in ordered]
    return found


def save_generator(
    out: ResultsFolder, flow: Flow, music: TrainingMusic, study: Mapping[str, Any]
) -> None:
    """Write the flow for `latentes generate`, with the licence of the music it learned from."""
    data = study["data"]
    embedded, licence = data["path"] is None, (data["licence"] or "").strip() or None
    publishable = bool(embedded or licence or study["publish_unlicensed"])
    save_flow(out.folder / "models" / "flow.safetensors", flow, music, licence, publishable)


def _scores(out: ResultsFolder, row: str, scores: Scores, step: str) -> None:
    for name in SCORES:
        score: Score | None = getattr(scores, name)
        if score is not None:
            out.number(
                f"generation.{row}.{name}",
                score.value,
                "",
                step,
                interval=score.interval,
                clips=score.clips,
            )


def _clip(out: ResultsFolder, corpus: Corpus, model: str, clip: NewClip) -> NewMusic:
    step = f"generation.{model}"
    name = f"{step}.{clip.genre}.{clip.index}"
    out.number(f"{name}.flatness", clip.flatness, "", step)
    out.number(f"{name}.pulse", clip.pulse, "", step)
    if clip.copying is not None:
        out.number(f"{name}.copying", clip.copying, "", step)
    # Two genres may share a slug; their index in the corpus keeps the files apart.
    file = f"{corpus.genres.index(clip.genre)}-{slug(clip.genre)}-{clip.index}"
    return NewMusic(
        model=model,
        genre=clip.genre,
        index=clip.index,
        seed=clip.seed,
        audio=out.sound(f"new_music/{model}/{file}.flac", clip.waveform, corpus.sampling_rate),
    )
