"""Read the genre of each music file from a table (CSV or TSV)."""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.errors import StudyError, did_you_mean, shorten
from pipeline.file_names import composed
from pipeline.music_folder.scan import Music
from pipeline.music_folder.table_matching import AmbiguousName, match_rows

DELIMITERS = "\t;,"
"""Tried from the left: a tab is seldom part of a column's name, a comma may be."""

MAX_HEADER_ROWS = 3
"""Header rows of pandas' tables, before the row with the name of the index."""

MAX_GENRE_LENGTH = 100
"""Characters; more than that are prose."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""Marks at the beginning of UTF-16."""

Row = list[str]


class TableError(StudyError):
    """An error of a table, due to one of the settings table, file_column and genre_column."""

    def __init__(self, message: str, setting: str = "table") -> None:
        super().__init__(message)
        self.setting = setting


def genres_from_table(table: Path, file_column: str, genre_column: str, files: list[str]) -> Music:
    """The music of a folder with the genres of a table.

    Args:
        table: UTF-8, with commas, semicolons or tabs, and one row of column names or several, as
            pandas writes them (in which case a column is "track.genre_top", or "genre_top" if no
            other has that name).
        file_column: column with the path of each file or the end of it, with or without its
            extension, or with the number that its name consists of.
        genre_column: column with its genre; empty for none.
        files: paths relative to the folder.

    Raises:
        TableError: the table cannot be read, has no such column or contradicts itself, or has no
            genre of any file.
    """
    names, body = _split_header(_rows(table), file_column, genre_column)
    file_index = _find_column(table, names, file_column, "file_column")
    genre_index = _find_column(table, names, genre_column, "genre_column")
    lines: list[int] = []
    paths: list[str] = []
    stated: list[str] = []
    for line, row in body:
        row += [""] * (max(file_index, genre_index) + 1 - len(row))
        lines.append(line)
        paths.append(row[file_index])
        stated.append(_genre(table, line, row[genre_index]))
    genres: dict[str, str] = {}
    seen: dict[str, int] = {}
    matched = _match(table, lines, paths, files, file_column)
    for number, file in matched:
        genre = stated[number]
        if genre and genres.setdefault(file, genre) != genre:
            raise TableError(
                f"{table}:{lines[number]}: {file} has the genre {shorten(genre)} here, but "
                f"{shorten(genres[file])} in line {seen[file]}; delete one"
            )
        if genre:
            seen.setdefault(file, lines[number])
    if not genres:
        raise TableError(
            f"{table}: column {shorten(genre_column)} is empty in the rows of all {len(files)} "
            "music files",
            "genre_column",
        )
    return Music(
        [file for file in files if file in genres],
        {file: genres[file] for file in files if file in genres},
        {file: "no_genre" for file in files if file not in genres},
        sum(map(bool, paths)) - len(matched),
    )


def _match(
    table: Path, lines: list[int], paths: list[str], files: list[str], column: str
) -> list[tuple[int, str]]:
    """Rows that name a file, with that file; at least one."""
    try:
        matched = match_rows(paths, files)
    except AmbiguousName as error:
        raise TableError(
            f"{table}:{lines[error.row]}: {error}; give the path", "file_column"
        ) from None
    if not matched:
        example = next((path for path in paths if path), "")
        raise TableError(
            f"{table}: no row of column {shorten(column)} names a file of the music (the first row "
            f'has "{shorten(example)}", the first file is {files[0]})',
            "file_column",
        )
    return matched


