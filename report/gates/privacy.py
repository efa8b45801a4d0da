"""Gate: nothing that goes out tells of the machine it was made on, or holds a secret."""

import base64
import getpass
import re
import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pypdf import PdfReader

from report.gates.problem import Problem
from report.places import HERE

TEXTS = {".html", ".js", ".css", ".json", ".csv", ".svg", ".txt", ".xml", ".md", ".toml"}
FOLDERS = (
    r"/(?:home|Users|root|tmp|var|mnt|media|opt|srv|private|workspace|Volumes)/[\w.@+-]+"
    r"|[A-Za-z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}[\w.@+-]+|[fF][iI][lL][eE]:///*[\w.%~-]+"
)
BEFORE = r"(?<![\w./:-])"
PATHS = {
    "tags": re.compile(FOLDERS),  # any byte may stand before
    "pdf": re.compile(f"{BEFORE}(?:{FOLDERS})"),
    "text": re.compile(
        rf"{BEFORE}(?:{FOLDERS}|~/[\w.@+-]+"
        r'|[A-Za-z]:(?:\\{1,2}|/)[^\\/:*?"<>|\s][^\\/:*?"<>|\n]*(?:\\{1,2}|/)[\w.@+-])'
    ),
}
"""Absolute paths, by what they stand in; in text, two folders of Windows are enough to tell one."""
SECRETS = re.compile(
    r"(?<![A-Za-z0-9+/])(?:AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35})(?![A-Za-z0-9+/=])"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{30,}"
    r"|xox[abpr]-[\w-]{10,}|sk-[A-Za-z0-9_-]{32,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|https?://[^\s/:@\"']+:[^\s/@\"']{3,}@"
    r"|(?i:api[_-]?key|secret|password|passwd|token)[\"']?\s*[:=]\s*(?:[\"'][^\"'\s]{6,}[\"']"
    r"|[A-Za-z0-9+/_-]{20,})"
)
BASE64 = re.compile(rb"([A-Za-z0-9+/]{64,}={0,2})")
MARKS = (
    "/home/ /users/ /root/ /tmp/ /var/ /mnt/ /media/ /opt/ /srv/ /private/ /workspace/ /volumes/ "
    "\\users \\documents file:/ akia aiza ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- hf_ xox sk- "
    "eyj private http key secret pass token"
).split()
"""Of what is looked for, something that is soon found, as most of a site is sound."""
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def problems(out: Path) -> Iterator[Problem]:
    """Absolute paths, the user's and the machine's names in paths and addresses, secrets."""
    own = _own(out)
    for file in sorted((out / "site").rglob("*")):
        if file.is_file() and file.suffix != ".pdf":
            yield from _in(file, _text(file), out, own)
    for pdf in (out / "informe.pdf", out / "site" / "informe.pdf"):
        if pdf.is_file():
            yield from _in(pdf, _inside(pdf), out, own)


def _own(out: Path) -> re.Pattern[str] | None:
    """What tells of this machine: names in paths and addresses, folders that we work in."""
    names = "|".join(re.escape(name) for name in _own_names())
    known = [rf"(?:[/\\@]|\b)(?:{names})(?:[/\\:]|\.local\b)"] if names else []
    folders = {out.resolve(), Path.cwd(), Path.home(), HERE.parent}
    known += [re.escape(f"{folder}/") for folder in folders if len(folder.parts) > 2]
    return re.compile("|".join(sorted(known))) if known else None


def _own_names() -> list[str]:
    """The names of the user and of the machine, where they are long enough to mean something."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return [name for name in (user, socket.gethostname()) if len(name) > 3 and name != "localhost"]


def _text(file: Path) -> str:
    """What a file says. Sounds and fonts have words in their tags, some of them with two bytes a
    letter, and scripts carry sounds: these say nothing unless there is a mark in them."""
    data = file.read_bytes()
    if _is_text(file):
        return data.decode("utf-8", "replace")
    if file.suffix == ".js":
        data = b"".join(map(_decoded, BASE64.split(data)))
    text = _letters(data)
    lower = text.lower()
    return text if any(mark in lower for mark in (*MARKS, *map(str.lower, _own_names()))) else ""


def _is_text(file: Path) -> bool:
    """Whether a file has words alone; scripts in folders carry data (report/site/sounds.py)."""
    return file.suffix in TEXTS and not (file.suffix == ".js" and file.parent.name != "site")


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4)) if BASE64.fullmatch(part) else part


def _letters(data: bytes) -> str:
    """Bytes as Latin-1, without the zeros between letters of two bytes."""
    return data.replace(b"\0", b"").decode("latin-1")


def _in(file: Path, text: str, out: Path, own: re.Pattern[str] | None) -> Iterator[Problem]:
    where = file.relative_to(out).as_posix()
    kind = "text" if _is_text(file) else "pdf" if file.suffix == ".pdf" else "tags"
    for what, pattern in (
        ("an absolute path", PATHS[kind]),
        ("what looks like a secret", SECRETS),
        ("the name of this user or machine", own),
    ):
        match = pattern.search(text) if pattern else None
        if match:
            line = text.count("\n", 0, match.start()) + 1
            told = match[0] if what == "an absolute path" else match[0][:4] + "…"
            yield Problem(
                f"{where}:{line}" if kind == "text" else where, f"holds {what} ({told})",
                "take it out of study.toml, the templates or the music's names and build again",
            )  # fmt: skip


def _inside(pdf: Path) -> str:
    """What a PDF holds as letters: its own bytes, its compressed streams, what it says of itself.

    The words of its pages are drawn, and stand as letters on the site's.
    """
    data = pdf.read_bytes()
    parts = [_letters(data)]
    for stream in STREAM.findall(data):
        # A font or a picture in another coding has no text of ours.
        with suppress(zlib.error):
            parts.append(_letters(zlib.decompress(stream)))
    with suppress(Exception):  # a broken PDF, which fails in any way, is told by another gate
        parts += [str(value) for value in (PdfReader(pdf).metadata or {}).values()]
    return "\n".join(parts)
