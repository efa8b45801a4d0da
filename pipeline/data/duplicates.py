"""Group clips that must share a split: clips of one file, and identical clips."""

from collections import defaultdict


def group_clips(files: list[str], digests: list[bytes]) -> tuple[list[int], list[list[int]]]:
    """Group clips that share a file or a content, transitively.

    Args:
        files: the file of each clip.
        digests: a digest of the samples of each clip.

    Returns:
        The group of each clip (the index of its first member), and the groups of identical clips.
    """
    by_content: dict[bytes, list[int]] = defaultdict(list)
    by_file: dict[str, list[int]] = defaultdict(list)
    for row, (file, digest) in enumerate(zip(files, digests, strict=True)):
        by_content[digest].append(row)
        by_file[file].append(row)
    group = list(range(len(files)))

    def root(row: int) -> int:
        while group[row] != row:
            row = group[row]
        return row

    for rows in [*by_content.values(), *by_file.values()]:
        for row in rows[1:]:
            first, other = sorted((root(rows[0]), root(row)))
            group[other] = first
    return [root(row) for row in range(len(files))], [
        rows for rows in by_content.values() if len(rows) > 1
    ]
