"""The sounds that a PDF without a site has attached, as MP3."""

import re
from pathlib import Path

from report.page_cache import Kept
from report.queries.results import Results
from report.site.sound_files import SONG_COMPRESSION, write_mp3

MAX_BYTES = 10_000_000
"""Size of all sounds beyond which they are compressed as far as the encoder can."""

ATTACHED = re.compile(r'^#pdf\.attach\("[^"]*", read\("((?:[^"\\]|\\.)*)\.mp3"', re.MULTILINE)
"""An attachment requested by report_filter.lua; only at the start of a line."""


def write(results: Results, body: str, kept: Kept, folder: Path) -> None:
    """Write the MP3 files that the report attaches into `folder`.

    Args:
        body: the report as Typst.
        kept: keeps encoded sounds between renders.

    Raises:
        ReportError: a sound cannot be read.
    """
    sounds = [re.sub(r"\\(.)", r"\1", source) + ".flac" for source in ATTACHED.findall(body)]
    for compression in (SONG_COMPRESSION, 1.0):
        files = [write_mp3(results, sound, compression, kept, folder) for sound in sounds]
        if sum(map(len, files)) <= MAX_BYTES:
            break
    kept.prune()
