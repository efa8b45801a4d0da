"""Writes the site's sounds, maps and models, cached because most renders only change text."""

import hashlib
import os
import pickle
import shutil
import tempfile
from pathlib import Path

from pipeline.results.model_schema import Model
from report.paths import PIPELINE_SOURCES
from report.queries.results import Results
from report.site import comparator, maps, model_scripts, sound_files

PageMedia = tuple[list[comparator.ComparedSong], list[Model]]
"""Songs and models, as the pages list them."""

ROOT = Path(__file__).parents[2]
CODE = (
    "report/site/*.py",
    "report/language/spanish.py",
    "report/queries/results.py",
    "pipeline/results/*schema.py",
    "pipeline/results/record.py",
)
"""Code that the cached media depend on, besides `PIPELINE_SOURCES`."""


def write(results: Results, cache: Path, site: Path) -> PageMedia:
    """Write sounds, maps and models into the folder `site`.

    They are copied from the folder `cache` if it holds those of the same results and code.
    Otherwise they are computed and replace what is there.

    Raises:
        ReportError: a sound cannot be read.
    """
    entry = cache / _key(results)
    if not entry.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=cache))
        media = _compute(results, draft / "files")
        (draft / "media.pickle").write_bytes(pickle.dumps(media))
        draft.rename(entry)
    for other in set(os.listdir(cache)) - {entry.name}:
        shutil.rmtree(cache / other, ignore_errors=True)
    shutil.copytree(entry / "files", site, dirs_exist_ok=True)
    cached: PageMedia = pickle.loads((entry / "media.pickle").read_bytes())
    return cached


def _compute(results: Results, folder: Path) -> PageMedia:
    folder.mkdir()
    songs = comparator.compare_songs(results, sound_files.write_songs(results, folder))
    sound_files.write_clips(results, folder)
    maps.write(results, folder)
    return songs, model_scripts.write(results, folder)


def _key(results: Results) -> str:
    """Hash the results folder and the code that produces the media."""
    digest = hashlib.sha256()
    code = [path for pattern in CODE for path in ROOT.glob(pattern)]
    files = [path for path in results.folder.rglob("*") if path.is_file()]
    for root, paths in ((ROOT, [*code, *PIPELINE_SOURCES]), (results.folder, files)):
        for path in sorted(paths):
            digest.update(f"{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:40]
