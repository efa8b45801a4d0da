"""The step that encodes one song outside a study, with a study's models or with model files."""

from pathlib import Path

from pipeline.engine.device import kind
from pipeline.engine.file_digests import digests
from pipeline.engine.graph import Graph, Step
from pipeline.errors import StudyError
from pipeline.slug import slug


def encode_with_study_graph(study: Graph, file: Path, cache: Path) -> tuple[Graph, str]:
    """A study's graph with one more step, and its name: a song of any length, encoded.

    The step's value is the folder that `pipeline.evaluation.whole_song.encode_file` fills.
    """
    training = {
        name.partition(".")[2]: step
        for name, step in study.steps.items()
        if name.startswith("training.")
    }
    corpus = study.steps["corpus"]
    step = Step(
        f"encoded.{slug(file.stem)}",
        "pipeline.evaluation.whole_song:encode_file",
        {
            "digest": digests(file.parent, [file.name], cache / "files.json")[file.name],
            "sampling_rate": corpus.parameters["sampling_rate"],
        },
        {"models": {model: step.name for model, step in training.items()}},
        places={"path": str(file.resolve())},
        folder=True,
    )
    return Graph([*study.steps.values(), step], study.device), step.name


def encode_with_models_graph(file: Path, models: list[Path], cache: Path) -> tuple[Graph, str]:
    """A graph of one step, and its name: a song of any length through models from their files.

    Args:
        models: FAMILY.SIZE in some folder, with or without an ending.

    Raises:
        StudyError: a model's file is missing.
    """
    stems = []
    for model in models:
        stem = model.with_suffix("") if model.suffix in (".json", ".safetensors") else model
        for ending in ("json", "safetensors"):
            if not Path(f"{stem}.{ending}").is_file():
                raise StudyError(f"{stem}.{ending}: no such file; a model is two, of that name")
        stems.append(stem.resolve())
    contents = {
        file_: digest
        for stem in stems
        for file_, digest in digests(
            stem.parent, [f"{stem.name}.json", f"{stem.name}.safetensors"], cache / "files.json"
        ).items()
    }
    step = Step(
        f"encoded.{slug(file.stem)}",
        "pipeline.evaluation.whole_song:encode_with_files",
        {
            "digest": digests(file.parent, [file.name], cache / "files.json")[file.name],
            "weights": " ".join(f"{name} {digest}" for name, digest in contents.items()),
        },
        places={"path": str(file.resolve()), "models": [str(stem) for stem in stems]},
        folder=True,
    )
    return Graph([step], kind()), step.name
