"""Print what listeners answered to the blind tests of a study."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.control_characters import one_line
from pipeline.results.listening_schema import Listening
from pipeline.results.schema import Number


def print_listening(console: Console, found: Listening, numbers: Mapping[str, Number]) -> None:
    """Print one table per test, the listeners who do not count, and the files left out."""
    _line(console, f"{found.tests} tests of {found.listeners} listeners count.")
    _table(
        console,
        "ABX, fixed sizes (p by guessing)",
        ("model", "listeners", "correct", "share", "95 %", "p"),
        (
            (name, each.listeners, f"{each.correct} of {each.trials}", *_share(number), f"{p:.3g}")
            for family in found.abx
            for each in family.sizes
            if each.trials
            for name in [f"{family.family}.{each.size}"]
            for number in [numbers[f"listening.abx.{name}.proportion"]]
            for p in [numbers[f"listening.abx.{name}.p"].value]
        ),
    )
    _table(
        console,
        "ABX, size with 75 % correct answers",
        ("family", "trials", "size", "95 %"),
        (
            (family.family, family.curve.trials, *_rounded(number))
            for family in found.abx
            for number in [numbers.get(f"listening.abx.{family.family}.threshold")]
            if family.curve is not None and number is not None
        ),
    )
    _table(
        console,
        "MUSHRA",
        ("version", "listeners", "mean", "95 %"),
        (
            (rating.version, rating.listeners, *_rounded(number))
            for rating in found.ratings
            for number in [numbers[f"listening.mushra.{rating.version}.score"]]
        ),
    )
    _table(
        console,
        "Preference (share of the first, ties apart)",
        ("first", "second", "won", "lost", "ties", "share", "95 %"),
        (
            (each.a, each.b, each.won, each.lost, each.ties, *_share(number))
            for each in found.preferences
            for name in [f"listening.preference.{each.kind}.{each.a}.{each.b}.share"]
            for number in [numbers.get(name)]
        ),
    )
    _table(
        console,
        "Rank correlation of MUSHRA scores with measures",
        ("measure", "value", "95 %"),
        (
            (name.rpartition(".")[2], *_share(number))
            for name, number in numbers.items()
            if name.startswith("listening.agreement.")
        ),
    )
    reasons = {"original": "hidden reference below 90", "anchor": "mid anchor above 90"}
    _table(
        console,
        "Listeners screened out of MUSHRA",
        ("listener", "reason"),
        ((each.listener or "-", reasons[each.reason]) for each in found.screened),
    )
    _table(
        console,
        "Left out",
        ("file", "reason"),
        ((each.file, each.detail) for each in found.left_out),
    )


def _table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Print a table, unless it has no rows."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(one_line(str(cell))) for cell in row))
    if table.row_count:
        _line(console, title)
        console.print(table)


def _share(number: Number | None) -> tuple[str, str]:
    return _value(number, 2)


def _rounded(number: Number | None) -> tuple[str, str]:
    return _value(number, 0)


def _value(number: Number | None, places: int) -> tuple[str, str]:
    """A number and its interval, "-" where there is none."""
    if number is None:
        return "-", "-"
    interval = number.interval
    between = f"{interval[0]:.{places}f} to {interval[1]:.{places}f}" if interval else "-"
    return f"{number.value:.{places}f}", between


def _line(console: Console, text: str) -> None:
    console.print(Text(one_line(text)))
