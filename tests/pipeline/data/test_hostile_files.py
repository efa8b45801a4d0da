"""A folder fed by strangers: each file becomes a clip or a listed fault, whatever it holds."""

import functools
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio import files as audio_files
from pipeline.audio import resample
from pipeline.audio.scan import find
from pipeline.data.corpus import Corpus, from_bytes, from_folder, silent
from pipeline.data.new_songs import prepare
from pipeline.errors import StudyError
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
    """What becomes of a folder with every hostile file, beside four good ones."""
    folder = tmp_path_factory.mktemp("music")
    plucked_notes.folder(folder, {"good": 4}, seconds=1.0)
    hostile_files.write(folder / "bad", hostile_files.CASES)
    return from_folder(str(folder), dict.fromkeys(find(folder), ""), **CUTS)


@pytest.mark.parametrize(
    "case", hostile_files.CASES, ids=[case.what for case in hostile_files.CASES]
)
def test_each_file_becomes_a_clip_or_a_listed_fault(
    outcome: Corpus, case: hostile_files.Case
) -> None:
    became = [fault.fault for fault in outcome.faults if fault.file == f"bad/{case.name}"]
    became += [hostile_files.CLIP for clip in outcome.clips if clip.file == f"bad/{case.name}"]
    assert became == [case.outcome]


def test_nothing_is_lost_and_every_clip_is_sound(outcome: Corpus) -> None:
    assert len(outcome.clips) + len(outcome.faults) == 4 + len(hostile_files.CASES)
    assert sum(clip.genre == "good" for clip in outcome.clips) == 4
    for waveform in outcome.waveforms:
        assert not silent(audio_files.to_float(waveform))
    for fault in outcome.faults:
        assert fault.detail
        assert not re.search("\n|opening", fault.detail)


def test_the_table_of_faults_is_what_was_seen(outcome: Corpus) -> None:
    became = {fault.file: fault.fault for fault in outcome.faults}
    rows = ["| a file with | becomes |", "| --- | --- |"]
    for case in hostile_files.CASES:
        seen = became.get(f"bad/{case.name}", hostile_files.CLIP)
        rows.append(f"| {hostile_files.shown(case.what)} | {seen.replace('_', ' ')} |")
    good = sum(clip.genre == "good" for clip in outcome.clips)
    rows += ["", f"{len(hostile_files.CASES)} hostile files tried beside {good} good ones: "
             f"{len(outcome.clips) - good} more clips, {len(outcome.faults)} listed faults, "
             "no crash, nothing lost."]  # fmt: skip
    told = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "\n".join(rows) in told, "\n".join(rows)


def test_links_pipes_and_names_without_letters(tmp_path: Path) -> None:
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
    found = from_folder(str(tmp_path), dict.fromkeys(find(tmp_path), ""), **CUTS)
    assert {fault.file: fault.detail for fault in found.faults} == {
        "good/broken.wav": "cannot be decoded: No such file or directory",
        "good/itself.wav": "cannot be decoded: Too many levels of symbolic links",
        "good/not-utf8-\\xff.wav": "its name is not UTF-8: rename it",
    }
    assert len(found.clips) == 4
    assert len(found.duplicates) == 1


def test_a_file_for_a_folder_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "music"
    path.write_text("not a folder")
    with pytest.raises(StudyError, match="is a file; data.path needs a folder"):
        find(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user without rights")
def test_a_folder_without_the_right_to_list_it_is_one_line(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path, {"good": 3, "locked": 1})
    (tmp_path / "locked").chmod(0)
    walk = (
        "import os, sys; from pathlib import Path; from pipeline.audio.scan import find\n"
        "os.chroot(sys.argv[1]); os.chdir('/'); os.setuid(65534)\n"
        "try: find(Path('/'))\nexcept Exception as error: print(type(error).__name__, error)"
    )
    tmp_path.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-c", walk, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.stdout.startswith("StudyError /locked: this folder cannot be listed"), run.stderr


ENDINGS = ["aiff", "au", "caf", "flac", "mp3", "ogg", "w64", "wav"]


@functools.cache
def good(ending: str, seed: int) -> bytes:
    """The bytes of a good file of 0.3 s."""
    with tempfile.TemporaryDirectory() as folder:
        sound = plucked_notes.pluck(seed, 0.3, hostile_files.RATE)
        return plucked_notes.write(
            Path(folder, f"x.{ending}"), sound, hostile_files.RATE
        ).read_bytes()


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_gives_a_clip_or_a_fault(data: st.DataObject) -> None:
    ending = data.draw(st.sampled_from(ENDINGS))
    content = bytearray(good(ending, 0))
    for _ in range(data.draw(st.integers(0, 12))):
        # Headers are where damage hurts: half of it goes there.
        end = data.draw(st.sampled_from([64, len(content)]))
        content[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    files = {f"good/{seed}.wav": good("wav", seed) for seed in (1, 2, 3)}
    file = f"bad/x.{ending}"
    found = from_bytes({"music": {**files, file: bytes(content[:cut])}}, **CUTS | {"samples": 2000})
    became = [fault.file for fault in found.faults] + [clip.file for clip in found.clips]
    assert became.count(file) == 1


@pytest.fixture
def little_memory() -> Iterator[None]:
    """At most 1.5 GB more of address space than now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + 1_500_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("rate", [44_057, 191_999, 11_127])
def test_rates_that_share_no_factor_need_no_memory(rate: int) -> None:
    def tone(at: int) -> torch.Tensor:
        return torch.sin(2 * torch.pi * 440 * torch.arange(at).double() / at).float()

    ours = resample.resample(tone(rate), rate, 22_050)
    assert len(ours) == 22_050
    assert (ours - tone(22_050))[400:-400].abs().max() < 1e-4


def test_both_ways_of_resampling_agree() -> None:
    sound = torch.from_numpy(plucked_notes.pluck(4, 0.5, 48_000)[:, 0].copy())
    bank = resample.resample(sound, 48_000, 22_050)
    torch.testing.assert_close(
        resample._resample_directly(sound, 48_000, 22_050), bank, atol=1e-5, rtol=0
    )


@pytest.mark.usefixtures("little_memory")
def test_an_hour_of_sixteen_channels_costs_what_its_stretch_costs(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    block = np.repeat(
        (plucked_notes.pluck(6, 10, hostile_files.RATE) * 32767).astype("<i2"), 16, axis=1
    )
    header = hostile_files.wav_header(b"", hostile_files.RATE, 360 * block.nbytes, channels=16)
    with path.open("wb") as stream:
        stream.write(header)
        for loudness in range(360):
            stream.write((block // (1 + abs(loudness - 200))).tobytes())
    song = prepare(path, "hour.wav", hostile_files.RATE, 5 * hostile_files.RATE)
    assert song.seconds == 3600
    assert 1995 < song.start < 2010
    assert audio_files.read(path, hostile_files.RATE, 3000, 5).shape == (5 * hostile_files.RATE,)
    path.unlink()
