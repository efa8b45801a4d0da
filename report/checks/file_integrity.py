"""Check: files are as they were written, match their suffix and are complete."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import soundfile

from report import byte_text, manifest
from report.checks.problem import Problem

REBUILD = "run latentes build again"
AUDIO_SUFFIXES = (".flac", ".mp3", ".wav", ".ogg")
DATA_SCRIPT = re.compile(r"latentes\((.*)\);\n", re.DOTALL)
"""A script that passes data to the page (see `write_data_script`)."""
SOUND_INDEXES = ("datos/canciones.js", "datos/mapa.js")
"""Data scripts with the keys of sounds that pages load on demand."""


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield files that changed since they were written, symbolic links, broken data and images, and
    sounds that are truncated or missing."""
    written = manifest.read(out)
    if written is None:
        yield Problem(manifest.NAME, "is missing or damaged: no file can be verified", REBUILD)
    else:
        for name, what in written.changes(out):
            yield Problem(name, what, REBUILD)
    site = out / "site"
    for file in sorted(site.rglob("*")):
        where = file.relative_to(out).as_posix()
        if file.is_symlink():
            yield Problem(where, "is a symbolic link", "replace it with the file itself")
        elif file.is_file():
            for what in _defects(file, site):
                yield Problem(where, what, REBUILD)
    for name in SOUND_INDEXES:
        if (site / name).is_file():
            try:
                missing = [
                    key for key in sorted(_sound_keys(site / name))
                    if not (site / "sonidos" / f"{key}.js").is_file()
                ]  # fmt: skip
            except ValueError:
                continue  # reported above
            except (LookupError, TypeError, AttributeError, OSError):
                yield Problem(f"site/{name}", "does not list sounds as the pages expect", REBUILD)
                continue
            for key in missing:
                yield Problem(f"site/{name}", f"the sound {key} is missing", REBUILD)


def is_data_script(file: Path, site: Path) -> bool:
    """True if a file is a script that passes data to a page: those in subfolders of the site."""
    return file.suffix == ".js" and file.parent != site


def _defects(file: Path, site: Path) -> Iterator[str]:
    try:
        if file.suffix == ".json":
            json.loads(file.read_bytes())
        elif file.suffix == ".svg":
            ElementTree.fromstring(file.read_bytes())
        elif is_data_script(file, site):
            values = read_data_script(file)
            if file.is_relative_to(site / "sonidos"):
                sounds = values[1].values() if isinstance(values[1], dict) else values[1:]
                for sound in sounds:  # several in a bundle
                    yield from _audio_defects(byte_text.decode(str(sound)))
        elif file.suffix in AUDIO_SUFFIXES:
            yield from _audio_defects(file.read_bytes())
    except (ValueError, ElementTree.ParseError, IndexError, TypeError):
        yield f"is not valid {file.suffix.removeprefix('.').upper()}"


def read_data_script(script: Path) -> list[Any]:
    """Return what a script passes to the page: a name, then values.

    Raises:
        ValueError: it is not a data script, or is truncated.
    """
    match = DATA_SCRIPT.fullmatch(script.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(script)
    values: list[Any] = json.loads(f"[{match[1]}]", strict=False)
    return values


def _audio_defects(data: bytes) -> Iterator[str]:
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as sound:
            if sound.format == "MP3":  # not decoded: the decoder prints warnings
                expected, actual = _mp3_bytes(data), len(data)
            else:
                expected = sound.frames
                actual = sum(len(block) for block in sound.blocks(2**16))
    except soundfile.SoundFileError:
        yield "cannot be decoded"
    else:
        if actual == 0:
            yield "contains no audio"
        elif actual < expected:
            yield "is truncated"


def _mp3_bytes(mp3: bytes) -> int:
    """Return the length of an MP3 file that its Xing or Info header states; 0 if it has none."""
    at = max(mp3.find(name, 0, 4096) for name in (b"Xing", b"Info"))
    flags = mp3[at + 7] if 0 <= at < len(mp3) - 16 else 0
    start = at + (12 if flags & 1 else 8)  # skips the frame count
    return int.from_bytes(mp3[start : start + 4], "big") if flags & 2 else 0


def _sound_keys(script: Path) -> set[str]:
    """Return the sound keys in `datos/canciones.js` or `datos/mapa.js`."""
    data: Any = read_data_script(script)[1]
    if isinstance(data, dict):
        return {clip[2] for clip in data["clips"] if clip[2] is not None}
    return {version["key"] for song in data for version in song}
