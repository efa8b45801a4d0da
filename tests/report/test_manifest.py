"""The manifest notices every change in what a build wrote."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from report import manifest


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in ("site/index.html", "site/audio/a.mp3", "results/results.json", "informe.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"as it was made")
    manifest.write(tmp_path, "sources")
    return tmp_path


def changes(out: Path) -> list[str]:
    written = manifest.read(out)
    assert written is not None
    assert written.sources == "sources"
    return [f"{name} {what}" for name, what in written.changes(out)]


def make_link(file: Path) -> None:
    file.rename(file.parents[2] / "elsewhere")
    file.symlink_to(file.parents[2] / "elsewhere")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda file: file.write_bytes(b"AS IT WAS MADE"), "has changed since latentes wrote it"),
        (lambda file: file.write_bytes(b""), "has changed since latentes wrote it"),
        (make_link, "has changed since latentes wrote it"),
        (Path.unlink, "is missing"),
    ],
)
def test_a_changed_file_is_noticed(
    out: Path, change: Callable[[Path], object], expected: str
) -> None:
    change(out / "site" / "audio" / "a.mp3")
    assert changes(out) == [f"site/audio/a.mp3 {expected}"]


def test_an_added_file_is_noticed(out: Path) -> None:
    (out / "results" / "more").mkdir()
    (out / "results" / "more" / "x").touch()
    assert changes(out) == ["results/more/x was not written by latentes"]


def test_a_change_that_keeps_size_and_time_is_noticed(out: Path) -> None:
    times = (out / "informe.pdf").stat()
    (out / "informe.pdf").write_bytes(b"AS IT WAS MADE")
    os.utime(out / "informe.pdf", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert changes(out) == ["informe.pdf has changed since latentes wrote it"]


def test_a_copy_with_other_times_is_unchanged(out: Path) -> None:
    os.utime(out / "informe.pdf", (1, 1))
    assert changes(out) == []


@pytest.mark.parametrize("content", [b"", b"0" * 64, None])
def test_a_damaged_manifest_is_none(out: Path, content: bytes | None) -> None:
    path = out / manifest.NAME
    path.write_bytes(path.read_bytes().swapcase() if content is None else content)
    assert manifest.read(out) is None
