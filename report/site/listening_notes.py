"""What to listen for in each version of a song: where it departs from the original.

The energies of the original, the version and their difference are compared in third-octave bands
(IEC 61260) over the whole sound.
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.results.schema import Song
from report.language import spanish
from report.language.words import Words
from report.page_cache import Kept
from report.queries.results import Results

Samples = NDArray[np.float64]

LOWEST_BAND = 50.0
"""Centre of the lowest band in Hz."""

AUDIBLE = 1e-5
"""Energy of a band, relative to the strongest, below which it is not judged (50 dB)."""

LOST = 0.1
"""Fraction of a band's energy below which it is lost."""

MOST = 0.95
"""Fraction of the original's energy below the frequency that its note names."""

MIN_ERROR_PEAK = 1 / 32768
"""Peak below which the error is silent: one step of 16-bit audio."""


@dataclass(frozen=True)
class Note:
    """What is to be heard in a version.

    `kind` is a key of `listening` in words.toml:

    - `original`: it is the original; `MOST` of its energy is below `frequency`.
    - `silent`: the original is silent.
    - `copy`: the error is silent.
    - `cut`: every band from `frequency` upwards is lost.
    - `other`: from `frequency` upwards, the error is stronger than the music.
    - `stronger`, `weaker`: the error is stronger or weaker than the music, by `decibels`, in the
      band where it is relatively strongest, around `frequency`.
    """

    kind: str
    frequency: float = 0.0
    decibels: float = 0.0

    def text(self, words: Words) -> str:
        """Return the note in Spanish."""
        return words.fill(
            f"listen_for.{self.kind}",
            frequency=_frequency(self.frequency),
            decibels=spanish.decimal(self.decibels, 1),
            lost=spanish.plain(100 * LOST),
            most=spanish.plain(100 * MOST),
        )


def note(original: Samples, version: Samples, rate: int) -> Note:
    """Compare a version with the original, both mono of equal length."""
    edges = _edges(rate)
    before = _energies(original, rate, edges)
    judged = np.flatnonzero(before > AUDIBLE * before.max())
    if np.abs(original).max(initial=0.0) < MIN_ERROR_PEAK or not judged.size:
        return Note("silent")
    if original is version:
        share = np.cumsum(before) / before.sum()
        return Note("original", float(edges[1 + int(np.argmax(share >= MOST))]))
    if np.abs(original - version).max() < MIN_ERROR_PEAK:
        return Note("copy")
    kept = _energies(version, rate, edges)[judged] / before[judged]
    error = _energies(original - version, rate, edges)[judged] / before[judged]
    for kind, holds in (("cut", kept < LOST), ("other", error > 1)):
        count = _run_at_the_end(holds)
        if count:
            return Note(kind, float(edges[judged[len(judged) - count]]))
    worst = int(np.argmax(error))
    decibels = 10 * float(np.log10(error[worst]))
    centre = float(np.sqrt(edges[judged[worst]] * edges[judged[worst] + 1]))
    return Note("stronger" if decibels > 0 else "weaker", centre, abs(decibels))


def notes(results: Results, song: Song, kept: Kept) -> dict[str, Note]:
    """Return a note per version of a song that is aligned with its original."""
    files = {
        each.version: (results.folder / each.audio).read_bytes()
        for each in song.versions
        if each.version != "excerpt"
    }
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for version, content in files.items():
        digest.update(version.encode() + hashlib.sha256(content).digest())

    def compare() -> bytes:
        original, rate = soundfile.read(io.BytesIO(files["original"]))
        found = {}
        for version, content in files.items():
            samples = original
            if version != "original":
                samples, _ = soundfile.read(io.BytesIO(content))
            found[version] = asdict(note(original, samples, rate))
        return json.dumps(found).encode()

    stored = json.loads(kept.get(digest.hexdigest()[:40], compare))
    return {version: Note(**values) for version, values in stored.items()}


def _edges(rate: int) -> Samples:
    """Return the edges of the bands in Hz, from the lowest band's to half the sampling rate."""
    count = max(1, int(3 * np.log2(rate / 2 / LOWEST_BAND)))
    return np.asarray(LOWEST_BAND * 2 ** ((np.arange(count + 2) - 0.5) / 3))


def _energies(samples: Samples, rate: int, edges: Samples) -> Samples:
    power = np.abs(np.fft.rfft(samples)) ** 2
    places = np.searchsorted(np.fft.rfftfreq(len(samples), 1 / rate), edges)
    total = np.concatenate([[0.0], np.cumsum(power)])[places]
    return np.asarray(np.diff(total))


def _run_at_the_end(holds: NDArray[np.bool_]) -> int:
    """Return how many values at the end are true."""
    return len(holds) if holds.all() else int(np.argmin(holds[::-1]))


def _frequency(hertz: float) -> str:
    """Return a frequency to two figures."""
    if hertz < 1000:
        return f"{spanish.integer(round(hertz, -1 if hertz >= 100 else 0).__int__())} Hz"
    return f"{spanish.decimal(hertz / 1000, 0 if hertz >= 9950 else 1)} kHz"
