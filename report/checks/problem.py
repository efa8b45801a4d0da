"""One thing that keeps a study from being published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Where (a path under the output folder, with a line where there is one), what is wrong,
    and how to mend it; `licence` marks a song without a stated licence."""

    where: str
    what: str
    mend: str
    licence: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"
