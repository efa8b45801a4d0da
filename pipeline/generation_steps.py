"""Steps of new music: models that learn from the training clips, and clips drawn from them."""

from pathlib import Path

from pipeline.engine.graph import PROCESS_BYTES, Graph, Step
from pipeline.settings.schema import CLASSIC_FAMILY, Study

MODELS = ("vae", "process", "flow", "walk")
"""Generative models, as `pipeline.generation.new_music.draw_clips` names them."""

TRAINED = {"vae": "generation.vae_training", "flow": "generation.flow_training"}
"""The step that trains a model, of those that are trained."""

SPECTRA, JUDGE, REFERENCES = "generation.spectra", "generation.judge", "generation.references"
"""The steps that prepare the training music and the scores, and score what models are compared
with."""

MIN_SECONDS = 1.0
"""Length of clips from which there is new music: copies are looked for second by second."""

MAX_CLIPS, MAX_SECONDS = 1000, 10.0
"""Training clips that models learn from, evenly spaced, and seconds of each, from its beginning;
more would take long and teach models of this size little."""

SPECTRA_BYTES = 25_000
"""Bytes of the log-mel spectra of a second."""

SECONDS_PER_BATCH = 0.03
"""Time of a batch of the flow's training."""


def generation_steps(study: Study, clips: int, decoders: list[str]) -> list[Step]:
    """All steps, down to the scores of each model; none if the study turns them off, or if clips
    are shorter than a second.

    Args:
        clips: upper bound on their number.
        decoders: models whose means and random draws are scored: a convolutional one if it is
            among them, else the first.
    """
    settings, data = study.generation, study.data
    if not settings.run or data.seconds < MIN_SECONDS:
        return []
    seed = {"seed": study.seed}
    used = min(clips, MAX_CLIPS)
    seconds = min(data.seconds, MAX_SECONDS)
    memory = PROCESS_BYTES + round(6 * SPECTRA_BYTES * used * seconds)
    music = {"music": SPECTRA}
    reads = {"corpus": "corpus", "judge": JUDGE} | music
    steps = [
        Step(
            SPECTRA,
            "pipeline.generation.training_music:prepare",
            {"max_clips": MAX_CLIPS, "max_seconds": MAX_SECONDS},
            {"corpus": "corpus"},
            memory=memory,
            cost=used * 0.01,
        ),
        Step(
            JUDGE,
            "pipeline.generation.scores:prepare_judge",
            inputs={"corpus": "corpus"} | music,
            memory=memory,
            cost=used * 0.01,
        ),
        Step(
            "generation.vae_training",
            "pipeline.generation.vae:train_vae",
            {"batches": -(-settings.batches // 2)} | seed,
            music,
            resumable=True,
            memory=memory,
            cost=settings.batches * SECONDS_PER_BATCH / 3,
        ),
        Step(
            "generation.flow_training",
            "pipeline.generation.flow_training:train_flow",
            {"batches": settings.batches} | seed,
            music,
            resumable=True,
            memory=memory,
            cost=settings.batches * SECONDS_PER_BATCH,
        ),
    ]
    for model in MODELS:
        trained = {"trained": TRAINED[model]} if model in TRAINED else {}
        steps.append(
            Step(
                f"generation.{model}",
                "pipeline.generation.new_music:draw_clips",
                {"model": model, "kept": settings.clips} | seed,
                reads | trained,
                memory=memory,
                cost=5,
            )
        )
    decoder = next(
        (model for model in decoders if model.startswith(f"{CLASSIC_FAMILY}.")), decoders[0]
    )
    steps.append(
        Step(
            REFERENCES,
            "pipeline.generation.reference_rows:score_references",
            seed,
            reads | {"trained": f"training.{decoder}", "latents": f"latents.{decoder}"},
            memory=memory,
            cost=15,
        )
    )
    return steps


def new_music_graph(
    model: Path, genre: str, seconds: float, seed: int, count: int, loop: bool
) -> Graph:
    """Graph of one step, whose value is a folder with the clips as SEED.flac and `remarks.json`.

    It is for a temporary store: nothing tells when the file of the model changes.
    """
    step = Step(
        "generated",
        "pipeline.generation.flow_sounds:generate_files",
        {"path": str(model.resolve()), "genre": genre, "seconds": seconds}
        | {"seed": seed, "count": count, "loop": loop},
        folder=True,
    )
    return Graph([step], "cpu")
