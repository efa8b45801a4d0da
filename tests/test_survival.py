"""Builds survive kills, concurrent builds, damage, full disks, lost workers and schedulers."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from tests.study_builds import ROOT, STUDY, beside, latentes, made, start, stored, until

pytestmark = pytest.mark.crash

BUILD = f"{shlex.quote(sys.executable)} -m report build"


def same(folder: Path, built: Path) -> None:
    """Assert that two builds stored and wrote the same bytes."""
    # Another test encodes a song in the shared build.
    ours, theirs = (
        {name: digest for name, digest in stored(where).items() if not name.startswith("encoded.")}
        for where in (folder, built)
    )
    assert ours == theirs
    ours_made, theirs_made = made(folder), made(built)
    assert sorted(ours_made) == sorted(theirs_made)
    assert [name for name in ours_made if ours_made[name] != theirs_made[name]] == []
    left = {path.name for path in (folder / "build").iterdir()}
    assert left <= {path.name for path in (built / "build").iterdir()}


def test_killed_builds_on_one_core_resume_to_the_same_bytes(built: Path, tmp_path: Path) -> None:
    beside(built, tmp_path)
    random = np.random.default_rng(7)
    core = {min(os.sched_getaffinity(0))}
    for steps in (0, 0, 1, 1, 2, 4, 6, 8, 10, 1000):
        build = start(tmp_path, "build", cores=core)
        until(build, steps)
        time.sleep(random.uniform(0, 1))
        build.kill()
        build.wait()
    end = start(tmp_path, "build", cores=core)
    said = end.communicate()[1]
    assert end.returncode == 0, said
    same(tmp_path, built)


def test_two_concurrent_builds_in_one_folder_write_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
    builds = [start(beside(built, tmp_path), "build"), start(tmp_path, "build")]
    said = [build.communicate()[1] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    same(tmp_path, built)


@pytest.mark.cluster
def test_a_cluster_that_loses_a_worker_computes_the_same_bytes(
    built: Path,
    tmp_path: Path,
    address: str,
    workers: "dict[str, subprocess.Popen[bytes]]",
) -> None:
    build = start(beside(built, tmp_path), "build", "--scheduler", address)
    said = until(build, 4)
    workers["first"].kill()
    assert build.stderr is not None
    said += build.stderr.read()
    assert build.wait() == 0, said
    same(tmp_path, built)


@pytest.mark.cluster
def test_a_lost_scheduler_is_reported_and_the_build_resumes_locally(
    built: Path,
    tmp_path: Path,
    scheduler: "subprocess.Popen[bytes]",
    address: str,
    workers: object,
) -> None:
    build = start(beside(built, tmp_path), "build", "--scheduler", address)
    until(build, 3)
    scheduler.kill()
    assert build.stderr is not None
    said = build.stderr.read().splitlines()
    assert build.wait() == 1, said
    assert said[-1].startswith(f"latentes: {address}: the connection to the scheduler was lost")
    assert not [line for line in said if not line.startswith(("[", "latentes: ", "  "))]
    again = latentes("build", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "corpus" not in again.stderr
    same(tmp_path, built)


def test_damaged_results_are_recomputed(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    found = next((tmp_path / "copy" / "build" / "cache" / "results").glob("*/files/results.json"))
    found.write_text(found.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    run = latentes("build", cwd=tmp_path / "copy")
    assert run.returncode == 0, run.stderr
    assert "Warning: results: stored value is damaged; recomputing\n" in run.stderr
    assert "1 steps computed" in run.stderr
    same(tmp_path / "copy", built)


def mounted(commands: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run shell commands in a private mount namespace; exit status 99 skips the test."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", commands],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
    )
    if ran.returncode == 99:
        pytest.skip("no permission to mount a file system")
    return ran


def test_a_full_disk_is_reported_in_one_line_and_nothing_is_lost(
    built: Path, tmp_path: Path
) -> None:
    """Uses a tmpfs that is enlarged after each failure."""
    beside(built, tmp_path)
    (tmp_path / "build").mkdir()
    needed = sum(path.stat().st_blocks // 2 for path in (built / "build").rglob("*"))
    sizes = [needed * percent // 100 for percent in (4, 30, 60, 70, 80, 90, 95)]
    fill = "; ".join(f"mount -o remount,size={size}k none build; {BUILD}" for size in sizes)
    ran = mounted(
        f"mount -t tmpfs -o size=1k none build || exit 99; {BUILD}; {fill}; "
        f"echo ROOM >&2; mount -o remount,size={3 * needed}k none build; {BUILD} && "
        "cp -r build kept",
        tmp_path,
    )
    before, after = ran.stderr.split("ROOM\n")
    assert ran.returncode == 0, ran.stderr
    ends = [line for line in before.splitlines() if line.startswith("latentes: ")]
    assert "Traceback" not in ran.stderr
    assert sum("No space left on device); free some space" in line for line in ends) > len(sizes)
    assert "corpus" not in after
    (tmp_path / "build").rmdir()
    (tmp_path / "kept").rename(tmp_path / "build")
    same(tmp_path, built)


def test_a_full_disk_keeps_the_last_pages(built: Path, tmp_path: Path) -> None:
    """Uses a tmpfs that holds a finished build but has no space for another."""
    study = STUDY.replace("diminuto", "renovado")
    (beside(built, tmp_path) / "study.toml").unlink()
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    (tmp_path / "build").mkdir()
    ran = mounted(
        f"mount -t tmpfs -o size=1g none build || exit 99; cp -r {built}/build/. build; "
        "used=$(df --output=used -k build | tail -1); "
        f"for room in 0 200 1000; do mount -o remount,size=$((used + room))k none build; {BUILD}; "
        "done; cp -r build kept",
        tmp_path,
    )
    told = [line for line in ran.stderr.splitlines() if line.startswith("latentes: ")]
    assert "Traceback" not in ran.stderr
    assert len([line for line in told if "No space left on device" in line]) == 3, ran.stderr
    assert len([line for line in told if line.endswith("in build are unchanged")]) == 3
    (tmp_path / "build").rmdir()
    (tmp_path / "kept").rename(tmp_path / "build")
    ours, theirs = made(tmp_path), made(built)
    assert [name for name in ours if ours[name] != theirs[name] and "results/" not in name] == []


def test_a_read_only_folder_is_reported_unless_the_build_is_complete(
    built: Path, tmp_path: Path
) -> None:
    (tmp_path / "built").mkdir()
    (tmp_path / "new").mkdir()
    ran = mounted(
        f"mount --bind {built} built && mount -o remount,ro,bind built && "
        "mount -t tmpfs -o ro none new || exit 99; "
        f"{BUILD} built/study.toml --out built/build || exit 1; "
        f"{BUILD} built/study.toml --out new/build",
        tmp_path,
    )
    assert ran.returncode == 1
    assert ran.stdout.startswith("PDF:  built/build/informe.pdf\n")
    *_, fine, _, mistake = ran.stderr.splitlines()
    assert fine == "PDF and site are up to date."
    assert mistake.startswith("latentes: new/build")
    assert "cannot be written (Read-only file system); choose another folder" in mistake


@pytest.mark.slow
def test_a_small_temporary_folder_is_enough(built: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(built, tmp_path / "copy"))
    for made_again in ("cache/corpus", "cache/results", "site", ".kept"):
        shutil.rmtree(copy / "build" / made_again)
    # A short path: multiprocessing puts sockets there, whose paths are limited to 107 characters.
    with tempfile.TemporaryDirectory() as small:
        ran = mounted(
            f"mount -t tmpfs -o size=64k none {small} || exit 99; TMPDIR={small} {BUILD}; "
            f"ls {small}",
            copy,
        )
    assert "2 steps computed" in ran.stderr, ran.stderr
    assert ran.stdout == "PDF:  build/informe.pdf\nSite: build/site/index.html\n", ran.stderr
    same(copy, built)
