"""The steps of `latentes compress` and `latentes decompress`."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.audio.files import to_int16, write_flac_parts
from pipeline.audio.whole_file import read_to_disk
from pipeline.coding.coding_model import CodingModel, default_model, load_model
from pipeline.coding.latente_file import check_model, compress_waveform, decode_parts
from pipeline.coding.latente_header import MAGIC, SEGMENT, Header, NotDecodable, read_header
from pipeline.control_characters import one_line
from pipeline.engine.unchanged_file import open_file
from pipeline.errors import StudyError

SAMPLING_RATE = 22_050
"""Of compressed songs, in Hz."""


def compress_song(
    path: str, kbps: float | None, quality: int | None, model: str | None, folder: Path
) -> None:
    """Compress a file of any length; writes `song.latente` and `remarks.json`, a list of lines.

    Args:
        kbps, quality: see `compress_waveform`.
        model: path of a coding model; None for the default one.

    Raises:
        StudyError: the file or the model cannot be used.
    """
    coder = _model(model)
    with open_file(Path(path)) as file:
        song, remarks = read_to_disk(file, SAMPLING_RATE, folder)
    if not song.shape[1]:
        raise StudyError(f"{one_line(Path(path).name)}: has no samples")
    content = compress_waveform(song, coder, SAMPLING_RATE, kbps, quality)
    (folder / "song.latente").write_bytes(content)
    _write_remarks(folder, remarks)


def decompress_song(path: str, model: str | None, folder: Path) -> None:
    """Decompress a file; writes `song.flac` and `remarks.json`.

    Raises:
        StudyError: it is not a .latente file, is damaged throughout, or needs another model.
    """
    name, coder, damaged = one_line(Path(path).name), _model(model), []
    with open_file(Path(path)) as file:
        content = file.read(len(MAGIC))
        if content == MAGIC:  # else not a byte more: it may be a large file
            content += file.readall()  # type: ignore[attr-defined]
    try:
        header = read_header(content)
        check_model(header, coder)
    except NotDecodable as error:
        raise StudyError(f"{name}: {error}") from None

    def parts() -> Iterator[NDArray[np.int16]]:
        for index, part in enumerate(decode_parts(content, header, coder)):
            if not part.intact:
                damaged.append(index)
            yield to_int16(part.signal)

    write_flac_parts(folder / "song.flac", parts(), header.sampling_rate)
    if len(damaged) == len(header.lengths):
        raise StudyError(f"{name}: damaged throughout; get the file again")
    _write_remarks(folder, [_tell(name, header, damaged)] if damaged else [])


def _tell(name: str, header: Header, damaged: list[int]) -> str:
    """Which segments of a file are damaged."""
    start = damaged[0] * SEGMENT * SUPERFRAME / header.sampling_rate
    segments = "1 segment" if len(damaged) == 1 else f"{len(damaged)} segments"
    first = "at" if len(damaged) == 1 else "the first at"
    return (
        f"{name}: {segments} of {len(header.lengths)} damaged or missing, {first} {start:.1f} s; "
        "silent there"
    )


def _write_remarks(folder: Path, remarks: list[str]) -> None:
    (folder / "remarks.json").write_text(json.dumps(remarks) + "\n", encoding="utf-8")


def _model(path: str | None) -> CodingModel:
    return default_model() if path is None else load_model(Path(path))
