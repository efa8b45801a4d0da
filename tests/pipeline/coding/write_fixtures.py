"""Write the .latente files of `fixtures/` and the digests of their integers.

    python -m tests.pipeline.coding.write_fixtures

Run it only after the default model or the format has changed: the files tell whether those of
earlier versions still decode to the same integers.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from pipeline.audio.files import read_mono
from pipeline.coding.coding_model import default_model
from pipeline.coding.latente_file import compress, read_segment
from pipeline.coding.latente_header import read_header
from pipeline.coding.quantisation import Segment
from pipeline.data.demo.rendering import CLIP_RATE, render_genre

FIXTURES = Path(__file__).with_name("fixtures")

SONGS = {"jazz": (7.0, 8.0, None), "metal": (2.0, None, 4), "classical": (0.1, None, 10)}
"""Seconds, kbit/s and quality of a file for each genre."""


def digest(segment: Segment) -> str:
    """SHA-256 of all integers of a segment."""
    parts = (
        [segment.base, segment.shaping],
        segment.splits,
        segment.levels,
        segment.band_levels,
        segment.gains,
        segment.values,
    )
    return hashlib.sha256(b"".join(np.asarray(part, "<i4").tobytes() for part in parts)).hexdigest()


def digests(content: bytes) -> list[str]:
    """Digest of each segment of a file that the default model decodes."""
    header, model = read_header(content), default_model()
    found = [read_segment(content, header, model, i) for i in range(len(header.lengths))]
    assert None not in found
    return [digest(segment) for segment in found if segment is not None]


def main() -> None:
    FIXTURES.mkdir(exist_ok=True)
    found = {}
    for genre, (seconds, kbps, quality) in SONGS.items():
        clips = render_genre(genre, 2, 1).values()
        song = np.concatenate([read_mono(clip, CLIP_RATE).numpy() for clip in clips])
        song = song[: round(seconds * CLIP_RATE)]
        content = compress(song, default_model(), CLIP_RATE, kbps, quality)
        (FIXTURES / f"{genre}.latente").write_bytes(content)
        found[f"{genre}.latente"] = digests(content)
    text = json.dumps(found, indent=1) + "\n"
    (FIXTURES / "digests.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
