"""Gate: nothing that goes out tells of the machine it was made on, or holds a secret."""

import getpass
import re
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

from report.gates.problem import Problem

TEXTS = {".html", ".js", ".css", ".json", ".csv", ".svg", ".txt", ".xml", ".md", ".toml"}
PATHS = re.compile(
    r"(?<![\w./:-])(?:/(?:home|Users|root|tmp|var|mnt|media|opt|srv|private|workspace)/[\w.@+-]+"
    r"|[A-Za-z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}[\w.@+-]+|file:///+[\w.%-]+)"
)
SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abpr]-[\w-]{10,}"
    r"|sk-[A-Za-z0-9_-]{32,}|AIza[0-9A-Za-z_-]{35}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|(?i:api[_-]?key|secret|password|token)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9+/_-]{20,}"
)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def problems(out: Path) -> Iterator[Problem]:
    """Absolute paths, the user's and the machine's names in paths and addresses, secrets."""
    names = [re.escape(name) for name in _own_names()]
    own = re.compile(rf"(?:[/\\@]|\b)(?:{'|'.join(names)})(?:[/\\:]|\.local\b)") if names else None
    for file in sorted((out / "site").rglob("*")):
        if file.suffix in TEXTS:
            yield from _in(file, file.read_text(encoding="utf-8"), out, own)
    for pdf in (out / "informe.pdf", out / "site" / "informe.pdf"):
        if pdf.is_file():
            yield from _in(pdf, _inside(pdf.read_bytes()), out, own)


def _own_names() -> list[str]:
    """The names of the user and of the machine, where they are long enough to mean something."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return [name for name in (user, socket.gethostname()) if len(name) > 3 and name != "localhost"]


def _in(file: Path, text: str, out: Path, own: re.Pattern[str] | None) -> Iterator[Problem]:
    where = file.relative_to(out).as_posix()
    for what, pattern in (
        ("an absolute path", PATHS),
        ("what looks like a secret", SECRETS),
        ("the name of this user or machine", own),
    ):
        match = pattern.search(text) if pattern else None
        if match:
            line = text.count("\n", 0, match.start()) + 1
            told = match[0] if what == "an absolute path" else match[0][:4] + "…"
            yield Problem(
                f"{where}:{line}", f"holds {what} ({told})",
                "take it out of study.toml, the templates or the music's names and build again",
            )  # fmt: skip


def _inside(pdf: bytes) -> str:
    """A PDF's own bytes and what its compressed streams hold, as Latin-1 text."""
    parts = [pdf]
    for stream in STREAM.findall(pdf):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue  # a font or a picture in another coding: no text of ours
    return b"\n".join(parts).decode("latin-1")
