"""Resources held by `latentes serve` after many edits: memory, threads, open and temporary files.

    .venv/bin/python benchmarks/serving.py [--edits 200] [--pages 3]

Copies this project and a tiny built study, serves it, and keeps some pages open as browsers do:
each listens for changes and reloads its page and resources on every change. A template is edited
repeatedly, each time after the last edit has reached the pages. The server's resources are printed
after the third edit, when everything is loaded, and every ten edits. Linux only.
"""

import argparse
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from interrupts import STUDY, write_music
from memory import resident

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r'(?:src|href)="([^"#:?]+)"')


def page(port: int, reloaded: threading.Semaphore, ended: threading.Event) -> None:
    """Simulate an open page: load, listen, and reload on every change."""
    while not ended.is_set():
        try:
            loading = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            loading.request("GET", "/index.html")
            text = loading.getresponse().read().decode()
            for name in list(dict.fromkeys(NAMED.findall(text)))[:20]:
                loading.request("GET", f"/{name}")
                loading.getresponse().read()
            listening = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            listening.request("GET", "/cambios")
            answer = listening.getresponse()
            reloaded.release()
            while (line := answer.readline()) and not line.startswith(b"data"):
                pass
            answer.close()
            listening.close()
            loading.close()
        except OSError:
            time.sleep(0.2)


def resources(server: int, folder: Path, temporary: Path) -> str:
    """Current resources of a server."""
    status = Path(f"/proc/{server}/status").read_text()
    threads = re.search(r"Threads:\s+(\d+)", status)
    assert threads is not None
    files = [path for path in (folder / "build").rglob("*") if path.is_file()]
    return (
        f"{resident(server) / 2**20:.1f} MiB, {threads[1]} threads, "
        f"{len(list(Path(f'/proc/{server}/fd').iterdir()))} open files, "
        f"{len(list(temporary.iterdir()))} temporary files, {len(files)} files in build"
    )


def main() -> None:
    """Serve, edit and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--edits", type=int, default=200)
    options.add_argument("--pages", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder, temporary = Path(work, "project"), Path(work, "temporary")
        temporary.mkdir()
        for name in ("pipeline", "report", "templates", "site"):
            shutil.copytree(ROOT / name, folder / name)
        write_music(folder / "music")
        (folder / "study.toml").write_text(STUDY.format(seed=0))
        environment = os.environ | {"PYTHONPATH": str(folder), "TMPDIR": str(temporary)}
        command = [sys.executable, "-m", "report"]
        subprocess.run([*command, "build"], cwd=folder, env=environment, check=True,
                       capture_output=True)  # fmt: skip
        served = subprocess.Popen(
            [*command, "serve", "--port", "0"], cwd=folder, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert served.stdout is not None
        match = re.search(r":(\d+)/", served.stdout.readline())
        assert match is not None
        reloaded, ended = threading.Semaphore(0), threading.Event()
        for _ in range(chosen.pages):
            threading.Thread(
                target=page, args=(int(match[1]), reloaded, ended), daemon=True
            ).start()
        for _ in range(chosen.pages):
            reloaded.acquire()
        template, began = folder / "templates" / "introduccion.md", time.monotonic()
        text = template.read_text(encoding="utf-8")
        for edit in range(1, chosen.edits + 1):
            template.write_text(f"{text}\nEdición número {edit}.\n", encoding="utf-8")
            for _ in range(chosen.pages):
                reloaded.acquire()
            if edit == 3 or edit % 10 == 0 or edit == chosen.edits:
                seconds = (time.monotonic() - began) / edit
                now = resources(served.pid, folder, temporary)
                print(f"{edit} edits ({seconds:.1f} s per edit): {now}", flush=True)
        shown = (folder / "build" / "site" / "index.html").read_text(encoding="utf-8")
        print(f"the last edit is on the page: {f'Edición número {chosen.edits}.' in shown}")
        ended.set()
        served.terminate()
        print(f"exit status {served.wait()}")


if __name__ == "__main__":
    main()
