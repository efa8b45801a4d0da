"""Group clips that must share a split: those of one file, and copies of one recording."""

from collections import defaultdict
from collections.abc import Iterable


class Groups:
    """A partition of rows into groups, each named by its first row (a disjoint-set forest)."""

    def __init__(self, rows: int) -> None:
        self._parent = list(range(rows))

    def root(self, row: int) -> int:
        """The group of a row."""
        while self._parent[row] != row:
            row = self._parent[row]
        return row

    def join(self, rows: Iterable[int]) -> None:
        """Merge the groups of these rows."""
        first, *others = rows
        for row in others:
            low, high = sorted((self.root(first), self.root(row)))
            self._parent[high] = low

    def members(self) -> list[list[int]]:
        """The rows of each group that has several."""
        found: dict[int, list[int]] = defaultdict(list)
        for row in range(len(self._parent)):
            found[self.root(row)].append(row)
        return [rows for rows in found.values() if len(rows) > 1]


def group_clips(
    files: list[str], digests: list[bytes], pairs: Iterable[tuple[int, int]] = ()
) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Group clips that share a file, a content or a recording, transitively.

    Args:
        files: the file of each clip.
        digests: a digest of the samples of each clip.
        pairs: clips that are copies of one recording.

    Returns:
        The group of each clip (the index of its first member), the groups of identical clips, and
        the groups of clips that are copies of one recording but not all identical.
    """
    by_content: dict[bytes, list[int]] = defaultdict(list)
    by_file: dict[str, list[int]] = defaultdict(list)
    for row, (file, digest) in enumerate(zip(files, digests, strict=True)):
        by_content[digest].append(row)
        by_file[file].append(row)
    recordings, groups = Groups(len(files)), Groups(len(files))
    for one, other in pairs:
        if files[one] != files[other]:
            recordings.join((one, other))
    for rows in by_content.values():
        recordings.join(rows)
    for rows in [*recordings.members(), *by_file.values()]:
        groups.join(rows)
    return (
        [groups.root(row) for row in range(len(files))],
        [rows for rows in by_content.values() if len(rows) > 1],
        [rows for rows in recordings.members() if len({digests[row] for row in rows}) > 1],
    )
