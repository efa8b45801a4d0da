"""The graph names functions as text: every name exists and takes exactly what its step gives."""

import importlib
import inspect
import json
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.encode_steps import encode_with_models_graph, encode_with_study_graph
from pipeline.engine.graph import Graph, Step
from pipeline.generation_steps import new_music_graph
from pipeline.settings.load import load_study
from pipeline.settings.schema import DataSettings, SongSettings, Study
from pipeline.steps import _settings, graph
from tests.pipeline import plucked_notes

OWN_MUSIC = """
[data]
path = "music"
seconds = 1.0
sampling_rate = 8000

[models]
classic = []
adaptive = [2400]

[[models.small]]
channels = [2]
kernels = [20]
strides = [10]
paddings = [5]

[tuning]
use = true

[[new_songs]]
file = "song.flac"
"""


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> list[Graph]:
    """Every step that a graph may have: the embedded study, own music, and encoding."""
    folder = tmp_path_factory.mktemp("graphs")
    plucked_notes.folder(folder / "music", {"pop": 2, "rock": 2})
    song = plucked_notes.write(folder / "song.flac", plucked_notes.pluck(9, 2, 8000), 8000)
    (folder / "study.toml").write_text(OWN_MUSIC, encoding="utf-8")
    for ending in ("json", "safetensors"):
        (folder / f"small.1600.{ending}").touch()
    own = graph(load_study(folder / "study.toml"), folder)
    with_study, _ = encode_with_study_graph(own, song, folder)
    with_models, _ = encode_with_models_graph(song, [folder / "small.1600"], folder)
    generated = new_music_graph(folder / "flow.safetensors", "pop", 10, 1, 2, False)
    return [graph(Study(), folder), own, with_study, with_models, generated]


def test_new_music_can_be_turned_off_and_needs_clips_of_a_second(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path / "music", {"pop": 2, "rock": 2})
    plucked_notes.write(tmp_path / "song.flac", plucked_notes.pluck(9, 2, 8000), 8000)
    off = f"{OWN_MUSIC}\n[generation]\nrun = false\n"
    short = OWN_MUSIC.replace("seconds = 1.0", "seconds = 0.9").replace("[2400]", "[900]")
    for text, expected in ((OWN_MUSIC, True), (off, False), (short, False)):
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        found = graph(load_study(tmp_path / "study.toml"), tmp_path)
        assert ("generation.flow" in found.steps) == expected
        assert "generation.adaptive.900" in found.steps or text != short
        assert bool(found.steps["results"].inputs["drawn"]) == expected


def test_only_models_that_are_shown_generate_clips_of_every_kind(graphs: list[Graph]) -> None:
    shown = {
        name
        for name, step in graphs[0].steps.items()
        if step.function.endswith("latent_means:generate") and step.parameters["shown"]
    }
    assert shown == {"generation.classic.18376", "generation.adaptive.18376"}
    assert graphs[0].steps["generation.references"].inputs["trained"] == "training.classic.18376"


def test_results_tell_the_settings_without_folders(tmp_path: Path) -> None:
    """Wherever a path may be: the music, a table, a new song."""
    data = DataSettings(path=tmp_path / "music", table=tmp_path / "t.csv")
    told = _settings(Study(data=data, new_songs=[SongSettings(file=tmp_path / "a.wav")], seed=1))
    assert str(tmp_path) not in json.dumps(told)
    assert told["seed"] == 1
    assert told["data"]["table"] == "t.csv"
    assert told["new_songs"][0]["file"] == "a.wav"
    assert not {"report", "tracking", "limits"} & set(told)


def test_every_step_names_a_function_and_its_parameters(graphs: list[Graph]) -> None:
    for step in (step for each in graphs for step in each.steps.values()):
        module, _, name = step.function.partition(":")
        required, optional = parameters(getattr(importlib.import_module(module), name))
        given = arguments(step)
        assert required <= given <= required | optional, (step.name, step.function)


def parameters(function: Callable[..., Any]) -> tuple[set[str], set[str]]:
    """The required and the optional parameters of a step's function, those of **kwargs (an
    unpacked TypedDict) included."""
    required, optional = set(), set()
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            (keywords,) = typing.get_args(parameter.annotation)
            required |= keywords.__required_keys__
            optional |= keywords.__optional_keys__
        else:
            (required if parameter.default is parameter.empty else optional).add(name)
    return required, optional


def arguments(step: Step) -> set[str]:
    """The keyword arguments that a worker calls a step's function with."""
    names = [*step.parameters, *step.inputs, *step.untracked]
    flags = {"folder": step.folder, "history": step.history, "checkpoint": step.resumable}
    names += [name for name, given in flags.items() if given]
    assert len(names) == len(set(names)), f"{step.name} gives an argument twice"
    return set(names)


def test_the_graph_calls_every_kind_of_step(graphs: list[Graph], tmp_path: Path) -> None:
    kinds = {name.partition(".")[0] for each in graphs for name in each.steps}
    assert kinds == {
        "demo", "corpus", "tuning", "training", "klt", "featured", "reconstruction", "untrained",
        "baseline", "experiment", "response", "song", "latents", "generation", "map", "tree",
        "own_rate", "probe", "results", "encoded", "coding", "generated",
    }  # fmt: skip
