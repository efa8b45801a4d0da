"""Runs of real steps in real processes: order, reuse, failures and killed workers."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import pytest

from pipeline.engine.graph import Graph, Step
from pipeline.engine.pool import WorkerLost
from pipeline.engine.runner import missing, run
from pipeline.engine.store import Store
from tests.pipeline import plucked_notes
from tests.study_builds import alive, eventually

ROOT = Path(__file__).parents[3]
SOUND: dict[str, Any] = {
    "sampling_rate": 8000,
    "samples": 8000,
    "clips_per_file": 1,
    "validation": 0.1,
    "test": 0.1,
}
LAYERS = {
    "samples": 8000,
    "channels": [4],
    "kernels": [20],
    "strides": [10],
    "paddings": [5],
}


class Watch:
    """A display that records what it would show."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.notes: list[str] = []
        self.errors: dict[str, BaseException] = {}
        self.warnings: list[str] = []

    def started(self, step: str) -> None:
        self.order.append(step)

    def advanced(self, step: str, fraction: float, note: str) -> None:
        self.notes.append(f"{step} {note}")

    def finished(self, step: str, seconds: float) -> None:
        pass

    def failed(self, step: str, error: BaseException) -> None:
        self.errors[step] = error

    def rerun(self, step: str, reason: str) -> None:
        self.warnings.append(f"{step}: {reason}")


class Killer(Watch):
    """Kills the worker that runs a step, `times` times, once `fraction` of it is done."""

    def __init__(self, step: str, times: int = 1, fraction: float = 0.0) -> None:
        super().__init__()
        self.step, self.times, self.fraction = step, times, fraction
        self.killing = False

    def started(self, step: str) -> None:
        super().started(step)
        self.killing = step == self.step and self.times > 0

    def advanced(self, step: str, fraction: float, note: str) -> None:
        super().advanced(step, fraction, note)
        if step == self.step and self.killing and fraction >= self.fraction:
            self.times -= 1
            self.killing = False
            self.after = len(self.notes)
            subprocess.run(["pkill", "-9", "-P", str(os.getpid()), "-f", "spawn_main"])


def digest(store: Store, name: str, key: str) -> str:
    """SHA-256 of a stored value, from its entry."""
    entry = store.entry(name, key)
    assert entry is not None
    found: str = entry["files"]["value.joblib"][2]
    return found


def a_graph(folder: Path, seed: int = 1, epochs: int = 2, rate: float = 0.02) -> Graph:
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.wav"))]
    files = plucked_notes.hashed(folder, names)
    training = {
        "family": "own",
        "architecture": LAYERS,
        "learning_rate": rate,
        "epochs": epochs,
        "batch": 4,
        "seed": 1,
    }
    return Graph(
        [
            Step(
                "corpus",
                "pipeline.data.corpus:from_folder",
                {"files": files, "seed": seed} | SOUND,
                untracked={"folder": str(folder)},
            ),
            Step(
                "training",
                "pipeline.models.training:train",
                training,
                {"corpus": "corpus"},
                resumable=True,
            ),
            Step(
                "reconstruction",
                "pipeline.evaluation.reconstruction:reconstruct_with_model",
                {"song": 0, "visqol_clips": 1, "seed": 1},
                {"corpus": "corpus", "trained": "training"},
            ),
        ],
        "cpu",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})


def test_steps_run_once_in_order_and_rerun_only_if_changed(tmp_path: Path, folder: Path) -> None:
    store, watch = Store(tmp_path / "cache"), Watch()
    graph = a_graph(folder)
    outcome = run(graph, store, ["reconstruction"], watch)
    assert watch.order == outcome.computed == ["corpus", "training", "reconstruction"]
    assert any("epoch 2/2" in note for note in watch.notes)
    value = store.load("reconstruction", graph.key("reconstruction"))
    assert value.fidelity["snr"].shape == (2,)

    assert run(graph, store, ["reconstruction"], Watch()).reused == list(graph.steps)
    longer = a_graph(folder, epochs=3)
    assert missing(longer, store, ["reconstruction"]) == ["training", "reconstruction"]
    run(longer, store, ["reconstruction"], Watch())
    # Values for earlier settings are still stored.
    assert missing(graph, store, ["reconstruction"]) == []


def test_arrays_are_memory_mapped(tmp_path: Path, folder: Path) -> None:
    store, graph = Store(tmp_path / "cache"), a_graph(folder)
    run(graph, store, ["corpus"], Watch())
    corpus = store.load("corpus", graph.key("corpus"))
    assert hasattr(corpus.waveforms, "filename")
    assert not corpus.waveforms.flags.writeable


