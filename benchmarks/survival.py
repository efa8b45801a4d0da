"""Repeat kills, signals and damage on a small study, and count the builds that end with the bytes
of an undisturbed one.

    .venv/bin/python -m benchmarks.survival [--kills 20] [--signals 10] [--damages 20] [--seed 0]

Kills hit the builder or one of its workers with SIGKILL, signals are SIGINT and SIGTERM to the
process group, each at a random moment of a build that starts from nothing. Damage is one flipped
bit or one deleted file anywhere under the output folder. After each, the same command runs again.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.pipeline import plucked_notes
from tests.study_builds import STUDY, latentes, made, start


def prepare(folder: Path) -> None:
    """Write the study and its music."""
    plucked_notes.folder(folder / "music", {"pop": 7, "rock": 7})
    song = plucked_notes.pluck(99, 3, 44_100, 2)
    plucked_notes.write(folder / "song.flac", song, 44_100)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def outcome(folder: Path, expected: dict[str, bytes], what: str) -> bool:
    """Build to the end, and compare every byte."""
    run = latentes("build", cwd=folder)
    if run.returncode:
        print(f"{what}: exit status {run.returncode}: {run.stderr.splitlines()[-1:]}")
        return False
    found = made(folder)
    different = [n for n in found.keys() | expected.keys() if found.get(n) != expected.get(n)]
    if different:
        print(f"{what}: {len(different)} files differ: {sorted(different)[:3]}")
    return not different


def workers(builder: int) -> list[int]:
    """Process IDs of the builder's children."""
    found = subprocess.run(["pgrep", "-P", str(builder)], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def interrupted(folder: Path, seconds: float, how: str, seed: random.Random) -> None:
    """Start a build from nothing and disturb it after some seconds."""
    shutil.rmtree(folder / "build", ignore_errors=True)
    build = start(folder, "build")
    time.sleep(seconds)
    if how == "builder":
        build.kill()
    elif how == "worker":
        children = workers(build.pid)
        if children:
            os.kill(seed.choice(children), signal.SIGKILL)
    elif build.poll() is None:
        os.killpg(build.pid, signal.Signals[how])
    build.communicate()


def damage(out: Path, seed: random.Random) -> str:
    """Flip a bit of a file under the output folder, or delete it."""
    files = sorted(p for p in out.rglob("*") if p.is_file() and not p.is_symlink())
    path = seed.choice([p for p in files if p.name != ".lock"])
    name = str(path.relative_to(out))
    if path.stat().st_size == 0 or seed.random() < 0.5:
        path.unlink()
        return f"deleted {name}"
    content = bytearray(path.read_bytes())
    place = seed.randrange(len(content))
    content[place] ^= 1 << seed.randrange(8)
    path.chmod(0o644)
    path.write_bytes(content)
    return f"flipped a bit of byte {place} of {name}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, count in (("kills", 20), ("signals", 10), ("damages", 20), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=count)
    options = parser.parse_args()
    seed = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        began = time.monotonic()
        first = latentes("build", cwd=folder)
        assert first.returncode == 0, first.stderr
        whole = time.monotonic() - began
        expected = made(folder)
        print(f"undisturbed build: {whole:.1f} s, {len(expected)} files")
        good = 0
        for index in range(options.damages):
            what = damage(folder / "build", seed)
            good += outcome(folder, expected, f"damage {index}: {what}")
        print(f"damage: {good} of {options.damages} as undisturbed")
        for title, count, hows in (
            ("kill -9", options.kills, ("builder", "worker")),
            ("signals", options.signals, ("SIGINT", "SIGTERM")),
        ):
            good = 0
            for index in range(count):
                seconds = seed.uniform(0.5, whole)
                interrupted(folder, seconds, hows[index % 2], seed)
                good += outcome(folder, expected, f"{hows[index % 2]} after {seconds:.1f} s")
            print(f"{title}: {good} of {count} as undisturbed")


if __name__ == "__main__":
    main()
