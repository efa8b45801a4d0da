"""Data of the clip map: one point per clip for each explored vector."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from report.queries.results import Results
from report.site.sound_files import sound_key, write_data_script

AXIS_LIMIT = 2.6
"""Compressed coordinate that becomes 1; few points are farther from the centre."""


def write(results: Results, site: Path) -> None:
    """Write `datos/mapa.js` and, for each vector, `datos/mapa/VECTOR.js`.

    `mapa.js` holds {clips: [[title, genre, sound key or null]]}. `VECTOR.js` holds
    [x, y, z, x, …] and is loaded when a visitor selects that vector. Coordinates are the first
    three principal components, divided by the median distance from the centre and compressed by
    the inverse hyperbolic sine, because a few clips are outliers.
    """
    genres = [genre.name for genre in results.data.genres]
    clips = [
        [
            clip.name.rpartition("/")[2],
            genres.index(clip.genre),
            None if clip.audio is None else sound_key(clip.audio),
        ]
        for clip in results.data.clips
    ]
    write_data_script(site / "datos" / "mapa.js", "mapa", {"clips": clips})
    for exploration in results.exploration:
        coordinates = _compressed(_read(results.folder / exploration.array))
        values = np.round(coordinates, 3).flatten().tolist()
        write_data_script(
            site / "datos" / "mapa" / f"{exploration.vector}.js",
            f"mapa.{exploration.vector}",
            values,
        )


def _compressed(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = np.median(coordinates, axis=0)
    distance = np.linalg.norm(coordinates - centre, axis=1)
    scale = float(np.median(distance)) or 1.0
    return np.asarray(np.arcsinh((coordinates - centre) / scale) / AXIS_LIMIT)


def _read(path: Path) -> NDArray[np.float64]:
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays["coordinates"], dtype=np.float64)
