"""Stored values: whole, checked when read, safe from other builds and from full disks."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.runner import missing, run
from pipeline.engine.store import DamagedEntry, Store, StoreError, note, save
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import ROOT, Watch, a_graph, digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})


def put(store: Store, value: object, key: str = "k") -> None:
    with store.draft("a", key) as draft:
        save(draft, value)
        note(draft, {"key": key, "finished": "2026"})


def flip(path: Path) -> None:
    """Change one byte in the middle of a file and no size."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_value_that_changed_is_not_given(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, list(range(1000)))
    assert store.load("a", "k") == list(range(1000))
    flip(store.path("a", "k") / "value.joblib")
    with pytest.raises(DamagedEntry, match="a: its stored value is damaged"):
        store.load("a", "k")
    with pytest.raises(DamagedEntry):
        store.load("a", "k", quick=True)


@pytest.mark.parametrize("how", ["cut", "gone", "note"])
def test_a_broken_entry_does_not_count_and_makes_room(tmp_path: Path, how: str) -> None:
    store = Store(tmp_path)
    put(store, 1)
    path = store.path("a", "k")
    if how == "cut":
        os.truncate(path / "value.joblib", 3)
    elif how == "gone":
        (path / "value.joblib").unlink()
    else:
        os.truncate(path / "entry.json", 20)
    assert store.entry("a", "k") is None
    assert store.damaged("a", "k")
    put(store, 2)
    assert store.load("a", "k") == 2


@pytest.mark.parametrize("step", ["corpus", "training"])
def test_a_damaged_input_is_computed_again_with_a_warning(
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
    assert f"{step}: its stored value is damaged or gone, it is computed again" in watch.warnings
    assert digest(store, step, graph.key(step)) == before


def test_the_first_of_two_equal_values_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.draft("a", "k") as draft:
        save(draft, 1)
        note(draft, {"key": "k", "finished": "2026"})
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


def test_two_builds_at_once_end_with_the_same_whole_values(tmp_path: Path, folder: Path) -> None:
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
        store.check(name, graph.key(name))
        assert [path.name for path in (cache / name).iterdir()] == [graph.key(name)]


def test_what_killed_builds_left_is_swept_but_not_under_a_build(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 1)
    for name in (".k-draft", ".other.checkpoint.123"):
        (tmp_path / "a" / name).mkdir()
        (tmp_path / "a" / name / "x").write_text("x")
    (tmp_path / "a" / ".other.checkpoint").write_text("x")
    with store.lock():
        store.sweep()
        assert len(list((tmp_path / "a").iterdir())) == 4
    store.sweep()
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"k", ".other.checkpoint"}


def test_keep_removes_all_else_and_says_how_much(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 1, "old")
    put(store, 2, "new")
    with store.lock():
        assert store.keep([("a", "new")]) is None
    gone, taken = store.keep([("a", "new")]) or (0, 0)
    assert gone == 1
    assert taken > 0
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


def test_a_checkpoint_is_whole_or_none(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c")
    assert checkpoint.load() is None
    checkpoint.saved -= 10
    checkpoint.offer(lambda: {"epoch": 3})
    checkpoint.offer(lambda: pytest.fail("too soon after the last"))
    again = Checkpoint(tmp_path / "c")
    assert again.load() == {"epoch": 3}
    assert again.seconds >= again.before >= 0
    flip(tmp_path / "c")
    assert Checkpoint(tmp_path / "c").load() is None


def test_a_full_disk_is_one_line_and_what_was_stored_stays(tmp_path: Path, folder: Path) -> None:
    """A real one: a small file system in memory, filled once the first value is stored."""
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
        pytest.skip("may not mount a file system")
    _, full, after = ran.stdout.splitlines()
    assert "cannot be written (No space left on device); make room there" in full
    assert full.endswith(" []")
    assert after == "['training', 'reconstruction']", ran.stderr
    assert ran.returncode == 0


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written .* choose another folder with --out"):
        run(a_graph(folder), Store(tmp_path / "file" / "cache"), ["corpus"], Watch())


def test_threads_of_one_process_share_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path)
    threads = [threading.Thread(target=put, args=(store, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.load("a", "k") == 5
