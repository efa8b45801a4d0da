"""A problem that prevents a study from being published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A problem found by a check.

    Attributes:
        where: path relative to the output folder, followed by the line if it is known.
        what: what is wrong.
        fix: how to fix it.
        licence: True if the problem is a song without a stated licence.
    """

    where: str
    what: str
    fix: str
    licence: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"
