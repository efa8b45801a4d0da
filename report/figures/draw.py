"""Draw all figures of the report and write their data tables, reusing cached ones."""

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
from pipeline.results.record import Record
from report.figures import compact_svg, csv_tables
from report.figures.catalogue import FigureSpec, figure_specs
from report.language.words import Words
from report.paths import FONTS, PIPELINE_SOURCES
from report.queries.results import Results

FIGURES = Path(__file__).parent
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet run a cell as a formula (CWE-1236)."""
OTHER_SOURCES = ("language/spanish.py", "figures/compact_svg.py")
"""Modules outside this package that figures depend on."""


def draw_all(results: Results, words: Words, cache: Path, folder: Path) -> None:
    """Write all figures and their data tables into `folder`.

    Each figure is written to figures/NAME.svg for the PDF, web/NAME.svg (smaller, for light and
    dark pages) and datos/NAME.csv. Figures whose content is unchanged are copied from `cache`;
    the others are drawn in one process per core and added to it. Unused entries are removed.

    Raises:
        ReportError: a song's audio cannot be read.
    """
    specs = list(figure_specs(results, words))
    common = _common_digest(words)
    keys = {spec.name: _key(spec, common) for spec in specs}
    todo = [spec for spec in specs if not (cache / keys[spec.name]).is_dir()]
    if todo:
        _draw_missing(todo, keys, words, cache)
    for part in ("figures", "web", "datos"):
        (folder / part).mkdir()
    for name, key in keys.items():
        shutil.copyfile(cache / key / "print.svg", folder / "figures" / f"{name}.svg")
        shutil.copyfile(cache / key / "web.svg", folder / "web" / f"{name}.svg")
        shutil.copyfile(cache / key / "data.csv", folder / "datos" / f"{name}.csv")
    for entry in set(os.listdir(cache)) - set(keys.values()):
        shutil.rmtree(cache / entry, ignore_errors=True)


def _draw_missing(todo: list[FigureSpec], keys: dict[str, str], words: Words, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(["report.figures.style"])
        _start_forkserver()
    with ProcessPoolExecutor(min(cores or 1, len(todo)), context, _init_worker) as pool:
        try:
            with block_sigint():
                jobs = [
                    pool.submit(_draw_one, spec, cache / keys[spec.name], words) for spec in todo
                ]
            for job in jobs:
                job.result()
        except BaseException:
            for process in multiprocessing.active_children():
                process.kill()
            raise


def _start_forkserver() -> None:
    """Start the fork server with stderr redirected to the null device, as its workers inherit it.

    Errors in workers are raised by their futures; only a worker forked during an interrupt would
    print a traceback.
    """
    with block_sigint(), open(os.devnull, "w") as null:
        stderr = os.dup(2)
        os.dup2(null.fileno(), 2)
        try:
            forkserver.ensure_running()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _init_worker() -> None:
    from report.figures import style

    exit_with_parent()
    style.setup()


def _draw_one(spec: FigureSpec, entry: Path, words: Words) -> None:
    """Draw a figure and write its data table into a new cache entry, atomically."""
    from report.figures.style import dark_colours

    module, _, function = spec.function.partition(":")
    draft = Path(tempfile.mkdtemp(prefix=".", dir=entry.parent))
    draw = getattr(importlib.import_module(f"report.figures.{module}"), function)
    draw(*spec.arguments, words, draft / "print.svg")
    compact_svg.round_paths(draft / "print.svg")
    compact_svg.write_web_copy(draft / "print.svg", draft / "web.svg", dark_colours())
    text = io.StringIO()
    rows = getattr(csv_tables, spec.table)(*spec.arguments, words)
    csv.writer(text, lineterminator="\n").writerows([*map(_escape_formula, row)] for row in rows)
    (draft / "data.csv").write_text(text.getvalue(), encoding="utf-8")
    if not entry.exists():
        draft.rename(entry)


def _escape_formula(value: Any) -> Any:
    """Quote text, e.g. a genre's name, that a spreadsheet would run as a formula."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA_PREFIXES)
    return f"'{value}" if is_formula else value


class _ContentPickler(pickle.Pickler):
    """Pickles a figure's arguments, with files replaced by a digest of their content."""

    def persistent_id(self, value: object) -> str | None:
        if isinstance(value, Path):
            return hashlib.sha256(value.read_bytes()).hexdigest() if value.is_file() else ""
        return None

    def reducer_override(self, value: object) -> Any:
        if isinstance(value, Record):  # pydantic also pickles a set, whose order varies
            return dict, (sorted(vars(value).items()),)
        return NotImplemented


def _key(spec: FigureSpec, common: bytes) -> str:
    content = io.BytesIO()
    _ContentPickler(content).dump((spec.function, spec.table, spec.arguments))
    return hashlib.sha256(common + content.getvalue()).hexdigest()[:40]


def _common_digest(words: Words) -> bytes:
    """Return a digest of what all figures depend on: code, fonts and words."""
    digest = hashlib.sha256(version("matplotlib").encode())
    others = [FIGURES.parent / name for name in OTHER_SOURCES]
    code = [*sorted(FIGURES.glob("*.py")), *others, *PIPELINE_SOURCES]
    for path in [*code, *sorted(FONTS.glob("*.ttf"))]:
        digest.update(path.read_bytes())
    texts: dict[str, Any] = {name: words.word_list(name) for name in words.names()}
    digest.update(repr(sorted(texts.items())).encode())
    return digest.digest()
