"""Digests of the user's files: cached, resumed when interrupted, cheap for what is not music."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import pytest

from pipeline.engine import file_digests, progress
from pipeline.engine.file_digests import LARGE_BYTES, digests, has_digest

NAMES = ["b", "c", "a"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(file_digests, "RECENT_NS", 0)
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode() * 1000)
    return tmp_path / "cache" / "files.json"


def expected(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read, as they are read."""
    names: list[str] = []
    original = file_digests.content_digest

    def content_digest(file, advance=lambda count: None):  # type: ignore[no-untyped-def]
        names.append(Path(file.name).name)
        return original(file, advance)

    monkeypatch.setattr(file_digests, "content_digest", content_digest)
    return names


def test_files_are_hashed_once_in_their_order(index: Path, hashed: list[str]) -> None:
    folder = index.parents[1]
    for _ in range(2):
        assert list(digests(folder, NAMES, index).items()) == list(expected(folder).items())
    assert hashed == NAMES
    (folder / "c").write_bytes(b"changed")
    assert digests(folder, NAMES, index) == expected(folder)
    assert hashed == [*NAMES, "c"]


def test_a_file_written_again_within_a_clock_tick_is_hashed_again(
    tmp_path: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, index = tmp_path / "a", tmp_path / "index"
    for _ in range(20):  # clock ticks are about 4 ms apart
        file.write_bytes(b"first")
        times = file.stat()
        first = digests(tmp_path, ["a"], index)
        file.write_bytes(b"again")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert digests(tmp_path, ["a"], index) != first
    assert not index.exists()
    hashed.clear()
    later = time.time_ns() + file_digests.RECENT_NS
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert digests(tmp_path, ["a"], index) == digests(tmp_path, ["a"], index)
    assert hashed == ["a"]


@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_call_keeps_what_it_has_hashed(
    index: Path, hashed: list[str], how: type[BaseException]
) -> None:
    folder = index.parents[1]

    def interrupt(fraction: float, note: str) -> None:
        if hashed == ["b", "c"]:
            raise how

    token = progress.listener.set(interrupt)
    with pytest.raises(how):
        digests(folder, NAMES, index)
    progress.listener.reset(token)
    assert digests(folder, NAMES, index) == expected(folder)
    assert hashed == ["b", "c", "c", "a"]


def test_a_killed_call_keeps_what_it_has_saved(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "SAVE_SECONDS", 0)
    folder = index.parents[1]
    if (child := os.fork()) == 0:
        progress.listener.set(lambda fraction, note: os._exit(9) if fraction > 0.5 else None)
        digests(folder, NAMES, index)
        sys.exit("not killed")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    [_, known] = json.loads(index.read_text(encoding="utf-8"))
    assert [Path(path).name for path in known] == ["b"]


@pytest.mark.parametrize("content", ["", "{}", "[]", "[1, 2, 3]", '["x", {"b": 1}]', "null", "\0"])
def test_a_damaged_index_is_ignored(index: Path, content: str) -> None:
    folder = index.parents[1]
    index.parent.mkdir()
    index.write_text(content, encoding="utf-8")
    assert digests(folder, NAMES, index) == expected(folder)
    text = index.read_text(encoding="utf-8")
    digest = expected(folder)["b"]
    index.write_text(text.replace(digest, "0" * 64), encoding="utf-8")
    assert digests(folder, NAMES, index)["b"] == digest


def test_of_a_large_file_in_an_unknown_format_only_the_header_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "RECENT_NS", 0)
    file, asked = tmp_path / "a", []
    file.write_bytes(b"%PDF")
    os.truncate(file, 100 * LARGE_BYTES)
    (tmp_path / "small").write_bytes(b"%PDF")

    def is_known_format(path: Path) -> bool:
        asked.append(path.name)
        return False

    def digest() -> str:
        return digests(tmp_path, ["a", "small"], tmp_path / "index", is_known_format)["a"]

    seen: list[tuple[float, str]] = []
    token = progress.listener.set(lambda *report: seen.append(report))
    try:
        first = digest()
    finally:
        progress.listener.reset(token)
    assert first.startswith("unknown format: ")
    assert [digest(), asked] == [first, ["a"]]
    assert [note for _, note in seen] == ["0.0 of 0.0 GB"]
    with file.open("rb") as stream:
        assert has_digest(stream, first)
    os.truncate(file, 100 * LARGE_BYTES + 1)
    second = digest()
    with file.open("r+b") as edited:
        edited.write(b"%PNG")
    assert len({first, second, digest()}) == 3
    with file.open("rb") as stream:
        assert not has_digest(stream, second)
