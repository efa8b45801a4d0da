"""Gate: every file lies in the site itself, and is what its ending says, sounds to their end."""

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import soundfile

from report.checks.problem import Problem

REBUILD = "build the site again"
SOUNDS = (".flac", ".mp3", ".wav", ".ogg")
CALL = re.compile(r"latentes\((.*)\);\n", re.DOTALL)
"""A script that hands data to the page (report/site/sound_files.py)."""
KEYED = ("datos/canciones.js", "datos/mapa.js")
"""What names the sounds that pages load when asked to."""


def find_problems(out: Path) -> Iterator[Problem]:
    """Links out of `out`/site, broken data and pictures, sounds that are cut or not there."""
    site = out / "site"
    for file in sorted(site.rglob("*")):
        where = file.relative_to(out).as_posix()
        if file.is_symlink():
            yield Problem(where, "is a link to another file", "put the file itself there")
        elif file.is_file():
            for what in _wrong_with(file, site):
                yield Problem(where, what, REBUILD)
    for name in KEYED:
        if (site / name).is_file():
            try:
                missing = [
                    key for key in sorted(_keys(site / name))
                    if not (site / "sonidos" / f"{key}.js").is_file()
                ]  # fmt: skip
            except ValueError:
                continue  # told above
            except (LookupError, TypeError, AttributeError, OSError):
                yield Problem(f"site/{name}", "names its sounds otherwise than pages do", REBUILD)
                continue
            for key in missing:
                yield Problem(f"site/{name}", f"there is no sound {key}", REBUILD)


def carries_data(file: Path, site: Path) -> bool:
    """Whether a file is a script that hands data to a page: those that lie in folders do."""
    return file.suffix == ".js" and file.parent != site


def _wrong_with(file: Path, site: Path) -> Iterator[str]:
    try:
        if file.suffix == ".json":
            json.loads(file.read_bytes())
        elif file.suffix == ".svg":
            ElementTree.fromstring(file.read_bytes())
        elif carries_data(file, site):
            values = values_in(file)
            if file.is_relative_to(site / "sonidos"):
                yield from _sound(base64.b64decode(str(values[1]), validate=True))
        elif file.suffix in SOUNDS:
            yield from _sound(file.read_bytes())
    except (ValueError, ElementTree.ParseError, IndexError, TypeError, binascii.Error):
        yield f"is not whole {file.suffix.removeprefix('.').upper()}"


def values_in(script: Path) -> list[object]:
    """What a script hands to the page: a name, then values.

    Raises:
        ValueError: it hands nothing over, or is cut.
    """
    found = CALL.fullmatch(script.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(script)
    values: list[object] = json.loads(f"[{found[1]}]")
    return values


def _sound(data: bytes) -> Iterator[str]:
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as sound:
            if sound.format == "MP3":  # its decoder writes to the terminal
                stated, heard = _stated(data), len(data)
            else:
                stated = sound.frames
                heard = sum(len(block) for block in sound.blocks(2**16))
    except soundfile.SoundFileError:
        yield "cannot be decoded"
    else:
        if heard == 0:
            yield "holds no sound"
        elif heard < stated:
            yield "is cut short"


def _stated(mp3: bytes) -> int:
    """The bytes of an MP3 file as its first frame (Xing's, as LAME writes it) tells; 0 if not."""
    at = max(mp3.find(name, 0, 4096) for name in (b"Xing", b"Info"))
    flags = mp3[at + 7] if 0 <= at < len(mp3) - 16 else 0
    place = at + (12 if flags & 1 else 8)  # after the count of frames
    return int.from_bytes(mp3[place : place + 4], "big") if flags & 2 else 0


def _keys(script: Path) -> set[str]:
    """The keys of sounds in a script: of versions (objects) and of clips (their third value)."""
    found: Any = values_in(script)[1]
    if isinstance(found, dict):
        return {clip[2] for clip in found["clips"] if clip[2] is not None}
    return {version["key"] for song in found for version in song}
