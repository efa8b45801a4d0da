"""Check: published files reveal nothing about the user's machine and contain no secrets."""

import getpass
import re
import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pypdf import PdfReader

from report import byte_text
from report.checks.file_integrity import is_data_script
from report.checks.problem import Problem
from report.paths import PACKAGE, PDFS

TEXT_SUFFIXES = {".html", ".js", ".css", ".json", ".csv", ".svg", ".txt", ".xml", ".md", ".toml"}
FOLDERS = (
    r"/(?:home|Users|root|tmp|var|mnt|media|opt|srv|private|workspace|Volumes)/[\w.@+-]+"
    r"|[A-Za-z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}[\w.@+-]+|[fF][iI][lL][eE]:///*[\w.%~-]+"
)
PATH_START = r"(?<![\w./:-])"
PATHS = {
    "tags": re.compile(FOLDERS),  # any byte may precede
    "pdf": re.compile(f"{PATH_START}(?:{FOLDERS})"),
    "text": re.compile(
        rf"{PATH_START}(?:{FOLDERS}|~/[\w.@+-]+"
        r'|[A-Za-z]:(?:\\{1,2}|/)[^\\/:*?"<>|\s][^\\/:*?"<>|\n]*(?:\\{1,2}|/)[\w.@+-])'
    ),
}
"""Absolute paths, by the kind of text. In plain text, any Windows path of two parts counts."""
SECRETS = re.compile(
    r"(?<![A-Za-z0-9+/])(?:AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35})(?![A-Za-z0-9+/=])"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{30,}"
    r"|xox[abpr]-[\w-]{10,}|sk-[A-Za-z0-9_-]{32,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|https?://[^\s/:@\"']+:[^\s/@\"']{3,}@"
    r"|(?i:api[_-]?key|secret|password|passwd|token)[\"']?\s*[:=]\s*(?:[\"'][^\"'\s]{6,}[\"']"
    r"|[A-Za-z0-9+/_-]{20,})"
)
PRINTABLE = re.compile(rb"[ -~]{5,}[\x80-\xff]*")
"""Possible text in a binary file; most of a site is audio, which has little."""
COMMON_NAMES = ("localhost", "root")
"""Names of users and machines that identify nobody."""
MIN_NAME_LENGTH = 4
"""Shorter names of users and machines match by chance."""
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield absolute paths, names of the user or the machine, and secrets."""
    identity = _identity_pattern(out)
    for file in sorted((out / "site").rglob("*")):
        if file.is_file() and file.suffix != ".pdf":
            for kind, text in _texts(file, out / "site"):
                yield from _leaks(file, kind, text, out, identity)
    for name in PDFS:
        if (out / name).is_file():
            yield from _leaks(out / name, "pdf", _pdf_text(out / name), out, identity)


def _identity_pattern(out: Path) -> re.Pattern[str] | None:
    """Match this user's and machine's names in paths and addresses, and the working folders."""
    names = "|".join(re.escape(name) for name in _identifying_names())
    patterns = [rf"(?:[/\\@]|\b)(?:{names})(?:[/\\:]|\.local\b)"] if names else []
    folders = {out.resolve(), Path.cwd(), PACKAGE.parent}
    with suppress(RuntimeError):  # no home folder
        folders.add(Path.home())
    patterns += [re.escape(f"{folder}/") for folder in folders if len(folder.parts) > 2]
    return re.compile("|".join(sorted(patterns))) if patterns else None


def _identifying_names() -> list[str]:
    """Return the names of the user and the machine that are long and rare enough to identify."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    names = (user, socket.gethostname())
    return [name for name in names if len(name) >= MIN_NAME_LENGTH and name not in COMMON_NAMES]


def _texts(file: Path, site: Path) -> Iterator[tuple[str, str]]:
    """Yield the text in a file as (kind in `PATHS`, text).

    Sounds and fonts have text in their tags; so do the sounds within scripts.
    """
    data = file.read_bytes()
    if is_data_script(file, site):
        source = data.decode("utf-8", "replace")
        yield "text", byte_text.BYTE_TEXT.sub('""', source)
        yield "tags", _printable_text(b"\n".join(byte_text.byte_parts(source)))
    elif file.suffix in TEXT_SUFFIXES:
        yield "text", data.decode("utf-8", "replace")
    else:
        yield "tags", _printable_text(data)


def _printable_text(data: bytes) -> str:
    """Return the runs of printable characters, also in UTF-16, one per line."""
    return b"\n".join(PRINTABLE.findall(data.replace(b"\0", b""))).decode("latin-1")


def _leaks(
    file: Path, kind: str, text: str, out: Path, identity: re.Pattern[str] | None
) -> Iterator[Problem]:
    where = file.relative_to(out).as_posix()
    for what, pattern in (
        ("an absolute path", PATHS[kind]),
        ("what looks like a secret", SECRETS),
        ("the name of this user or machine", identity),
    ):
        match = pattern.search(text) if pattern else None
        if match:
            line = text.count("\n", 0, match.start()) + 1
            excerpt = match[0] if what == "an absolute path" else match[0][:4] + "…"
            yield Problem(
                f"{where}:{line}" if kind == "text" else where, f"contains {what} ({excerpt})",
                "remove it from study.toml, the templates or the music's names and rebuild",
            )  # fmt: skip


def _pdf_text(pdf: Path) -> str:
    """Return the text in a PDF's bytes, compressed streams and metadata.

    The text of its pages is drawn as glyphs; it is checked on the site's pages.
    """
    data = pdf.read_bytes()
    parts = [_printable_text(data)]
    for stream in PDF_STREAM.findall(data):
        # Streams with another filter are fonts and images.
        with suppress(zlib.error):
            parts.append(_printable_text(zlib.decompress(stream)))
    with suppress(Exception):  # a broken PDF is reported by pdf_validity
        parts += [str(value) for value in (PdfReader(pdf).metadata or {}).values()]
    return "\n".join(parts)
