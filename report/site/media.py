"""What a site holds beside its pages: sounds, maps and networks, made once from the same results.

Sounds take far longer to encode than all pages to write, and most renderings change words alone.
"""

import hashlib
import os
import pickle
import shutil
import tempfile
from pathlib import Path

from report.networks import Model
from report.paths import SHARED
from report.results import Results
from report.site import comparator, maps, model_scripts, sound_files

GenerationQueries = tuple[list[comparator.ComparedSong], list[Model]]
REPORT = Path(__file__).parents[1]
CODE = ("site/*.py", "prose/spanish.py", "results.py", "music.py", "networks.py", "facts.py")


def write(results: Results, kept: Path, site: Path) -> GenerationQueries:
    """Put sounds, maps and networks into the folder `site`: what pages say of songs and models.

    They are taken from `kept` where they were made from the same results and code, and left there
    for the next time in any case; what was made from others leaves it.

    Raises:
        ReportError: a sound cannot be read.
    """
    entry = kept / _key(results)
    if not entry.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=kept))
        made = _make(results, draft / "files")
        (draft / "made.pickle").write_bytes(pickle.dumps(made))
        draft.rename(entry)
    for other in set(os.listdir(kept)) - {entry.name}:
        shutil.rmtree(kept / other, ignore_errors=True)
    shutil.copytree(entry / "files", site, dirs_exist_ok=True)
    found: GenerationQueries = pickle.loads((entry / "made.pickle").read_bytes())
    return found


def _make(results: Results, folder: Path) -> GenerationQueries:
    folder.mkdir()
    songs = comparator.compared(results, sound_files.write_songs(results, folder))
    sound_files.write_rest(results, folder)
    maps.write(results, folder)
    return songs, model_scripts.write(results, folder)


def _key(results: Results) -> str:
    """The content of the results folder and the code that all of this is made from."""
    digest = hashlib.sha256()
    code = [path for pattern in CODE for path in REPORT.glob(pattern)]
    files = [path for path in results.folder.rglob("*") if path.is_file()]
    for root, paths in ((REPORT.parent, [*code, *SHARED]), (results.folder, files)):
        for path in sorted(paths):
            digest.update(f"{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:40]
