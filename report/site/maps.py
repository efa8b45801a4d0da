"""The map of the clips as data for the page: a point a clip, for each explored vector."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from report.results import Results
from report.site.sound_files import call, key

FAR = 2.6
"""Where an axis stands after stretching: few points lie beyond."""


def write(results: Results, site: Path) -> None:
    """Write `datos/mapa.js`: {clips: [[title, genre, key or null]]}, and for each vector
    `datos/mapa/VECTOR.js`: [x, y, z, …], which pages load when it is chosen.

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
    call(site / "datos" / "mapa.js", "mapa", {"clips": clips})
    for found in results.exploration:
        places = np.round(_stretched(_read(results.folder / found.array)), 3).flatten().tolist()
        call(site / "datos" / "mapa" / f"{found.vector}.js", f"mapa.{found.vector}", places)


def _stretched(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = np.median(coordinates, axis=0)
    distance = np.linalg.norm(coordinates - centre, axis=1)
    scale = float(np.median(distance)) or 1.0
    return np.asarray(np.arcsinh((coordinates - centre) / scale) / FAR)


def _read(path: Path) -> NDArray[np.float64]:
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays["coordinates"], dtype=np.float64)
