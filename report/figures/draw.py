"""Every figure of the report with its data, drawn from results or taken from the last time."""

import csv
import hashlib
import importlib
import io
import multiprocessing
import os
import pickle
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from pipeline.engine.process_lifecycle import block_sigint, exit_with_parent
from report.facts import Record
from report.figures import csv_tables
from report.figures.catalogue import Drawing, drawings
from report.networks import Model
from report.paths import FONTS, SHARED
from report.prose.words import Words
from report.results import Results
from report.site import compact_svg

SOURCES = Path(__file__).parent
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Beginnings of a text that spreadsheets run (CWE-1236)."""
ALSO = ("prose/spanish.py", "site/compact_svg.py")


def draw(results: Results, words: Words, cache: Path, folder: Path) -> None:
    """Write NAME.svg into `folder`/figures, the same smaller and for light and dark pages into
    `folder`/web, and NAME.csv into `folder`/datos.

    What was drawn before from the same content is taken from `cache`; the rest is drawn, a
    process a core, and kept there. What no figure of these results uses leaves the cache.

    Raises:
        ReportError: a song's audio cannot be read.
    """
    every = list(drawings(results, words))
    common = _common(words)
    keys = {drawing.name: _key(drawing, common) for drawing in every}
    todo = [drawing for drawing in every if not (cache / keys[drawing.name]).is_dir()]
    if todo:
        _draw(todo, keys, words, cache)
    for part in ("figures", "web", "datos"):
        (folder / part).mkdir()
    for name, key in keys.items():
        shutil.copyfile(cache / key / "print.svg", folder / "figures" / f"{name}.svg")
        shutil.copyfile(cache / key / "web.svg", folder / "web" / f"{name}.svg")
        shutil.copyfile(cache / key / "data.csv", folder / "datos" / f"{name}.csv")
    for entry in set(os.listdir(cache)) - set(keys.values()):
        shutil.rmtree(cache / entry, ignore_errors=True)


def central(models: list[Model]) -> Model:
    """The model whose network is drawn: the one of the middle size."""
    return models[len(models) // 2]


def logarithmic(models: list[Model]) -> bool:
    """Whether the losses of a family span so much that their axis is logarithmic."""
    losses = [epoch.validation_rmse for model in models for epoch in model.epochs]
    return max(losses) > 6 * min(losses)


def _draw(todo: list[Drawing], keys: dict[str, str], words: Words, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(["report.figures.draw.style"])
        _start_silently()
    with ProcessPoolExecutor(min(cores or 1, len(todo)), context, _setup) as pool:
        try:
            with block_sigint():
                jobs = [pool.submit(_make, each, cache / keys[each.name], words) for each in todo]
            for job in jobs:
                job.result()
        except BaseException:
            for process in multiprocessing.active_children():
                process.kill()
            raise


def _start_silently() -> None:
    """Start the process that workers are forked from, with no standard error for it and them.

    What fails in a worker comes back as the exception of its job. Only one that is born while
    its builder is interrupted has more to say, and that at length.
    """
    with block_sigint(), open(os.devnull, "w") as nowhere:
        seen = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            forkserver.ensure_running()
        finally:
            os.dup2(seen, 2)
            os.close(seen)


def _setup() -> None:
    from report.figures import style

    exit_with_parent()
    style.setup()


def _make(drawing: Drawing, entry: Path, words: Words) -> None:
    """Draw a figure and write its data, whole or not at all."""
    from report.figures.style import counterparts

    module, _, function = drawing.draw.partition(":")
    draft = Path(tempfile.mkdtemp(prefix=".", dir=entry.parent))
    made = getattr(importlib.import_module(f"report.figures.{module}"), function)
    made(*drawing.arguments, words, draft / "print.svg")
    compact_svg.shorten(draft / "print.svg")
    compact_svg.copy(draft / "print.svg", draft / "web.svg", counterparts())
    text = io.StringIO()
    rows = getattr(csv_tables, drawing.data)(*drawing.arguments, words)
    csv.writer(text, lineterminator="\n").writerows([*map(_cell, row)] for row in rows)
    (draft / "data.csv").write_text(text.getvalue(), encoding="utf-8")
    if not entry.exists():
        draft.rename(entry)


def _cell(value: Any) -> Any:
    """A cell that spreadsheets do not take for a formula, whatever a genre is called."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Content(pickle.Pickler):
    """Pickles what a figure shows: files by their content, wherever they lie."""

    def persistent_id(self, found: object) -> str | None:
        if isinstance(found, Path):
            return hashlib.sha256(found.read_bytes()).hexdigest() if found.is_file() else ""
        return None

    def reducer_override(self, found: object) -> Any:
        if isinstance(found, Record):  # which also keeps a set, in whatever order
            return dict, (sorted(vars(found).items()),)
        return NotImplemented


def _key(drawing: Drawing, common: bytes) -> str:
    content = io.BytesIO()
    _Content(content).dump((drawing.draw, drawing.data, drawing.arguments))
    return hashlib.sha256(common + content.getvalue()).hexdigest()[:40]


def _common(words: Words) -> bytes:
    """What all figures depend on: how they are drawn, in which letters, and their words."""
    digest = hashlib.sha256(version("matplotlib").encode())
    code = [*sorted(SOURCES.glob("*.py")), *map(SOURCES.parent.joinpath, ALSO), *SHARED]
    for path in [*code, *sorted(FONTS.glob("*.ttf"))]:
        digest.update(path.read_bytes())
    spoken: dict[str, Any] = {name: words.several(name) for name in words.names()}
    digest.update(repr(sorted(spoken.items())).encode())
    return digest.digest()
