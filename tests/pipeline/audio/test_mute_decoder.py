"""What decoders and others write to the standard error while files are read."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import files as audio_files
from pipeline.audio.mute_decoder import mute_decoder
from tests.pipeline import plucked_notes


def damaged(folder: Path) -> bytes:
    """An MP3 file with a byte in a hundred changed."""
    path = plucked_notes.write(folder / "x.mp3", plucked_notes.pluck(1, 3, 22_050), 22_050)
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    random = np.random.default_rng(1)
    content[random.integers(0, len(content), len(content) // 100)] = 0xAA
    return content.tobytes()


def test_a_damaged_mp3_is_read_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = damaged(tmp_path)
    audio_files.read(content, 8000)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(
        "pipeline.audio.mute_decoder._pass_on", lambda aside: os.write(2, _all(aside))
    )
    audio_files.read(content, 8000)
    assert "libmpg123" in capfd.readouterr().err  # there was something to say


def _all(aside: object) -> bytes:
    aside.seek(0)  # type: ignore[attr-defined]
    content: bytes = aside.read()  # type: ignore[attr-defined]
    return content


def test_nothing_else_is_lost(capfd: pytest.CaptureFixture[str]) -> None:
    def other() -> None:
        with mute_decoder():
            os.write(2, b"from a thread\n")

    thread = threading.Thread(target=other)
    with mute_decoder():
        thread.start()
        os.write(2, b"before\n[src/libmpg123/layer3.c:f():1] error: bad\nNote: Skipped 3 bytes\n")
        with mute_decoder():
            os.write(2, b"within\n")
    thread.join()
    os.write(2, b"after, no end of line")
    told = capfd.readouterr().err.splitlines()
    assert sorted(told) == ["after, no end of line", "before", "from a thread", "within"]


def test_a_process_without_standard_error_reads_files_too(tmp_path: Path) -> None:
    content, seen = damaged(tmp_path), os.dup(2)
    expected = audio_files.read(content, 8000)
    os.close(2)
    try:
        found = audio_files.read(content, 8000)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(2)
    finally:
        os.dup2(seen, 2)
        os.close(seen)
    assert found.equal(expected)
    assert len(found) > 2000
