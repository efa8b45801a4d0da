"""Stored values: atomic, verified, safe from concurrent builds and full disks."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.runner import missing, run
from pipeline.engine.store import DamagedEntry, Store, StoreError, save, write_entry
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import ROOT, Watch, a_graph, digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})


def put(store: Store, value: object, key: str = "k") -> None:
    with store.draft("a", key) as draft:
        save(draft, value)
        write_entry(draft, {"key": key, "finished": "2026"})


def flip(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_changed_value_is_not_loaded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, list(range(1000)))
    assert store.load("a", "k") == list(range(1000))
    flip(store.path("a", "k") / "value.joblib")
    with pytest.raises(DamagedEntry, match="a: stored value is damaged"):
        store.load("a", "k")
    with pytest.raises(DamagedEntry):
        store.load("a", "k", quick=True)


@pytest.mark.parametrize("how", ["cut", "gone", "note", "edited", "digest", "list"])
def test_an_incomplete_entry_is_ignored_and_replaced(tmp_path: Path, how: str) -> None:
    store = Store(tmp_path)
    put(store, 1)
    path = store.path("a", "k")
    if how == "cut":
        os.truncate(path / "value.joblib", 3)
    elif how == "gone":
        (path / "value.joblib").unlink()
    elif how == "note":
        os.truncate(path / "entry.json", 20)
    else:
        note = path / "entry.json"
        entry = note.read_text()
        edits = {
            "edited": entry.replace("2026", "2027"),
            "digest": entry.replace("digest", "digesu"),
            "list": f"[{entry}]",
        }
        note.write_text(edits[how])
    assert store.entry("a", "k") is None
    assert store.is_incomplete("a", "k")
    put(store, 2)
    assert store.load("a", "k") == 2


@pytest.mark.slow
@pytest.mark.parametrize("step", ["corpus", "training"])
def test_a_damaged_input_is_recomputed_with_a_warning(
    tmp_path: Path, folder: Path, step: str
) -> None:
    store, graph = Store(tmp_path / "cache"), a_graph(folder)
    run(graph, store, ["training"], Watch())
    before = digest(store, step, graph.key(step))
    flip(store.path(step, graph.key(step)) / "value.joblib")
    watch = Watch()
    outcome = run(graph, store, ["reconstruction"], watch)
    assert outcome.failed == {}
    assert outcome.computed == [step, "reconstruction"]
    assert f"{step}: stored value is damaged or missing; recomputing" in watch.warnings
    assert digest(store, step, graph.key(step)) == before


def test_the_first_of_two_concurrent_values_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.draft("a", "k") as draft:
        save(draft, 1)
        write_entry(draft, {"key": "k", "finished": "2026"})
        put(store, 2)
    assert store.load("a", "k") == 2
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["k"]


BUILD = """
import sys
from pathlib import Path
from tests.pipeline.engine.test_runner import Watch, a_graph
from pipeline.engine.runner import run
from pipeline.engine.store import Store
if __name__ == "__main__":
    folder, cache = map(Path, sys.argv[1:])
    outcome = run(a_graph(folder, epochs=200), Store(cache), ["reconstruction"], Watch())
    sys.exit(len(outcome.failed) + len(outcome.skipped))
"""


@pytest.mark.slow
def test_two_concurrent_builds_store_the_same_values(tmp_path: Path, folder: Path) -> None:
    script, cache = tmp_path / "build.py", tmp_path / "cache"
    script.write_text(BUILD)
    builds = [
        subprocess.Popen(
            [sys.executable, str(script), str(folder), str(cache)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    assert [build.wait() for build in builds] == [0, 0]
    graph, store = a_graph(folder, epochs=200), Store(cache)
    assert missing(graph, store, ["reconstruction"]) == []
    for name in graph.steps:
        store.verify(name, graph.key(name))
        assert [path.name for path in (cache / name).iterdir()] == [graph.key(name)]


def test_sweep_removes_drafts_unless_a_build_is_running(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 1)
    for name in (".k-draft", ".other.checkpoint.123"):
        (tmp_path / "a" / name).mkdir()
        (tmp_path / "a" / name / "x").write_text("x")
    (tmp_path / "a" / ".other.checkpoint").write_text("x")
    with store.shared_lock():
        store.sweep()
        assert len(list((tmp_path / "a").iterdir())) == 4
    store.sweep()
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"k", ".other.checkpoint"}


def test_prune_removes_other_entries_and_returns_their_size(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 1, "old")
    put(store, 2, "new")
    with store.shared_lock():
        assert store.prune([("a", "new")]) is None
    removed, freed = store.prune([("a", "new")]) or (0, 0)
    assert removed == 1
    assert freed > 0
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


def test_a_damaged_checkpoint_is_not_loaded(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c")
    assert checkpoint.load() is None
    checkpoint.saved -= 10
    checkpoint.save_if_due(lambda: {"epoch": 3})
    checkpoint.save_if_due(lambda: pytest.fail("too soon after the last"))
    reloaded = Checkpoint(tmp_path / "c")
    assert reloaded.load() == {"epoch": 3}
    assert reloaded.seconds >= reloaded.earlier_seconds >= 0
    flip(tmp_path / "c")
    assert Checkpoint(tmp_path / "c").load() is None


@pytest.mark.crash
def test_a_full_disk_is_reported_and_stored_values_are_kept(tmp_path: Path, folder: Path) -> None:
    """Uses a small tmpfs, filled after the first value is stored."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    script, disk = tmp_path / "build.py", tmp_path / "disk"
    script.write_text(
        BUILD.replace('["reconstruction"]', "sys.argv[3:]")
        .replace("map(Path, sys.argv[1:])", "map(Path, sys.argv[1:3])")
        .replace("sys.exit(", "print(*outcome.failed.values(), outcome.computed); sys.exit(")
    )
    disk.mkdir()
    build = f"{sys.executable} {script} {folder} {disk}/cache"
    commands = (
        f"mount -t tmpfs -o size=1m none {disk} || exit 99; {build} corpus; "
        f"cat /dev/zero > {disk}/full; {build} reconstruction; "
        f"rm {disk}/full; {build} reconstruction"
    )
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", commands],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if ran.returncode == 99:
        pytest.skip("no permission to mount a file system")
    _, full, after = ran.stdout.splitlines()
    assert "cannot be written (No space left on device); free some space" in full
    assert full.endswith(" []")
    assert after == "['training', 'reconstruction']", ran.stderr
    assert ran.returncode == 0


def test_an_unwritable_folder_is_reported(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written .* choose another folder with --out"):
        run(a_graph(folder), Store(tmp_path / "file" / "cache"), ["corpus"], Watch())


def test_threads_can_write_the_same_entry(tmp_path: Path) -> None:
    store = Store(tmp_path)
    threads = [threading.Thread(target=put, args=(store, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.load("a", "k") == 5
