"""Corpus of a folder: clips, faults, duplicates and splits."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.data.corpus import Corpus, from_folder
from pipeline.data.splits import split
from pipeline.errors import StudyError
from pipeline.music_folder.scan import find_music
from tests.pipeline import plucked_notes

RATE = 8000
CUTS: dict[str, Any] = {
    "sampling_rate": RATE,
    "samples": RATE,
    "clips_per_file": 1,
    "validation": 0.1,
    "test": 0.1,
    "seed": 42,
}


def corpus(folder: Path, **cuts: Any) -> Corpus:
    return from_folder(
        str(folder), plucked_notes.hashed(folder, find_music(folder).files), **(CUTS | cuts)
    )


def test_clips_have_the_files_samples_in_order_of_genre_and_name(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"rock": 3, "blues": 3})
    found = corpus(tmp_path)
    assert found.genres == ["blues", "rock"]
    names = [clip.name for clip in found.clips]
    assert names == [f"{genre}/{genre}.0000{i}" for genre in ("blues", "rock") for i in range(3)]
    for clip, waveform in zip(found.clips, found.waveforms, strict=True):
        samples, _ = soundfile.read(tmp_path / clip.file, dtype="int16")
        assert np.array_equal(waveform, samples)


def test_unusable_files_are_listed_with_their_fault(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"rock": 5})
    rock = tmp_path / "rock"
    plucked_notes.write(rock / "brief.wav", plucked_notes.pluck(9, 0.4, RATE), RATE)
    plucked_notes.write(rock / "silent.flac", np.zeros((2 * RATE, 1), np.float32), RATE)
    (rock / "broken.ogg").write_bytes(b"OggS" + bytes(100))
    (rock / "empty.mp3").write_bytes(b"")
    broken = plucked_notes.pluck(8, 1, RATE)
    broken[100] = np.nan
    plucked_notes.write(rock / "nan.wav", broken, RATE, subtype="FLOAT")
    (rock / "notes.txt").write_text("not music")
    found = corpus(tmp_path)
    assert len(found.clips) == 5
    assert {fault.file: fault.fault for fault in found.faults} == {
        "rock/brief.wav": "too_short",
        "rock/silent.flac": "silent",
        "rock/broken.ogg": "unreadable",
        "rock/empty.mp3": "unreadable",
        "rock/nan.wav": "not_finite",
    }
    brief = next(fault for fault in found.faults if fault.fault == "too_short")
    assert brief.value == pytest.approx(0.4, abs=0.01)


def test_a_loud_float_file_is_attenuated_not_clipped(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"rock": 4})
    loud = 4 * plucked_notes.pluck(7, 1, RATE)
    plucked_notes.write(tmp_path / "rock" / "loud.wav", loud, RATE, subtype="FLOAT")
    found = corpus(tmp_path)
    row = [clip.name for clip in found.clips].index("rock/loud")
    expected = loud[:, 0] / np.abs(loud).max() * 32_768
    assert np.abs(found.waveforms[row] - expected).max() <= 1


def test_clips_of_one_file_share_a_split(tmp_path: Path) -> None:
    for index in range(12):
        sound = plucked_notes.pluck(index, 3.5, RATE)
        plucked_notes.write(tmp_path / "jazz" / f"{index}.wav", sound, RATE)
    assert len(corpus(tmp_path).clips) == 12
    found = corpus(tmp_path, clips_per_file=5)
    assert len(found.clips) == 36
    assert not found.faults
    assert found.clips[1].name == "jazz/0@1s"
    by_file: dict[str, set[str]] = {}
    for clip in found.clips:
        by_file.setdefault(clip.file, set()).add(clip.split)
    assert all(len(splits) == 1 for splits in by_file.values())


def test_identical_clips_are_found_and_share_a_split(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"pop": 20, "rock": 20})
    same, rate = soundfile.read(tmp_path / "pop" / "pop.00003.wav", dtype="int16")
    soundfile.write(tmp_path / "rock" / "cover.flac", same, rate)
    soundfile.write(tmp_path / "pop" / "again.aiff", same, rate)
    for seed in range(4):
        found = corpus(tmp_path, seed=seed)
        assert [[found.clips[row].name for row in rows] for rows in found.duplicates] == [
            ["pop/again", "pop/pop.00003", "rock/cover"]
        ]
        assert len({found.clips[row].split for row in found.duplicates[0]}) == 1


def test_too_little_music_is_reported(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"pop": 1})
    plucked_notes.write(tmp_path / "pop" / "brief.wav", plucked_notes.pluck(1, 0.1, RATE), RATE)
    with pytest.raises(
        StudyError, match="only 1 of 2 music files are usable and distinct.*pop/brief.wav"
    ):
        corpus(tmp_path)


def test_a_missing_or_empty_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such folder"):
        find_music(tmp_path / "none")
    plucked_notes.write(tmp_path / "loose.wav", plucked_notes.pluck(1, 1, RATE), RATE)
    with pytest.raises(StudyError, match="one subfolder per genre"):
        find_music(tmp_path)


def test_files_that_differ_only_in_extension_have_different_names(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"pop": 3})
    plucked_notes.write(tmp_path / "pop" / "pop.00000.FLAC", plucked_notes.pluck(50, 1, RATE), RATE)
    names = [clip.name for clip in corpus(tmp_path).clips]
    assert len(set(names)) == 4


@given(
    st.lists(st.integers(3, 40), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
)
@example([30, 32, 33], 0)
def test_splits_are_stratified(counts: list[int], seed: int) -> None:
    genres = [f"g{genre}" for genre, count in enumerate(counts) for _ in range(count)]
    parts = split(genres, list(range(len(genres))), 0.1, 0.1, seed)
    sizes = Counter(parts)
    for part in ("validation", "test"):
        assert sizes[part] == max(1, round(0.1 * len(genres)))
    for genre, count in enumerate(counts):
        of_genre = Counter(
            part for part, name in zip(parts, genres, strict=True) if name == f"g{genre}"
        )
        for part in ("validation", "test"):
            assert abs(of_genre[part] - 0.1 * count) < 1.5
    assert parts == split(genres, list(range(len(genres))), 0.1, 0.1, seed)


def test_the_split_depends_on_the_seed() -> None:
    genres = ["a"] * 50
    rows = list(range(50))
    assert split(genres, rows, 0.1, 0.1, 1) != split(genres, rows, 0.1, 0.1, 2)


@pytest.mark.slow
def test_the_real_data_set(real_music: Path) -> None:
    folder = real_music / "gtzan-250"
    found = corpus(folder, sampling_rate=22_050, samples=110_250)
    assert found.waveforms.shape == (250, 110_250)
    assert not found.faults
    counts = Counter(clip.split for clip in found.clips)
    assert counts["validation"] == pytest.approx(25, abs=1)
    assert counts["test"] == pytest.approx(25, abs=1)
    assert found.duplicates
    assert found.copies
    for rows in found.duplicates + found.copies:
        assert len({found.clips[row].split for row in rows}) == 1