def test_a_failure_keeps_stored_values_and_skips_dependents(tmp_path: Path, folder: Path) -> None:
    store, watch = Store(tmp_path / "cache"), Watch()
    graph = a_graph(folder, rate=float("inf"))
    outcome = run(graph, store, ["reconstruction"], watch)
    assert outcome.computed == ["corpus"]
    assert list(outcome.failed) == ["training"]
    assert "training diverged" in str(watch.errors["training"])
    assert outcome.skipped == ["reconstruction"]
    assert missing(graph, store, ["corpus"]) == []
    left = list((tmp_path / "cache" / "training").iterdir())
    assert all(path.suffix == ".checkpoint" for path in left)


@pytest.mark.crash
def test_a_step_fails_when_its_worker_is_lost_twice(tmp_path: Path, folder: Path) -> None:
    store, graph = Store(tmp_path / "cache"), a_graph(folder, epochs=100_000)

    watch = Killer("training", times=2)
    outcome = run(graph, store, ["reconstruction"], watch)
    assert isinstance(outcome.failed["training"], WorkerLost)
    assert outcome.skipped == ["reconstruction"]
    assert missing(graph, store, ["corpus"]) == []


@pytest.mark.crash
def test_a_step_resumes_to_the_same_bytes_after_its_worker_is_lost(
    tmp_path: Path, folder: Path
) -> None:
    graph = a_graph(folder, epochs=400)
    store, reference = Store(tmp_path / "a"), Store(tmp_path / "b")
    watch = Killer("training", fraction=0.6)
    outcome = run(graph, store, ["reconstruction"], watch)
    assert outcome.computed == ["corpus", "training", "reconstruction"]
    assert not outcome.failed
    assert watch.warnings == ["training: worker lost; retrying once"]
    epochs = [int(note.split()[2].partition("/")[0]) for note in watch.notes if "epoch" in note]
    assert min(epochs[watch.after :]) > 40  # resumed from a checkpoint
    assert not store.checkpoint("training", graph.key("training")).exists()
    run(graph, reference, ["training"], Watch())
    key = graph.key("training")
    assert digest(store, "training", key) == digest(reference, "training", key)


BUILD = """
import sys
from pathlib import Path
from tests.pipeline.engine.test_runner import Watch, a_graph
from pipeline.engine.runner import run
from pipeline.engine.store import Store
if __name__ == "__main__":
    folder, cache = map(Path, sys.argv[1:])
    run(a_graph(folder, epochs=EPOCHS), Store(cache), ["training"], Watch())
"""


@pytest.mark.crash
def test_workers_exit_when_their_parent_is_killed(tmp_path: Path, folder: Path) -> None:
    script, cache = tmp_path / "build.py", tmp_path / "cache"
    script.write_text(BUILD.replace("EPOCHS", "100_000"))
    builder = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(cache)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        process_group=0,
    )
    graph, store = a_graph(folder, epochs=100_000), Store(cache)
    while missing(graph, store, ["corpus"]) and builder.poll() is None:
        time.sleep(0.1)
    assert len(alive(builder.pid)) > 1
    builder.kill()
    builder.wait()
    assert eventually(lambda: not alive(builder.pid)), alive(builder.pid)
    assert missing(graph, store, ["corpus"]) == []
    assert store.load("corpus", graph.key("corpus")).genres == ["pop", "rock"]


@pytest.mark.crash
def test_training_resumes_to_the_same_bytes_after_the_parent_is_killed(
    tmp_path: Path, folder: Path
) -> None:
    script, cache = tmp_path / "build.py", tmp_path / "cache"
    script.write_text(BUILD.replace("EPOCHS", "400"))
    graph, store, reference = (
        a_graph(folder, epochs=400),
        Store(cache),
        Store(tmp_path / "reference"),
    )
    run(graph, reference, ["training"], Watch())
    key = graph.key("training")
    checkpoint = store.checkpoint("training", key)
    for _ in range(3):
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        builder = subprocess.Popen(
            [sys.executable, str(script), str(folder), str(cache)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        while builder.poll() is None:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns > before:
                break
            time.sleep(0.01)
        builder.kill()
        builder.wait()
    watch = Watch()
    outcome = run(graph, store, ["training"], watch)
    assert outcome.computed == ["training"]
    first = next(note for note in watch.notes if "epoch" in note)
    assert int(first.split()[2].partition("/")[0]) > 1
    assert digest(store, "training", key) == digest(reference, "training", key)
    assert [path.name for path in (cache / "training").iterdir()] == [key]


def test_a_value_without_entry_json_is_not_an_entry(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.path("a", "k").mkdir(parents=True)
    joblib.dump(1, store.path("a", "k") / "value.joblib")
    assert store.entry("a", "k") is None
