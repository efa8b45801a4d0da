"""Set-up of the environment: what can fail ends in one line with its remedy."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import make_venv
from report.__main__ import main as latentes
from tests.study_builds import ROOT

SPACE = namedtuple("SPACE", "free")


def refusal(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """The line with which set-up ends."""
    monkeypatch.setattr(sys, "argv", ["make_venv.py", str(folder)])
    with pytest.raises(SystemExit) as ended:
        make_venv.main()
    line = ended.value.code
    assert isinstance(line, str)
    assert "\n" not in line
    return line


def test_a_wrong_python_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ((3, 10, 9), (3, 15, 0)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "version_info", version)
            line = refusal(patch, tmp_path)
        assert f"3.11 to 3.14 is needed, this is 3.{version[1]}; set PYTHON=" in line


def test_windows_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        line = refusal(patch, tmp_path)
        with pytest.raises(SystemExit, match="use WSL 2"):  # and of a wheel that pip installed
            latentes()
    assert "use WSL 2" in line


def test_python_without_ensurepip_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # as on Debian without python3-venv
    assert "ensurepip is missing; on Debian and Ubuntu, install" in refusal(monkeypatch, tmp_path)


def test_a_place_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    line = refusal(monkeypatch, tmp_path / "file" / ".venv")
    assert f"{tmp_path}/file/.venv: Not a directory; it must be writable" in line


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("ERROR: Could not install: No space left on device\n", "the disk is full; free"),
        ("WARNING: after connection broken by x\nERROR: No matching distribution found for h11\n",
         "the package index was not reached; check the network"),
        ("ERROR: Could not find\nERROR: No matching distribution found for h11==0.16.0\n",
         "no wheel of h11==0.16.0 for this system; README.md lists"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  a\n  b\n", "a download differs from"),
        ("WARNING: x\nERROR: Invalid requirement: 'y'\nhint\n", "ERROR: Invalid requirement: 'y'"),
        ("Killed\n", "Killed"),
        ("", "no output"),
    ],
)  # fmt: skip
def test_the_reason_is_read_from_the_output_of_pip(
    output: str, expected: str, tmp_path: Path
) -> None:
    assert make_venv.reason(output, str(tmp_path)).startswith(expected)


def test_venv_does_not_say_that_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", "/large")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SPACE(free=0))
    assert "3 GB in /large for downloads" in make_venv.reason("Error: status 1.\n", str(tmp_path))


@pytest.mark.slow
def test_make_without_network_ends_in_one_line(tmp_path: Path) -> None:
    for name in ("Makefile", "make_venv.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "requirements.lock").write_text(f"h11==0.16.0 --hash=sha256:{64 * '0'}\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "MAKE", "MFL"))}
    nothing_listens = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    done = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        env=environment | nothing_listens | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
    )
    line, by_make = done.stderr.splitlines()
    assert line == (
        "Set-up failed: the package index was not reached; check the network and run make again "
        "(all output: .venv/set-up.log)."
    )
    assert by_make.startswith("make")
    assert done.returncode == 2
    assert "connection broken" in (tmp_path / ".venv" / "set-up.log").read_text()
    assert not (tmp_path / ".venv" / ".ready").exists()
