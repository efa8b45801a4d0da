"""Formats are named as people do."""

from pathlib import Path

import pytest

from pipeline.audio.decode import open_audio
from pipeline.audio.format_names import name_format
from tests.pipeline import plucked_notes


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        ("wav", "WAV"),
        ("aiff", "AIFF"),
        ("flac", "FLAC"),
        ("mp3", "MP3"),
        ("ogg", "Ogg (Vorbis)"),
        ("w64", "Wave64"),
    ],
)
def test_files_are_named_by_container_and_codec(tmp_path: Path, ending: str, name: str) -> None:
    path = tmp_path / f"song.{ending}"
    plucked_notes.write(path, plucked_notes.pluck(1, 0.5, 44_100), 44_100)
    with open_audio(path) as sound:
        assert name_format(*sound.format) == name


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("mov,mp4,m4a,3gp,3g2,mj2", "aac", "MP4 (AAC)"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "amrnb", "MP4 (AMRNB)"),
        ("matroska,webm", "libopus", "Matroska (Opus)"),
        ("asf", "wmav2", "Windows Media (WMA)"),
        ("aac", "aac_fixed", "AAC"),
        ("mp3", "mp2float", "MP2"),
        ("wav", "adpcm_ima_wav", "WAV (ADPCM-IMA-WAV)"),
    ],
)
def test_names_of_formats_that_the_tests_cannot_write(
    container: str, codec: str, name: str
) -> None:
    assert name_format(container, codec) == name
