"""Offline logging to Weights & Biases, read back from its run files."""

import importlib
import json
import os
import shutil
import site
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.study_builds import ROOT, STUDY, latentes, results, stored

pytestmark = pytest.mark.slow

SECRET = "ab" * 20
TRAININGS = {"training.small.3200", "training.small.1600", "tuning.1", "tuning.2"}


@pytest.fixture
def study(built: Path, tmp_path: Path) -> Path:
    """The tiny study, all steps cached, with tracking enabled."""
    folder = shutil.copytree(built, tmp_path / "study", symlinks=True)
    (folder / "study.toml").write_text(STUDY + '[tracking]\nwandb = "offline"\n', encoding="utf-8")
    return folder


def records(path: Path) -> Iterator[bytes]:
    """Records of a run file: after a header of seven bytes, LevelDB's log format in blocks of
    32 KiB; each fragment has a checksum (4 bytes), a length (2) and a type (full, or first,
    middle and last)."""
    content, at, whole = path.read_bytes(), 7, b""
    while at < len(content):
        if (left := 32768 - at % 32768) < 7:
            at += left
            continue
        length, kind = struct.unpack("<HB", content[at + 4 : at + 7])
        whole += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield whole
            whole = b""


def runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Content of the run files by run: config, rows of the history, and summary."""
    messages: Any = importlib.import_module("wandb.proto.wandb_internal_pb2")
    found: dict[str, dict[str, Any]] = {}
    for path in (folder / "build" / "wandb").glob("offline-run-*/*.wandb"):
        about: dict[str, Any] = {"config": {}, "summary": {}, "rows": [], "folder": path.parent}
        name = ""
        for content in records(path):
            record = messages.Record.FromString(content)
            if record.HasField("run"):
                name = record.run.display_name
            about["config"] |= values(record.run.config.update) | values(record.config.update)
            about["summary"] |= values(record.summary.update)
            about["rows"].append(values(record.history.item))
        found[name] = about
    return found


def values(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def test_offline_logs_every_training_once_without_recomputing(
    built: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", SECRET)
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        threading.Thread(target=lambda: asked.append(proxy.accept()), daemon=True).start()
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        run = latentes("build", cwd=study)
    assert run.returncode == 0, run.stderr
    assert asked == []
    assert "steps computed" not in run.stderr
    last = "4 trainings logged to Weights & Biases in build/wandb; run wandb sync to upload them"
    assert run.stderr.splitlines()[-2:] == ["PDF and site are up to date.", last]
    assert run.stdout == "PDF:  build/informe.pdf\nSite: build/site/index.html\n"
    assert stored(study) == stored(built)

    facts, logged = results(study), runs(study)
    assert set(logged) == TRAININGS
    model, found = facts["models"][0], logged["training.small.3200"]
    assert found["config"]["training"]["epochs"] == 2
    assert found["config"]["layers"] == model["layers"]
    losses = [row for row in found["rows"] if "validation_rmse" in row]
    assert [
        {key: row[key] for key in ("training_rmse", "validation_rmse")} for row in losses
    ] == model["epochs"]
    snr = facts["numbers"]["reconstruction.small.3200.snr"]["value"]
    assert found["summary"]["snr"] == snr
    sounds = {path.read_bytes() for path in found["folder"].rglob("*.flac")}
    for song in facts["songs"]:
        for version in song["versions"]:
            sound = (study / "build" / "results" / version["audio"]).read_bytes()
            assert (sound in sounds) == (version["version"] in ("original", "small.3200"))
    trial = facts["tuning"]["trials"][0]
    assert logged["tuning.1"]["config"]["learning_rate"] == trial["learning_rate"]

    again = latentes("build", cwd=study)
    assert again.stderr.endswith("All trainings are already in Weights & Biases.\n")
    assert len(list((study / "build" / "wandb").glob("offline-run-*"))) == 4
    for path in (study / "build").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    for said in (run, again):
        assert SECRET not in said.stderr + said.stdout


def test_online_without_a_key_is_reported_after_the_study_is_done(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # nor one in a file there
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("offline", "online"), encoding="utf-8")
    run = latentes("build", cwd=study)
    assert run.returncode == 1
    assert run.stdout == "PDF:  build/informe.pdf\nSite: build/site/index.html\n"
    *_, done, why = run.stderr.splitlines()
    assert done == "PDF and site are up to date."
    assert why.startswith('latentes: [tracking] wandb = "online": Weights & Biases failed (')
    assert "wandb login" in why


def test_a_missing_wandb_is_reported_before_anything_runs(study: Path, tmp_path: Path) -> None:
    """In an environment with all other packages."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for folder in map(Path, [*site.getsitepackages(), *sys.path]):
        for path in folder.glob("*") if "-packages" in str(folder) else ():
            link = packages / path.name
            if "wandb" not in path.name and path.suffix != ".pth" and not link.exists():
                link.symlink_to(path)
    code = "from report.__main__ import main; main()"
    run = subprocess.run(
        [sys.executable, "-S", "-c", code, "build", "--out", "other"],
        cwd=study,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{packages}"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr == (
        "latentes: [tracking] wandb: Weights & Biases is not installed; run pip install "
        "'latentes[tracking]', or set wandb = \"off\"\n"
    )
    assert not (study / "other").exists()
