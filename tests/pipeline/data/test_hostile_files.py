"""Hostile input: every file becomes a clip or a reported fault."""

import functools
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio import files as audio_files
from pipeline.audio import resample
from pipeline.data.clip_cutter import is_silent
from pipeline.data.corpus import Corpus, from_bytes, from_folder
from pipeline.data.new_songs import prepare_song
from pipeline.errors import StudyError
from pipeline.music_folder.scan import find_music
from tests.pipeline import plucked_notes
from tests.pipeline.data import hostile_files

CUTS: dict[str, Any] = {
    "sampling_rate": hostile_files.RATE,
    "samples": hostile_files.RATE,
    "clips_per_file": 1,
    "validation": 0.1,
    "test": 0.1,
    "seed": 42,
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Corpus of a folder with all hostile files and four valid ones."""
    folder = tmp_path_factory.mktemp("music")
    plucked_notes.folder(folder, {"good": 4}, seconds=1.0)
    hostile_files.write(folder / "bad", hostile_files.CASES)
    return from_folder(str(folder), plucked_notes.hashed(folder, find_music(folder).files), **CUTS)


@pytest.mark.parametrize(
    "case", hostile_files.CASES, ids=[case.title for case in hostile_files.CASES]
)
def test_each_file_becomes_a_clip_or_a_fault(outcome: Corpus, case: hostile_files.Case) -> None:
    found = [fault.fault for fault in outcome.faults if fault.file == f"bad/{case.name}"]
    found += [hostile_files.CLIP for clip in outcome.clips if clip.file == f"bad/{case.name}"]
    assert found == [case.outcome]


def test_no_file_is_lost_and_no_clip_is_silent(outcome: Corpus) -> None:
    assert len(outcome.clips) + len(outcome.faults) == 4 + len(hostile_files.CASES)
    assert sum(clip.genre == "good" for clip in outcome.clips) == 4
    for waveform in outcome.waveforms:
        assert not is_silent(audio_files.to_float(waveform))
    for fault in outcome.faults:
        assert fault.detail
        assert not re.search("\n|opening", fault.detail)


def test_the_table_of_hostile_files_is_current(
    outcome: Corpus, check_table: Callable[[str, list[str]], None]
) -> None:
    faults = {fault.file: fault.fault for fault in outcome.faults}
    rows = ["| a file with | outcome |", "| --- | --- |"]
    for case in hostile_files.CASES:
        seen = faults.get(f"bad/{case.name}", hostile_files.CLIP)
        rows.append(f"| {hostile_files.title_cell(case.title)} | {seen.replace('_', ' ')} |")
    files, faulty = len(hostile_files.CASES), len(outcome.faults)
    total = f"{files} files: {files - faulty} clips, {faulty} faults."
    check_table("hostile-files", [*rows, "", total])


def test_links_pipes_and_names_that_are_not_utf_8(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"good": 3})
    good = tmp_path / "good"
    (good / "loop").symlink_to(tmp_path, target_is_directory=True)
    (good / "broken.wav").symlink_to(tmp_path / "gone.wav")
    (good / "itself.wav").symlink_to(good / "itself.wav")
    (good / "linked.wav").symlink_to(good / "good.00000.wav")
    (good / "folder.wav").mkdir()
    os.mkfifo(good / "pipe.wav")
    name = os.fsdecode(b"good/not-utf8-\xff.wav")
    plucked_notes.write(
        tmp_path / "x.wav", plucked_notes.pluck(9, 1, hostile_files.RATE), hostile_files.RATE
    )
    os.rename(tmp_path / "x.wav", tmp_path / name)
    found = from_folder(
        str(tmp_path), plucked_notes.hashed(tmp_path, find_music(tmp_path).files), **CUTS
    )
    assert {fault.file: fault.detail for fault in found.faults} == {
        "good/broken.wav": "cannot be read: No such file or directory",
        "good/itself.wav": "cannot be read: Too many levels of symbolic links",
        "good/not-utf8-\\xff.wav": "file name is not UTF-8; rename the file",
    }
    assert len(found.clips) == 4
    assert len(found.duplicates) == 1


def test_a_file_instead_of_a_folder_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "music"
    path.write_text("not a folder")
    with pytest.raises(StudyError, match="is a file; data.path must be a folder"):
        find_music(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to drop privileges")
def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"good": 3, "locked": 1})
    (tmp_path / "locked").chmod(0)
    walk = (
        "import os, sys; from pathlib import Path\n"
        "from pipeline.music_folder.scan import find_music\n"
        "os.chroot(sys.argv[1]); os.chdir('/'); os.setuid(65534)\n"
        "try: find_music(Path('/'))\nexcept Exception as error: print(type(error).__name__, error)"
    )
    tmp_path.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-c", walk, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.stdout.startswith("StudyError /locked: cannot list this folder"), run.stderr


ENDINGS = ["aiff", "au", "caf", "flac", "mp3", "ogg", "w64", "wav"]


@functools.cache
def good(ending: str, seed: int) -> bytes:
    """Content of a valid file of 0.3 s."""
    with tempfile.TemporaryDirectory() as folder:
        sound = plucked_notes.pluck(seed, 0.3, hostile_files.RATE)
        return plucked_notes.write(
            Path(folder, f"x.{ending}"), sound, hostile_files.RATE
        ).read_bytes()


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_damage_gives_a_clip_or_a_fault(data: st.DataObject) -> None:
    ending = data.draw(st.sampled_from(ENDINGS))
    content = bytearray(good(ending, 0))
    for _ in range(data.draw(st.integers(0, 12))):
        # Half of the damage goes to the header, where it matters most.
        end = data.draw(st.sampled_from([64, len(content)]))
        content[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    files = {f"good/{seed}.wav": good("wav", seed) for seed in (1, 2, 3)}
    file = f"bad/x.{ending}"
    found = from_bytes({"music": {**files, file: bytes(content[:cut])}}, **CUTS | {"samples": 2000})
    names = [fault.file for fault in found.faults] + [clip.file for clip in found.clips]
    assert names.count(file) == 1


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Limit the address space to 1.5 GB more than now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + 1_500_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("rate", [44_057, 191_999, 11_127])
def test_coprime_rates_need_little_memory(rate: int) -> None:
    def tone(at: int) -> torch.Tensor:
        return torch.sin(2 * torch.pi * 440 * torch.arange(at).double() / at).float()

    ours = resample.resample(tone(rate), rate, 22_050)
    assert len(ours) == 22_050
    assert (ours - tone(22_050))[400:-400].abs().max() < 1e-4


def test_both_resampling_implementations_agree() -> None:
    sound = torch.from_numpy(plucked_notes.pluck(4, 0.5, 48_000)[:, 0].copy())
    bank = resample.resample(sound, 48_000, 22_050)
    torch.testing.assert_close(
        resample._resample_directly(sound, 48_000, 22_050), bank, atol=1e-5, rtol=0
    )


@pytest.mark.slow
@pytest.mark.usefixtures("little_memory")
def test_an_hour_of_sixteen_channels_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    block = np.repeat(
        (plucked_notes.pluck(6, 10, hostile_files.RATE) * 32767).astype("<i2"), 16, axis=1
    )
    header = hostile_files.wav_header(b"", hostile_files.RATE, 360 * block.nbytes, channels=16)
    with path.open("wb") as stream:  # a sparse file: silence but for its loudest minute
        stream.write(header)
        stream.seek(197 * block.nbytes, os.SEEK_CUR)
        for second in range(-3, 4):
            stream.write((block // (1 + abs(second))).tobytes())
        stream.truncate(len(header) + 360 * block.nbytes)
    song = prepare_song(path, "hour.wav", hostile_files.RATE, 5 * hostile_files.RATE)
    assert song.seconds == 3600
    assert 1995 < song.start < 2010
    assert audio_files.read_mono(path, hostile_files.RATE, 3000, 5).shape == (
        5 * hostile_files.RATE,
    )
    path.unlink()
