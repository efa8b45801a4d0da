"""Read a folder of answers: which tests count for a study, and why the other files do not.

Answers come from strangers. A file is read up to `MAX_BYTES`, its nesting is counted before it is
parsed, and a test counts only if its trials are those that its seed draws from this study's
stimuli.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never

from pipeline.errors import shorten
from pipeline.listening.answer_format import (
    Answers,
    FixedAbx,
    InvalidAnswersError,
    Mushra,
    StaircaseAbx,
    checksum,
    parse,
)
from pipeline.listening.trial_draws import (
    FIXED_TRIALS,
    Staircase,
    abx_trials,
    mushra_screens,
    preference_pairs,
)
from pipeline.results.listening_schema import LeftOut, LeftOutReason
from pipeline.results.listening_stimuli import Stimuli

MAX_BYTES = 1_000_000
"""Length of a file, and of the JSON in a code."""

MAX_NESTING = 6

CODE = "latentes1:"
"""Beginning of a test as text: base64url without padding of the JSON, compressed by DEFLATE."""

TYPES = (".json", ".txt")


@dataclass(frozen=True)
class ReadTests:
    """The tests that count, and the files that do not."""

    tests: list[Answers]
    left_out: list[LeftOut]


class _LeftOutError(Exception):
    """A file or code that does not count."""

    def __init__(self, reason: LeftOutReason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def answer_files(folder: Path) -> list[str]:
    """Names of the files in a folder of answers, without hidden ones and other folders."""
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path.name for path in paths if path.is_file())


def read_answers(folder: Path, files: Iterable[str], study: str, stimuli: Stimuli) -> ReadTests:
    """Read the answers to a study's tests.

    Args:
        files: names in `folder`.
        study: the study's digest, see `pipeline.results.listening_stimuli.study_digest`.
    """
    tests: list[Answers] = []
    left_out: list[LeftOut] = []
    seen: dict[tuple[str, str, int, str], str] = {}
    for file in files:
        for source, content in _contents(folder, file):
            try:
                if isinstance(content, _LeftOutError):
                    raise content
                found = _checked(content, study, stimuli)
                subject = getattr(found, "version", "") or getattr(found, "family", "")
                key = (found.test, subject, found.seed, found.listener)
                if key in seen:
                    raise _LeftOutError("repeated", f"the same test as in {shorten(seen[key])}")
            except _LeftOutError as error:
                left_out.append(LeftOut(file=source, reason=error.reason, detail=error.detail))
            else:
                seen[key] = source
                tests.append(found)
    return ReadTests(tests, left_out)


def _contents(folder: Path, file: str) -> Iterator[tuple[str, str | _LeftOutError]]:
    """The name and the JSON of every test in a file, or why there is none."""
    try:
        kind = Path(file).suffix.lower()
        if kind not in TYPES:
            raise _LeftOutError("other_type", f"neither {' nor '.join(TYPES)}")
        text = _text(folder / file)
        if kind == ".json":
            yield file, text
            return
        codes = list(_codes(text))
        if not codes:
            raise _LeftOutError("unreadable", f"no code that begins with {CODE}")
    except _LeftOutError as error:
        yield file, error
        return
    for number, code in enumerate(codes, 1):
        source = f"{file}, {number}" if len(codes) > 1 else file
        try:
            yield source, _decoded(code)
        except _LeftOutError as error:
            yield source, error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _LeftOutError("unreadable", f"cannot be read ({error.strerror})") from None
    return _utf8(content)


def _utf8(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _LeftOutError("too_large", f"more than {MAX_BYTES // 1_000_000} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _LeftOutError("unreadable", "not UTF-8 text") from None


def _codes(text: str) -> Iterator[str]:
    """The codes of a text: each in a paragraph of its own, or on lines of their own."""
    for paragraph in re.split(r"\n[ \t\r]*\n", text):
        for code in paragraph.split(CODE)[1:]:
            yield "".join(code.split())


def _decoded(code: str) -> str:
    """The JSON of a code."""
    try:
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        content = inflate.decompress(packed, MAX_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise _LeftOutError("unreadable", "an incomplete or damaged code") from None
    if not inflate.eof and len(content) <= MAX_BYTES:
        raise _LeftOutError("unreadable", "an incomplete or damaged code")
    return _utf8(content)


def _checked(text: str, study: str, stimuli: Stimuli) -> Answers:
    """The answers in a JSON text, if they count."""
    content = _json(text)
    if content.get("simulated"):
        raise _LeftOutError("simulated", "answers of a simulated listener")
    try:
        found = parse(content)
    except InvalidAnswersError as error:
        raise _LeftOutError("invalid", shorten(str(error))) from None
    if found.study != study:
        raise _LeftOutError("other_study", "answers to another study, or to older sounds of it")
    if found.check != checksum(content):
        raise _LeftOutError("edited", "its checksum does not match")
    if not _as_drawn(found, stimuli):
        raise _LeftOutError("edited", "its trials are not those of its seed")
    return found


def _json(text: str) -> dict[str, Any]:
    """The object in a JSON text with integers and strings only."""
    depth = 0
    # A string that is not closed ends with the text, so that the search takes linear time.
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*+"?|([][{}])', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "": 0}.get(bracket, -1)
        if depth > MAX_NESTING:
            raise _LeftOutError("nested", f"nested deeper than {MAX_NESTING} levels")

    def reject(number: str) -> Never:
        raise ValueError(f"{number} is not an integer")

    try:
        content = json.loads(text, parse_float=reject, parse_constant=reject)
    except (ValueError, RecursionError):
        raise _LeftOutError("unreadable", "not valid JSON with whole numbers only") from None
    if not isinstance(content, dict):
        raise _LeftOutError("invalid", "not a JSON object")
    return content


def _as_drawn(found: Answers, stimuli: Stimuli) -> bool:
    """Whether the trials are those that the seed draws, and complete."""
    if isinstance(found, FixedAbx | StaircaseAbx):
        return bool(stimuli.songs) and _abx_as_drawn(found, stimuli)
    if isinstance(found, Mushra):
        screens = [(trial.song, trial.order) for trial in found.trials]
        scored = all(len(trial.scores) == len(trial.order) for trial in found.trials)
        return scored and screens == mushra_screens(found.seed, stimuli)
    pairs = [(trial.kind, trial.a, trial.b) for trial in found.trials]
    drawn = preference_pairs(found.seed, stimuli)
    return pairs == [(pair.kind, pair.a, pair.b) for pair in drawn]


def _abx_as_drawn(found: FixedAbx | StaircaseAbx, stimuli: Stimuli) -> bool:
    drawn = zip(found.trials, abx_trials(found.seed, stimuli.songs), strict=False)
    if any((trial.song, trial.original, trial.x) != expected for trial, expected in drawn):
        return False
    if isinstance(found, FixedAbx):
        family, _, size = found.version.rpartition(".")
        known = size in map(str, stimuli.abx.get(family, []))
        same = all(trial.version == found.version for trial in found.trials)
        return known and same and len(found.trials) in FIXED_TRIALS
    if found.family not in stimuli.abx:
        return False
    staircase = Staircase(stimuli.abx[found.family])
    for trial in found.trials:
        if staircase.ended or trial.version != f"{found.family}.{staircase.size}":
            return False
        staircase.answer(trial.correct)
    return staircase.ended
