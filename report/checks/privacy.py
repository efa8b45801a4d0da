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

from report.checks.file_integrity import carries_data
from report.checks.problem import Problem
from report.paths import HERE, PDFS

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
BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}")
SOUND = re.compile(rb"[A-Za-z0-9+/]{4096,}={0,2}")
"""Base64 that is longer than any name: it is told by what it stands for alone."""
LETTERS = re.compile(rb"[ -~]{5,}[\x80-\xff]*")
"""What may be words in a file of bytes; most of a site is sound, which has few of them."""
NAMELESS = ("localhost", "root")
"""What many machines and users are called."""
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def find_problems(out: Path) -> Iterator[Problem]:
    """Absolute paths, the user's and the machine's names in paths and addresses, secrets."""
    customization = _own(out)
    for file in sorted((out / "site").rglob("*")):
        if file.is_file() and file.suffix != ".pdf":
            for kind, text in _said(file, out / "site"):
                yield from _in(file, kind, text, out, customization)
    for name in PDFS:
        if (out / name).is_file():
            yield from _in(out / name, "pdf", _inside(out / name), out, customization)


def _own(out: Path) -> re.Pattern[str] | None:
    """What tells of this machine: names in paths and addresses, folders that we work in."""
    names = "|".join(re.escape(name) for name in _own_names())
    known = [rf"(?:[/\\@]|\b)(?:{names})(?:[/\\:]|\.local\b)"] if names else []
    folders = {out.resolve(), Path.cwd(), HERE.parent}
    with suppress(RuntimeError):  # a user without a home
        folders.add(Path.home())
    known += [re.escape(f"{folder}/") for folder in folders if len(folder.parts) > 2]
    return re.compile("|".join(sorted(known))) if known else None


def _own_names() -> list[str]:
    """The names of the user and of the machine, where they are long enough to mean something."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    names = (user, socket.gethostname())
    return [name for name in names if len(name) > 3 and name not in NAMELESS]


def _said(file: Path, site: Path) -> Iterator[tuple[str, str]]:
    """What a file says, each part with its kind in `PATHS`.

    Sounds and fonts have words in their tags, and so have the sounds within scripts.
    """
    data = file.read_bytes()
    if carries_data(file, site):
        yield "text", SOUND.sub(b"", data).decode("utf-8", "replace")
        yield "tags", _words(b"\n".join(_decoded(run) for run in BASE64.findall(data)))
    elif file.suffix in TEXTS:
        yield "text", data.decode("utf-8", "replace")
    else:
        yield "tags", _words(data)


def _decoded(run: bytes) -> bytes:
    """The bytes that a run of base64 stands for, as far as it does: it may be a name."""
    whole = run[:-1] if len(run) % 4 == 1 else run
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _words(data: bytes) -> str:
    """What may be words among bytes, also those of two bytes a letter, a line each."""
    return b"\n".join(LETTERS.findall(data.replace(b"\0", b""))).decode("latin-1")


def _in(
    file: Path, kind: str, text: str, out: Path, customization: re.Pattern[str] | None
) -> Iterator[Problem]:
    where = file.relative_to(out).as_posix()
    for what, pattern in (
        ("an absolute path", PATHS[kind]),
        ("what looks like a secret", SECRETS),
        ("the name of this user or machine", customization),
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
    parts = [_words(data)]
    for stream in STREAM.findall(data):
        # A font or a picture in another coding has no text of ours.
        with suppress(zlib.error):
            parts.append(_words(zlib.decompress(stream)))
    with suppress(Exception):  # a broken PDF, which fails in any way, is told by another gate
        parts += [str(value) for value in (PdfReader(pdf).metadata or {}).values()]
    return "\n".join(parts)
