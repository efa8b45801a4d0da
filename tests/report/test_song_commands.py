"""`latentes compress`, `latentes decompress` and `latentes generate` on real files."""

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
    assert told.startswith("latentes: ")
    assert message in told
    assert all("%" in line for line in progress)
    assert sorted(tmp_path.iterdir()) == before


def test_the_file_to_be_read_is_not_overwritten(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "classical.latente", tmp_path / "x.flac")
    run = latentes_in_process("decompress", "x.flac", "-o", "./x.flac", cwd=tmp_path)
    assert run.returncode == 1
    assert "is the file to be read" in run.stderr


@pytest.mark.slow
def test_a_built_study_generates_music(built: Path, tmp_path: Path) -> None:
    build = str(built / "build")
    run = latentes_in_process(
        "generate", "--genre", "rock", "--seconds", "2.5", "--seed", "7", "-n", "2",
        "-o", "new", "--out", build, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout == "Generated: new/rock-7.flac\nGenerated: new/rock-8.flac\n"
    assert run.stderr == (
        "the music that this model learned from has no stated licence: do not publish what it "
        "generates, or state the licence in the study's settings and build it again\n"
    )
    sounds = [soundfile.read(tmp_path / "new" / f"rock-{seed}.flac") for seed in (7, 8)]
    for sound, rate in sounds:
        assert len(sound) == 2.5 * rate
        assert 0 < np.abs(sound).max() < 1
    assert not np.array_equal(sounds[0][0], sounds[1][0])
    model = f"{build}/results/models/flow.safetensors"
    again = ["generate", "--genre", "rock", "--seconds", "2.5", "--seed", "8", "--model", model]
    assert latentes_in_process(*again, cwd=tmp_path).returncode == 0
    assert (tmp_path / "rock-8.flac").read_bytes() == (tmp_path / "new/rock-8.flac").read_bytes()
    loop = ["generate", "--genre", "pop", "--seconds", "3", "--loop", "--out", build]
    run = latentes_in_process(*loop, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert soundfile.info(tmp_path / "pop-0.flac").duration == pytest.approx(3, abs=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--genre", "ska"], 'no genre "ska" in the training music (genres: pop, rock)'),
        (["--genre", "Rock"], "(genres: pop, rock); did you mean rock?"),
        (["--genre", "rock", "-o", "song.flac"], "song.flac: is a file; name a folder with -o"),
        (["--genre", "rock", "--seed", "5"], "rock-5.flac: exists already; name another folder"),
        (["--genre", "rock", "--model", "no.safetensors"], "no.safetensors: no such file\n"),
        (["--genre", "rock", "--model", "song.flac"], "song.flac: cannot load the generator: "),
        (["--genre", "rock", "--out", "no"], "flow.safetensors: no such file; build the study"),
        (["--genre", "rock", "other.toml"], "other.toml: not the study in "),
    ],
)
def test_mistakes_in_generating_are_told_in_one_line(
    arguments: list[str], message: str, built: Path, tmp_path: Path
) -> None:
    for name in ("song.flac", "rock-5.flac"):
        (tmp_path / name).write_bytes(b"no music")
    out = [] if "--out" in arguments else ["--out", str(built / "build")]
    run = latentes_in_process("generate", *arguments, *out, cwd=tmp_path)
    assert run.returncode == 1
    assert message in run.stderr
    assert run.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rock-5.flac", "song.flac"]
