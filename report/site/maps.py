"""Data of the clip map: the clips and their sounds, and points and neighbours of each vector."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.engine.pool import cpu_count
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Exploration
from report.page_cache import Kept
from report.queries.exploration import ExplorationQueries
from report.queries.genre_probes import ProbeQueries
from report.queries.results import Results
from report.site.sound_files import sound_key, write_data_script, write_mp3

AXIS_LIMIT = 2.6
"""Compressed coordinate that becomes 1; few points are farther from the centre."""

EXCERPT_COMPRESSION = 0.9
"""Of the MP3 of an excerpt, about 24 kbit/s at 22 050 Hz."""


@dataclass(frozen=True)
class MappedVector:
    """A vector of the map, and how well genres are told by it: by the vote of the nearest
    neighbours if those were cross-validated, else by a decision tree on the test clips."""

    exploration: Exploration
    number: Number
    by_neighbours: bool
    chance: float
    group: tuple[int, bool]
    """Orders the groups of vectors: by family, averages first, references last."""

    @property
    def vector(self) -> str:
        """Name of the vector."""
        return self.exploration.vector

    @property
    def family(self) -> str | None:
        """Family of its network, if any."""
        return self.exploration.family

    @property
    def averaged(self) -> bool:
        """Whether it is averaged over time."""
        return self.exploration.averaged

    @property
    def size(self) -> int | None:
        """Numbers of the latent vector it is made of."""
        return self.exploration.size

    @property
    def accuracy(self) -> float:
        """Fraction of clips whose genre is told."""
        return self.number.value

    @property
    def above_chance(self) -> bool:
        """Whether the accuracy's interval is above chance."""
        return (self.number.interval or (self.accuracy,))[0] > self.chance


@dataclass(frozen=True)
class MapPage:
    """What the template of the map page asks for."""

    vectors: list[MappedVector]
    default: str
    """The vector with the highest accuracy by neighbours."""
    has_neighbours: bool
    has_mute: bool
    first_point: int
    excerpt_seconds: float

    @property
    def vector(self) -> MappedVector:
        """The vector the page opens on."""
        return next(each for each in self.vectors if each.vector == self.default)


def describe(results: Results) -> MapPage:
    """Describe the vectors and clips of the map."""
    vectors = [_mapped(results, each) for each in results.exploration]
    heard = [clip.audio or clip.excerpt for clip in results.data.clips]
    song = next((song.name for song in results.songs if song.role == "test"), None)
    names = [clip.name for clip in results.data.clips]
    excerpts = [clip.excerpt for clip in results.data.clips if clip.excerpt is not None]
    return MapPage(
        vectors=vectors,
        default=max(vectors, key=lambda each: (each.by_neighbours, each.accuracy)).vector,
        has_neighbours=_array(results, results.exploration[0], "neighbours") is not None,
        has_mute=None in heard,
        first_point=names.index(song) if song in names else 0,
        excerpt_seconds=soundfile.info(results.folder / excerpts[0]).duration if excerpts else 0.0,
    )


def write(results: Results, kept: Kept, site: Path) -> None:
    """Write `datos/mapa.js`, `datos/mapa/VECTOR.js` for each vector, and the excerpts of clips.

    `mapa.js` holds {clips: [[title, genre, sound key or null, whether it is an excerpt]]}.
    `VECTOR.js` is loaded when a visitor selects that vector, and holds [x, y, z, x, …]; the
    variance that each component explains, in percent; and the neighbours of each clip one after
    another, and how far they are, in percent of the median between two clips (both empty in older
    results). Coordinates are the first three principal components, divided by the median distance
    from the centre and compressed by the inverse hyperbolic sine, because a few clips are outliers.
    """
    genres = [genre.name for genre in results.data.genres]
    clips = [
        [
            clip.name.rpartition("/")[2],
            genres.index(clip.genre),
            None if (sound := clip.audio or clip.excerpt) is None else sound_key(sound),
            int(clip.audio is None),
        ]
        for clip in results.data.clips
    ]
    write_data_script(site / "datos" / "mapa.js", "mapa", {"clips": clips})
    for exploration in results.exploration:
        vector = exploration.vector
        coordinates = _array(results, exploration, "coordinates")
        assert coordinates is not None
        rows, distances = (_array(results, exploration, k) for k in ("neighbours", "distances"))
        write_data_script(
            site / "datos" / "mapa" / f"{vector}.js",
            f"mapa.{vector}",
            np.round(_compressed(coordinates), 3).flatten().tolist(),
            [
                round(100 * results.number(f"pca.{vector}.explained.{axis}").value, 1)
                for axis in (1, 2, 3)
            ],
            [] if rows is None else rows.flatten().tolist(),
            [] if distances is None else np.rint(100 * distances).astype(int).flatten().tolist(),
        )
    excerpts = [clip.excerpt for clip in results.data.clips if clip.excerpt is not None]
    with ThreadPoolExecutor(cpu_count()) as pool:
        list(
            pool.map(
                lambda each: write_mp3(results, each, EXCERPT_COMPRESSION, kept, site), excerpts
            )
        )


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


def _array(results: Results, exploration: Exploration, name: str) -> NDArray[Any] | None:
    with np.load(results.folder / exploration.array, allow_pickle=False) as arrays:
        return np.asarray(arrays[name]) if name in arrays else None
