"""What a figure of the report is made of."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FigureSpec:
    """A figure to draw, picklable for worker processes.

    Attributes:
        name: file name without suffix.
        function: function that draws it, "module:name" in `report.figures`.
        table: function that returns its data table, "module:name" in `report.figures`,
            or a name in `csv_tables`.
        arguments: positional arguments of both functions.
    """

    name: str
    function: str
    table: str
    arguments: tuple[Any, ...]
