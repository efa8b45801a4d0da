"""Output to stderr while files are decoded."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import files as audio_files
from pipeline.audio.decoder_warnings import mute_decoder
from tests.pipeline import plucked_notes


def damaged(folder: Path) -> bytes:
    """An MP3 file with one byte in a hundred overwritten."""
    path = plucked_notes.write(folder / "x.mp3", plucked_notes.pluck(1, 3, 22_050), 22_050)
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    random = np.random.default_rng(1)
    content[random.integers(0, len(content), len(content) // 100)] = 0xAA
    return content.tobytes()


def test_a_damaged_mp3_is_read_without_warnings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = damaged(tmp_path)
    audio_files.read_mono(content, 8000)
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(
        "pipeline.audio.decoder_warnings._forward_other_lines",
        lambda captured: os.write(2, _read_all(captured)),
    )
    audio_files.read_mono(content, 8000)
    assert "libmpg123" in capfd.readouterr().err  # there were warnings to drop


def _read_all(captured: object) -> bytes:
    captured.seek(0)  # type: ignore[attr-defined]
    content: bytes = captured.read()  # type: ignore[attr-defined]
    return content


def test_other_output_is_forwarded(capfd: pytest.CaptureFixture[str]) -> None:
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
    lines = capfd.readouterr().err.splitlines()
    assert sorted(lines) == ["after, no end of line", "before", "from a thread", "within"]


def test_a_process_without_stderr_can_read_files(tmp_path: Path) -> None:
    content, seen = damaged(tmp_path), os.dup(2)
    expected = audio_files.read_mono(content, 8000)
    os.close(2)
    try:
        found = audio_files.read_mono(content, 8000)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(2)
    finally:
        os.dup2(seen, 2)
        os.close(seen)
    assert found.equal(expected)
    assert len(found) > 2000
