"""Step that encodes one song, with the models of a study or from model files."""

from pathlib import Path

from pipeline.audio.known_format import is_known_format
from pipeline.engine.device import device_type
from pipeline.engine.file_digests import digests
from pipeline.engine.graph import Graph, Step
from pipeline.errors import StudyError
from pipeline.slug import slug


def encode_with_study_graph(study: Graph, file: Path, cache: Path) -> tuple[Graph, str]:
    """Extend a study's graph with a step that encodes a song of any length.

    Returns:
        The graph, and the name of the step; its value is the folder that
        `pipeline.evaluation.whole_song.encode_file` fills.
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
            "digest": _digest(file, cache),
            "sampling_rate": corpus.parameters["sampling_rate"],
        },
        {"models": {model: step.name for model, step in training.items()}},
        untracked={"path": str(file.resolve())},
        folder=True,
    )
    return Graph([*study.steps.values(), step], study.device), step.name


def encode_with_models_graph(file: Path, models: list[Path], cache: Path) -> tuple[Graph, str]:
    """Graph of one step that encodes a song of any length with models from files.

    Args:
        file: the song.
        models: paths of the form FOLDER/FAMILY.SIZE, with or without extension.
        cache: folder of the index of file digests.

    Returns:
        The graph, and the name of the step.

    Raises:
        StudyError: a file of a model is missing, or two models have the same name.
    """
    stems = []
    for model in models:
        stem = model.with_suffix("") if model.suffix in (".json", ".safetensors") else model
        for extension in ("json", "safetensors"):
            if not Path(f"{stem}.{extension}").is_file():
                raise StudyError(
                    f"{stem}.{extension}: no such file; a model needs both its .json and its "
                    ".safetensors file"
                )
        stems.append(stem.resolve())
    names = [stem.name for stem in set(stems)]
    if same := sorted(name for name in names if names.count(name) > 1):
        raise StudyError(f"{same[0]}: two models have this name; encode with one at a time")
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
            "digest": _digest(file, cache),
            "weights": contents,
        },
        untracked={"path": str(file.resolve()), "models": [str(stem) for stem in stems]},
        folder=True,
    )
    return Graph([step], device_type()), step.name


def _digest(song: Path, cache: Path) -> str:
    found = digests(song.parent, [song.name], cache / "files.json", is_known_format)
    return found[song.name]
