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
from report.results import Results
from report.site import maps, networks, sounds, versions
from report.words import Words

Made = tuple[list[versions.Compared], list[Model]]
CODE = (Path(__file__).parent, Path(__file__).parents[1] / "spanish.py")


def write(results: Results, words: Words, kept: Path, site: Path) -> Made:
    """Put sounds, maps and networks into the folder `site`: what pages say of songs and models.

    They are taken from `kept` where they were made from the same results, words and code, and
    left there for the next time in any case; what was made from others leaves it.

    Raises:
        ReportError: a sound cannot be read.
    """
    entry = kept / _key(results, words)
    if not entry.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=kept))
        made = _make(results, words, draft / "files")
        (draft / "made.pickle").write_bytes(pickle.dumps(made))
        draft.rename(entry)
    for other in set(os.listdir(kept)) - {entry.name}:
        shutil.rmtree(kept / other, ignore_errors=True)
    shutil.copytree(entry / "files", site, dirs_exist_ok=True)
    found: Made = pickle.loads((entry / "made.pickle").read_bytes())
    return found


def _make(results: Results, words: Words, folder: Path) -> Made:
    folder.mkdir()
    songs = versions.compared(results, sounds.write_songs(results, folder))
    versions.write(songs, words, folder)
    sounds.write_rest(results, folder)
    maps.write(results, folder)
    return songs, networks.write(results, folder)


def _key(results: Results, words: Words) -> str:
    """The content of the results folder, the words and the code that all of this is made from."""
    digest = hashlib.sha256(repr([(name, words.several(name)) for name in words.names()]).encode())
    code = [path for place in CODE for path in ([place] if place.is_file() else place.glob("*.py"))]
    files = [path for path in results.folder.rglob("*") if path.is_file()]
    for root, paths in ((Path(__file__).parents[1], code), (results.folder, files)):
        for path in sorted(paths):
            digest.update(f"{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:40]
