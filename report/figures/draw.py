"""Draw all figures of the report and write their data tables, reusing cached ones."""

import csv
import hashlib
import importlib
import io
import json
import multiprocessing
import os
import pickle
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from pipeline.engine.pool import cpu_count
from pipeline.engine.process_lifecycle import block_sigint, exit_with_parent
from pipeline.results.base_record import Record
from report.figures.catalogue import figure_specs
from report.figures.figure_spec import FigureSpec
from report.language.words import Words
from report.page_cache import Kept
from report.paths import FONTS, PIPELINE_SOURCES
from report.queries.results import Results

FIGURES = Path(__file__).parent
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet run a cell as a formula (CWE-1236)."""
PARTS = {"figures": "svg", "web": "svg", "datos": "csv"}
"""Folder and suffix of each file of a figure."""
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
    kept = Kept(cache)
    drawn = {spec.name: kept.read(keys[spec.name]) for spec in specs}
    todo = [spec for spec in specs if drawn[spec.name] is None]
    if todo:
        drawn |= _draw_missing(todo, keys, words, kept, folder)
    kept.prune()
    for part in PARTS:
        (folder / part).mkdir()
    for name, files in drawn.items():
        for (part, suffix), text in zip(PARTS.items(), json.loads(files or b""), strict=True):
            (folder / part / f"{name}.{suffix}").write_text(text, encoding="utf-8", newline="")


def _draw_missing(
    todo: list[FigureSpec], keys: dict[str, str], words: Words, kept: Kept, folder: Path
) -> dict[str, bytes]:
    """Draw figures in one process per core; return what `_draw_one` does, by name.

    Figures of equal content are drawn once.
    """
    distinct = {keys[spec.name]: spec for spec in todo}
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(["report.figures.style"])
        _start_forkserver()
    with ProcessPoolExecutor(min(cpu_count(), len(distinct)), context, _init_worker) as pool:
        try:
            with block_sigint():
                jobs = {
                    key: pool.submit(_draw_one, spec, key, words, kept, folder)
                    for key, spec in distinct.items()
                }
            return {spec.name: jobs[keys[spec.name]].result() for spec in todo}
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


def _draw_one(spec: FigureSpec, key: str, words: Words, kept: Kept, folder: Path) -> bytes:
    """Draw a figure and make its data table; keep and return its files' texts as a JSON list."""
    # Imported here: slow, and not needed for kept figures.
    from report.figures import compact_svg
    from report.figures.style import dark_colours

    draw = _function(spec.function)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        figure, web = Path(work, "print.svg"), Path(work, "web.svg")
        draw(*spec.arguments, words, figure)
        compact_svg.round_paths(figure)
        compact_svg.write_web_copy(figure, web, dark_colours())
        drawn = [path.read_text(encoding="utf-8") for path in (figure, web)]
    table = io.StringIO()
    rows = _function(spec.table)(*spec.arguments, words)
    csv.writer(table, lineterminator="\n").writerows([*map(_escape_formula, row)] for row in rows)
    content = json.dumps([*drawn, table.getvalue()], ensure_ascii=False).encode()
    kept.write(key, content)
    return content


def _function(name: str) -> Callable[..., Any]:
    """Return the function "module:name" of `report.figures`, by default of `csv_tables`."""
    module, _, function = name.rpartition(":")
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"report.figures.{module or 'csv_tables'}"), function
    )
    return found


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
