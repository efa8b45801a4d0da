"""`latentes compress` and `latentes decompress` on real files."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.pipeline.coding.write_fixtures import FIXTURES
from tests.pipeline.plucked_notes import pluck, write
from tests.study_builds import latentes_in_process


def test_a_song_comes_back_from_its_file(tmp_path: Path) -> None:
    sound = pluck(5, 6, 44_100, 2)
    write(tmp_path / "song.mp3", sound, 44_100)
    run = latentes_in_process("compress", "song.mp3", "--kbps", "24", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(r"Compressed: song\.latente \(\d\d\.\d kB\)\n", run.stdout)
    assert (tmp_path / "song.latente").stat().st_size == pytest.approx(24 * 125 * 6, rel=0.03)
    run = latentes_in_process("decompress", "song.latente", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "Decompressed: song.flac\n"
    decoded, rate = soundfile.read(tmp_path / "song.flac")
    assert rate == 22_050
    assert abs(len(decoded) - 6 * rate) < 0.1 * rate
    original = sound.mean(axis=1)[::2]
    assert np.corrcoef(original[: 5 * rate], decoded[: 5 * rate])[0, 1] > 0.97
    again = latentes_in_process("decompress", "song.latente", cwd=tmp_path)
    assert again.returncode == 1
    assert again.stderr == (
        "latentes: song.flac: exists already; name another file, or this one, with -o\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "song.flac",
        "song.latente",
        "song.mp3",
    ]


def test_damage_is_told_in_one_line(tmp_path: Path) -> None:
    content = bytearray((FIXTURES / "jazz.latente").read_bytes())
    content[3000] ^= 1
    (tmp_path / "jazz.latente").write_bytes(content)
    run = latentes_in_process("decompress", "jazz.latente", cwd=tmp_path)
    assert run.returncode == 0
    # A slow machine prints progress before.
    assert run.stderr.splitlines()[-1] == (
        "jazz.latente: 1 segment of 2 damaged or missing, at 0.0 s; silent there"
    )
    sound, _ = soundfile.read(tmp_path / "jazz.flac")
    assert not sound[:100_000].any()
    assert sound[115_000:].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compress", "no.wav"], "no.wav: no such file"),
        (["compress", "noise.bin"], "noise.bin: cannot be decoded: "),
        (["compress", "a.wav", "-o", "a.mp3"], "a.mp3: the name must end in .latente"),
        (["compress", "a.wav", "-o", "no/a.latente"], "no: no such folder"),
        (
            ["compress", "a.wav", "--kbps", "8", "--quality", "2"],
            "--kbps and --quality exclude each other; give one of them",
        ),
        (
            ["compress", "a.wav", "--model", "no.safetensors"],
            "no.safetensors: cannot load the coding model: No such file",
        ),
        (["decompress", "a.wav"], "a.wav: not a .latente file"),
        (["decompress", "damaged.latente"], "damaged.latente: damaged throughout"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    content = (FIXTURES / "classical.latente").read_bytes()
    write(tmp_path / "a.wav", pluck(1, 0.2, 22_050), 22_050)
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(1).bytes(5000))
    (tmp_path / "damaged.latente").write_bytes(content[:-40])
    before = sorted(tmp_path.iterdir())
    run = latentes_in_process(*arguments, cwd=tmp_path)
    assert run.returncode == 1
    *progress, told = run.stderr.splitlines()
    assert told.startswith("latentes: ") and message in told
    assert all("%" in line for line in progress)
    assert sorted(tmp_path.iterdir()) == before


def test_the_file_to_be_read_is_not_overwritten(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "classical.latente", tmp_path / "x.flac")
    run = latentes_in_process("decompress", "x.flac", "-o", "./x.flac", cwd=tmp_path)
    assert run.returncode == 1
    assert "is the file to be read" in run.stderr
