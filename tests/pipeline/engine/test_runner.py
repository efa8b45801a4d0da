"""Real steps in real processes: what runs, what is kept, what a failure or a kill leaves."""

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
    """Notes what it is told, as the terminal would show it."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.notes: list[str] = []
        self.errors: dict[str, BaseException] = {}
        self.warnings: list[str] = []

    def started(self, step: str) -> None:
        self.order.append(step)

    def advanced(self, step: str, share: float, note: str) -> None:
        self.notes.append(f"{step} {note}")

    def finished(self, step: str, seconds: float) -> None:
        pass

    def failed(self, step: str, error: BaseException) -> None:
        self.errors[step] = error

    def again(self, step: str, reason: str) -> None:
        self.warnings.append(f"{step}: {reason}")


class Killer(Watch):
    """Kills the process that runs a step, so many times, once it is so far."""

    def __init__(self, step: str, times: int = 1, share: float = 0.0) -> None:
        super().__init__()
        self.step, self.times, self.share = step, times, share
        self.killing = False

    def started(self, step: str) -> None:
        super().started(step)
        self.killing = step == self.step and self.times > 0

    def advanced(self, step: str, share: float, note: str) -> None:
        super().advanced(step, share, note)
        if step == self.step and self.killing and share >= self.share:
            self.times -= 1
            self.killing = False
            self.after = len(self.notes)
            subprocess.run(["pkill", "-9", "-P", str(os.getpid()), "-f", "spawn_main"])


def digest(store: Store, name: str, key: str) -> str:
    """SHA-256 of a stored value, as noted beside it."""
    entry = store.entry(name, key)
    assert entry is not None
    found: str = entry["files"]["value.joblib"][2]
    return found


def a_graph(folder: Path, seed: int = 1, epochs: int = 2, rate: float = 0.02) -> Graph:
    files = {path.relative_to(folder).as_posix(): "x" for path in sorted(folder.rglob("*.wav"))}
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
                places={"folder": str(folder)},
            ),
            Step(
                "training",
                "pipeline.models.training:train",
                training,
                {"corpus": "corpus"},
                resumes=True,
            ),
            Step(
                "reconstruction",
                "pipeline.evaluation.reconstruction:by_model",
                {"song": 0, "visqol_clips": 1, "seed": 1},
                {"corpus": "corpus", "trained": "training"},
            ),
        ],
        "cpu",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})


def test_steps_run_once_in_order_and_only_what_changed_again(tmp_path: Path, folder: Path) -> None:
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
    # Going back to earlier settings finds their values where they were.
    assert missing(graph, store, ["reconstruction"]) == []


def test_arrays_come_back_mapped_not_copied(tmp_path: Path, folder: Path) -> None:
    store, graph = Store(tmp_path / "cache"), a_graph(folder)
    run(graph, store, ["corpus"], Watch())
    corpus = store.load("corpus", graph.key("corpus"))
    assert hasattr(corpus.waveforms, "filename")
    assert not corpus.waveforms.flags.writeable


def test_a_failure_keeps_what_was_computed_and_skips_what_needs_it(
    tmp_path: Path, folder: Path
) -> None:
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


def test_a_lost_worker_is_told_and_what_was_stored_stays(tmp_path: Path, folder: Path) -> None:
    store, graph = Store(tmp_path / "cache"), a_graph(folder, epochs=100_000)

    watch = Killer("training", times=2)
    outcome = run(graph, store, ["reconstruction"], watch)
    assert isinstance(outcome.failed["training"], WorkerLost)
    assert outcome.skipped == ["reconstruction"]
    assert missing(graph, store, ["corpus"]) == []


def test_a_step_whose_worker_is_lost_once_goes_on_to_the_same_bytes(
    tmp_path: Path, folder: Path
) -> None:
    graph = a_graph(folder, epochs=400)
    store, whole = Store(tmp_path / "a"), Store(tmp_path / "b")
    watch = Killer("training", share=0.6)
    outcome = run(graph, store, ["reconstruction"], watch)
    assert outcome.computed == ["corpus", "training", "reconstruction"]
    assert not outcome.failed
    assert watch.warnings == ["training: its worker was lost, it runs once more"]
    epochs = [int(note.split()[2].partition("/")[0]) for note in watch.notes if "epoch" in note]
    assert min(epochs[watch.after :]) > 40  # it went on from a checkpoint, not from the start
    assert not store.checkpoint("training", graph.key("training")).exists()
    run(graph, whole, ["training"], Watch())
    key = graph.key("training")
    assert digest(store, "training", key) == digest(whole, "training", key)


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


def test_a_killed_builder_takes_its_workers_along_and_leaves_whole_values(
    tmp_path: Path, folder: Path
) -> None:
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


def test_killed_while_it_trains_it_goes_on_from_its_last_epochs_to_the_same_bytes(
    tmp_path: Path, folder: Path
) -> None:
    script, cache = tmp_path / "build.py", tmp_path / "cache"
    script.write_text(BUILD.replace("EPOCHS", "400"))
    graph, store, whole = a_graph(folder, epochs=400), Store(cache), Store(tmp_path / "whole")
    run(graph, whole, ["training"], Watch())
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
    assert digest(store, "training", key) == digest(whole, "training", key)
    assert [path.name for path in (cache / "training").iterdir()] == [key]


def test_an_entry_without_its_note_does_not_count(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.path("a", "k").mkdir(parents=True)
    joblib.dump(1, store.path("a", "k") / "value.joblib")
    assert store.entry("a", "k") is None
