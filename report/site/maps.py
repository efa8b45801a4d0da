"""The map of the clips as data for the page: a point a clip, for each explored vector."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report.results import Results
from report.site.sounds import call, key

FAR = 2.2
"""Where an axis stands after stretching: few points lie beyond."""


def write(results: Results, site: Path) -> None:
    """Write `datos/mapa.js`: {clips: [[title, genre, key or null]], vectors: {name: [x, y, z, …]}}.

    Coordinates are the first three principal components, divided by the median distance from
    the centre and stretched by the inverse hyperbolic sine, as some clips lie far from all.
    """
    genres = [genre.name for genre in results.data.genres]
    clips = [
        [
            clip.name.rpartition("/")[2],
            genres.index(clip.genre),
            None if clip.audio is None else key(clip.audio),
        ]
        for clip in results.data.clips
    ]
    vectors = {
        found.vector: [
            round(float(value), 3)
            for value in _stretched(_read(results.folder / found.array)).flatten()
        ]
        for found in results.exploration
    }
    data: dict[str, Any] = {"clips": clips, "vectors": vectors}
    call(site / "datos" / "mapa.js", "mapa", data)


def _stretched(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = np.median(coordinates, axis=0)
    distance = np.linalg.norm(coordinates - centre, axis=1)
    scale = float(np.median(distance)) or 1.0
    return np.asarray(np.arcsinh((coordinates - centre) / scale) / FAR)


def _read(path: Path) -> NDArray[np.float64]:
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays["coordinates"], dtype=np.float64)
