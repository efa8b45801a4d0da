"""Print what a study would find in a folder of music."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.control_characters import one_line
from pipeline.results.inspection_schema import InspectedFile, InspectedGenre, Inspection
from pipeline.results.schema import Duplicate, Fault
from report.terminal import MAX_LISTED_DETAILS, MAX_LISTED_FILES, format_duration

MAX_LISTED_VALUES = 3
"""Most formats, and most sampling rates, that are listed for a genre."""

STRETCHES = {
    "start": "from where the music begins",
    "loudest": "the loudest of each file",
    "spread": "spread evenly over each file",
    "random": "at random",
}
"""Where clips are taken from, by the setting `data.stretch`."""


def print_inspection(console: Console, found: Inspection, every_file: bool) -> None:
    """Print a summary, the genres, and what a user should know before a build.

    Args:
        every_file: list all files, and all faults.
    """
    _print_summary(console, found)
    _print_genres(console, found)
    if every_file:
        _print_every_file(console, found.files)
    most = None if every_file else MAX_LISTED_FILES
    used = {file.file for file in found.files if file.starts}
    left_out = _by_file(fault for fault in found.faults if fault.file not in used)
    _print_faults(
        console, f"Left out {len(left_out)} of {_count(len(found.files), 'file')}:", left_out, most
    )
    in_part = _by_file(fault for fault in found.faults if fault.file in used)
    _print_faults(console, f"Used {_count(len(in_part), 'file')} in part:", in_part, most)
    _print_same(console, "Identical clips, kept in one split:", found.duplicates, most)
    _print_same(console, "Copies of one recording, kept in one split:", found.copies, most)
    if not found.problem:
        _print_small_genres(console, found.genres)
    if found.unmatched_rows:
        rows = _count(found.unmatched_rows, "row")
        _print(console, f"\nNo such file: {rows} of the table of genres")


def _print_summary(console: Console, found: Inspection) -> None:
    files, genres = _count(len(found.files), "file"), _count(len(found.genres), "genre")
    used = _count(sum(bool(file.starts) for file in found.files), "file")
    clips = _count(len(found.clips), "clip")
    _print(
        console,
        f"{found.folder}: {files} in {genres}, {_minutes(found.seconds_found)} min. "
        f"Used: {used}, {clips} of {found.clip_seconds:g} s ({STRETCHES[found.stretch]}), "
        f"{_minutes(len(found.clips) * found.clip_seconds)} min.\n",
    )


def _print_genres(console: Console, found: Inspection) -> None:
    table = _table("genre", "files:", "used:", "min:", "formats", "kHz", "train/val/test:")
    for genre in found.genres:
        own = [file for file in found.files if file.genre == genre.name]
        splits = f"{genre.training}/{genre.validation}/{genre.test}"
        table.add_row(
            _text(genre.name),
            str(genre.files),
            str(genre.used),
            _minutes(genre.seconds),
            _counts([file.format for file in own if file.format]),
            _counts([_kilohertz(file.sampling_rate) for file in own if file.sampling_rate]),
            "-" if found.problem else splits,
        )
    console.print(table)


def _print_every_file(console: Console, files: list[InspectedFile]) -> None:
    table = _table("file", "format", "kHz:", "ch:", "length:", "clips from")
    for file in files:
        table.add_row(
            _text(file.file),
            file.format or "-",
            _kilohertz(file.sampling_rate) if file.sampling_rate else "-",
            str(file.channels or "-"),
            "-" if file.seconds is None else format_duration(round(file.seconds)),
            ", ".join(f"{start:g} s" for start in file.starts) or "-",
        )
    console.print(table)


def _print_faults(
    console: Console, title: str, files: dict[str, list[Fault]], most: int | None
) -> None:
    rows = []
    for file, faults in sorted(files.items()):
        details = [fault.detail for fault in faults[: most and MAX_LISTED_DETAILS]]
        more = len(faults) - len(details)
        rows.append((file, "; ".join([*details, *([f"and {more} more"] if more else [])])))
    _print_list(console, title, rows, most)


def _print_same(console: Console, title: str, groups: list[Duplicate], most: int | None) -> None:
    rows = [
        (", ".join(group.clips), f"under {len(group.genres)} genres" if group.across else "")
        for group in groups
    ]
    _print_list(console, title, rows, most)


def _print_small_genres(console: Console, genres: list[InspectedGenre]) -> None:
    rows = []
    for genre in genres:
        without = [part for part in ("validation", "test") if not getattr(genre, part)]
        if without:
            clips = _count(genre.total, "clip")
            rows.append((genre.name, f"{clips}, none for {' and '.join(without)}"))
    _print_list(console, "Too small for the split, unless you add music:", rows, None)


def _print_list(
    console: Console, title: str, rows: Sequence[tuple[str, str]], most: int | None
) -> None:
    """Print rows below a title, if there are any, wrapped within their columns."""
    if not rows:
        return
    _print(console, f"\n{title}")
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold", max_width=max(20, console.width // 2))
    table.add_column(overflow="fold")
    for row in rows[:most]:
        table.add_row(*map(_text, row))
    console.print(Padding(table, (0, 0, 0, 2)))
    if most is not None and len(rows) > most:
        _print(console, f"  ... and {len(rows) - most} more; --files lists all")


def _table(*columns: str) -> Table:
    """An empty table; columns of numbers end with a colon."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in columns:
        name = column.removesuffix(":")
        is_number = name != column
        table.add_column(
            name,
            justify="right" if is_number else "left",
            overflow="fold",
            min_width=len(name),
            no_wrap=is_number,
        )
    return table


def _by_file(faults: Iterable[Fault]) -> dict[str, list[Fault]]:
    files: dict[str, list[Fault]] = {}
    for fault in faults:
        files.setdefault(fault.file, []).append(fault)
    return files


def _counts(values: list[str]) -> str:
    """The values, one a line, most frequent first, each with its number if there are several."""
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    if len(counts) < 2:
        return "".join(values[:1]) or "-"
    lines = [f"{count} {value}" for value, count in counts[:MAX_LISTED_VALUES]]
    if others := counts[MAX_LISTED_VALUES:]:
        number = sum(count for _, count in others)
        lines.append("1 other" if number == 1 else f"{number} others")
    return "\n".join(lines)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number or 'no'} {unit}s"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _kilohertz(rate: int) -> str:
    return f"{rate / 1000:g}"


def _text(text: str) -> Text:
    """Text without markup or control characters."""
    return Text(one_line(text))


def _print(console: Console, text: str) -> None:
    """Print lines, wrapped at words."""
    for line in text.split("\n"):
        console.print(_text(line))