def _rows(table: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a table that are not empty, each with its line.

    Raises:
        TableError: it cannot be read, or is not a table.
    """
    try:
        with table.open("rb") as binary:
            start = binary.read(4096)
        if start.startswith(b"PK\x03\x04") or (b"\0" in start and start[:2] not in UTF_16):
            raise TableError(f"{table}: not a table but a binary file; export it as CSV")
        with table.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=_delimiter(table), strict=True)
            yield from ((reader.line_num, row) for row in reader if any(row))
    except UnicodeDecodeError:
        line, byte = _first_invalid_line(table)
        raise TableError(
            f"{table}:{line}: byte 0x{byte:02x} is not UTF-8; save the table as CSV in UTF-8"
        ) from None
    except csv.Error as error:
        raise TableError(
            f"{table}:{reader.line_num}: not a row of a table ({error}); check its quotes"
        ) from None
    except OSError as error:
        raise TableError(f"{table}: cannot be read ({error.strerror})") from None


def _first_invalid_line(table: Path) -> tuple[int, int]:
    """Line and value of the first byte that is not UTF-8."""
    with table.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return number, line[error.start]
    raise TableError(f"{table}: changed while it was read; run the same command again")


def _delimiter(table: Path) -> str:
    """The delimiter of a table, from its first line."""
    with table.open(encoding="utf-8-sig") as stream:
        first = next((line for line in stream if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    counts = {delimiter: unquoted.count(delimiter) for delimiter in DELIMITERS}
    found = "\t" if counts["\t"] else max(DELIMITERS, key=lambda delimiter: counts[delimiter])
    if not counts[found]:
        raise TableError(
            f"{table}: not a table (its first line has no comma, semicolon or tab); expected CSV "
            "or TSV with a row of column names"
        )
    return found


def _split_header(
    rows: Iterator[tuple[int, Row]], *wanted: str
) -> tuple[list[tuple[str, ...]], Iterable[tuple[int, Row]]]:
    """The names of the columns, one per header row, and the rows below.

    Pandas ends several header rows with one of the name of the index alone. Other tables have two
    if the first repeats its names and only both together have those `wanted`.
    """
    first = list(itertools.islice(rows, MAX_HEADER_ROWS + 1))
    for depth, (_, row) in enumerate(first):
        if depth and row[0] and not any(row[1:]) and len(row) > 1:
            header = [*(cells for _, cells in first[:depth]), [row[0]]]
            if not any(cells[0] for cells in header[:-1]):
                return _column_names(header), itertools.chain(first[depth + 1 :], rows)
    one = _column_names([cells for _, cells in first[:1]])
    two = _column_names([cells for _, cells in first[:2]])
    names = [name for name in one if name]
    repeated = len(set(names)) < len(names)
    double = repeated and all(_positions(two, name) for name in wanted)
    return (
        (two, itertools.chain(first[2:], rows))
        if double
        else (
            one,
            itertools.chain(first[1:], rows),
        )
    )


def _column_names(header: list[Row]) -> list[tuple[str, ...]]:
    """The parts of each column's name that are not empty, from the top."""
    rows = [[composed(cell.strip()) for cell in row] for row in header]
    columns = itertools.zip_longest(*rows, fillvalue="")
    return [tuple(part for part in parts if part) for parts in columns]


def _positions(names: list[tuple[str, ...]], wanted: str) -> list[int]:
    """Columns with a full name, or else with this last part of it."""
    wanted = composed(wanted.strip())
    full = [index for index, parts in enumerate(names) if ".".join(parts) == wanted]
    return full or [index for index, parts in enumerate(names) if parts[-1:] == (wanted,)]


def _find_column(table: Path, names: list[tuple[str, ...]], wanted: str, setting: str) -> int:
    found = _positions(names, wanted)
    known = [".".join(parts) for parts in names if parts]
    if not found:
        listed = ", ".join(map(shorten, known[:12])) + (", …" if len(known) > 12 else "")
        last_parts = {parts[-1] for parts in names if parts}
        hint = did_you_mean(wanted, known) or did_you_mean(wanted, last_parts)
        raise TableError(f"{table}: no column {shorten(wanted)} (columns: {listed}){hint}", setting)
    if len(found) > 1:
        same = ", ".join(".".join(names[index]) for index in found)
        raise TableError(
            f"{table}: {len(found)} columns are named {shorten(wanted)} ({same}); "
            "give one of them in full, or rename one",
            setting,
        )
    return found[0]


def _genre(table: Path, line: int, cell: str) -> str:
    genre = composed(" ".join(cell.split()))
    if len(genre) > MAX_GENRE_LENGTH:
        raise TableError(
            f"{table}:{line}: a genre of {len(genre)} characters ({shorten(genre)}); is this the "
            "column of genres?",
            "genre_column",
        )
    return genre
