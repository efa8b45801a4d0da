"""Data of the clip map: the clips and their sounds, and points and neighbours of each vector."""

import functools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.engine.pool import cpu_count
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Exploration
from report.language.words import Words
from report.page_cache import Kept
from report.queries.exploration import ExplorationQueries
from report.queries.genre_probes import ProbeQueries
from report.queries.results import Results
from report.queries.titles import clip_title
from report.site.sound_files import sound_key, write_data_script, write_mp3

AXIS_LIMIT = 2.6
"""Compressed coordinate that becomes 1; few points are farther from the centre."""

EXCERPT_COMPRESSION = 0.9
"""Of the MP3 of an excerpt, about 24 kbit/s at 22 050 Hz."""


@dataclass(frozen=True)
class MappedVector:
    """A vector of the map, and how well genres are classified from it.

    Attributes:
        exploration: what is known of the vector.
        accuracy: cross-validated accuracy of nearest neighbours, if it was measured; otherwise
            the accuracy of a decision tree on the test clips.
        by_neighbours: which of the two.
        chance: the share to beat.
        group: orders the groups of vectors: by family, averages first, references last.
    """

    exploration: Exploration
    accuracy: Number
    by_neighbours: bool
    chance: float
    group: tuple[int, bool]

    @property
    def above_chance(self) -> bool:
        """Whether the accuracy's interval is above chance."""
        return (self.accuracy.interval or (self.accuracy.value,))[0] > self.chance


@dataclass(frozen=True)
class MapPage:
    """What the template of the map page asks for.

    Attributes:
        vectors: all explored vectors.
        first: the vector with the highest accuracy by neighbours, which the page opens on.
        first_point: index of the clip that is chosen when the page opens.
        has_neighbours: whether the results have the neighbours of each clip.
        has_mute: whether some clips cannot be heard.
        excerpt_seconds: length of the excerpts, 0 if there are none.
    """

    vectors: list[MappedVector]
    first: MappedVector
    first_point: int
    has_neighbours: bool
    has_mute: bool
    excerpt_seconds: float


def describe(results: Results) -> MapPage:
    """Describe the vectors and clips of the map."""
    vectors = [_mapped(results, each) for each in results.exploration]
    clips = results.data.clips
    songs = {song.name for song in results.songs if song.role == "test"}
    excerpts = _excerpts(results)
    return MapPage(
        vectors=vectors,
        first=max(vectors, key=lambda each: (each.by_neighbours, each.accuracy.value)),
        first_point=next((i for i, clip in enumerate(clips) if clip.name in songs), 0),
        has_neighbours="neighbours" in _arrays(results, results.exploration[0]),
        has_mute=any(clip.audio is None and clip.excerpt is None for clip in clips),
        excerpt_seconds=soundfile.info(results.folder / excerpts[0]).duration if excerpts else 0.0,
    )


def write(results: Results, words: Words, kept: Kept, site: Path) -> None:
    """Write `datos/mapa.js`, `datos/mapa/VECTOR.js` for each vector, and the excerpts of clips.

    `mapa.js` holds {clips: [[title, genre, sound key of a test clip, sound key of an excerpt]]},
    null for keys there are not. `VECTOR.js` is loaded when a visitor selects that vector, and holds
    [x, y, z, x, …]; the variance that each component explains, in percent; and the neighbours of
    each clip one after another, and how far they are, in percent of the median between two clips
    (both empty in older results). Coordinates are the first three principal components, divided by
    the median distance from the centre and compressed by the inverse hyperbolic sine, because a few
    clips are outliers.
    """
    genres = [genre.name for genre in results.data.genres]
    clips = [
        [
            clip_title(clip.name, results, words),
            genres.index(clip.genre),
            *(None if sound is None else sound_key(sound) for sound in (clip.audio, clip.excerpt)),
        ]
        for clip in results.data.clips
    ]
    write_data_script(site / "datos" / "mapa.js", "mapa", {"clips": clips})
    for exploration in results.exploration:
        name, arrays = exploration.vector, _arrays(results, exploration)
        explained = [results.number(f"pca.{name}.explained.{axis}").value for axis in (1, 2, 3)]
        write_data_script(
            site / "datos" / "mapa" / f"{name}.js",
            f"mapa.{name}",
            np.round(_compressed(arrays["coordinates"]), 3).flatten().tolist(),
            [round(100 * share, 1) for share in explained],
            arrays.get("neighbours", np.zeros(0)).flatten().tolist(),
            np.rint(100 * arrays.get("distances", np.zeros(0))).astype(int).flatten().tolist(),
        )
    encode = functools.partial(
        write_mp3, results, compression=EXCERPT_COMPRESSION, kept=kept, site=site
    )
    with ThreadPoolExecutor(cpu_count()) as pool:
        list(pool.map(encode, _excerpts(results)))


def _excerpts(results: Results) -> list[str]:
    return [clip.excerpt for clip in results.data.clips if clip.excerpt is not None]


def _mapped(results: Results, exploration: Exploration) -> MappedVector:
    probe = f"probe.knn.{exploration.vector}.accuracy"
    by_neighbours = probe in results.numbers
    families = [*results.families]
    family = exploration.family
    return MappedVector(
        exploration,
        results.number(probe if by_neighbours else f"tree.{exploration.vector}.accuracy"),
        by_neighbours,
        ProbeQueries(results).chance if by_neighbours
        else float(ExplorationQueries(results).chance_accuracy),
        (families.index(family) if family else len(families), bool(family) and exploration.flat),
    )  # fmt: skip


def _compressed(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = np.median(coordinates, axis=0)
    distance = np.linalg.norm(coordinates - centre, axis=1)
    scale = float(np.median(distance)) or 1.0
    return np.asarray(np.arcsinh((coordinates - centre) / scale) / AXIS_LIMIT)


def _arrays(results: Results, exploration: Exploration) -> dict[str, NDArray[Any]]:
    with np.load(results.folder / exploration.array, allow_pickle=False) as arrays:
        return dict(arrays)
