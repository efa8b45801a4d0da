"""Audio and video files as sources of bytes: paths, open files or content in memory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pipeline.engine.unchanged_file import cannot_be_read, open_file

Source = Path | bytes | BinaryIO
"""Path or content of a file, or an open file, which is read from its beginning."""


class ByteRange:
    """A part of an open file, with the methods that PyAV calls.

    It keeps the errors of a disk, which FFmpeg takes for the end of the file.
    """

    def __init__(
        self, file: BinaryIO, start: int, end: int, errors: list[OSError] | None = None
    ) -> None:
        self._file, self._start, self._end = file, start, end
        self.errors: list[OSError] = [] if errors is None else errors
        self._at = 0

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._end - self._start

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as `io.RawIOBase.read`."""
        left = max(0, self.size - self._at)
        try:
            self._file.seek(self._start + self._at)
            data = self._file.read(left if size < 0 else min(size, left))
        except OSError as error:
            self.errors.append(error)
            raise
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, as `io.RawIOBase.seek`."""
        base = (0, self._at, self.size)[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Position in the part."""
        return self._at

    def part(self, start: int, end: int | None = None) -> "ByteRange":
        """A part of this part."""
        stop = self._end if end is None else self._start + end
        return ByteRange(self._file, self._start + start, stop, self.errors)


@contextmanager
def open_source(source: Source) -> Iterator[ByteRange]:
    """Open a source as one range.

    Raises:
        StudyError: the file is missing, or its disk has failed inside the block.
    """
    with ExitStack() as stack:
        file: BinaryIO
        name: object = "<bytes>"
        if isinstance(source, bytes):
            file = BytesIO(source)
        elif isinstance(source, Path):
            file, name = stack.enter_context(open_file(source)), source
        else:
            file, name = source, getattr(source, "name", "<file>")
        content = ByteRange(file, 0, file.seek(0, 2))
        try:
            yield content
        finally:
            if content.errors:
                raise cannot_be_read(name, content.errors[0]) from None
