"""Tell whether a file holds sound that can be decoded, from its beginning alone."""

from pathlib import Path

from pipeline.errors import StudyError


def is_known_format(file: Path) -> bool:
    """True if the first frame of a file can be decoded: in milliseconds, of files of any size.

    Raises:
        OSError: the file cannot be opened.
    """
    from pipeline.audio.container import UnreadableFile  # imports PyAV, which is slow
    from pipeline.audio.decode import open_audio

    with file.open("rb") as opened:
        try:
            with open_audio(opened):
                return True
        except UnreadableFile:
            return False
        except StudyError:
            return True  # the step that reads it tells what is wrong
