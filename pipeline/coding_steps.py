"""Steps that compress a song to a .latente file and decompress one."""

from pathlib import Path

from pipeline.engine.graph import Graph, Step


def compression_graph(
    file: Path, kbps: float | None, quality: int | None, model: Path | None
) -> Graph:
    """Graph of one step, whose value is a folder with `song.latente` and `remarks.json`.

    It is for a temporary store: nothing tells when the files change.
    """
    step = Step(
        "compressed",
        "pipeline.coding.song_files:compress_song",
        {"path": _resolved(file), "kbps": kbps, "quality": quality, "model": _resolved(model)},
        folder=True,
    )
    return Graph([step], "cpu")


def decompression_graph(file: Path, model: Path | None) -> Graph:
    """As `compression_graph`, with `song.flac`."""
    step = Step(
        "decompressed",
        "pipeline.coding.song_files:decompress_song",
        {"path": _resolved(file), "model": _resolved(model)},
        folder=True,
    )
    return Graph([step], "cpu")


def _resolved(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
