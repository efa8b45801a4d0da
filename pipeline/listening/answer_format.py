"""The format of an answer file, `latentes-answers-1`: one test of one listener, as JSON.

The page of the tests writes it; docs/listening.md describes it.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
)

from pipeline.control_characters import one_line
from pipeline.results.listening_stimuli import MAX_VERSIONS, canonical_json

FORMAT = "latentes-answers-1"

MAX_TRIALS = 200

FNV_OFFSET, FNV_PRIME = 0x811C9DC5, 0x01000193


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _printable(text: str) -> str:
    if one_line(text) != text:
        raise ValueError("has control characters")
    return text


Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]
Letter = Literal["a", "b"]


class AbxTrial(_Strict):
    """Where the original was, which of both X repeats, and which the listener took it for."""

    song: Name
    version: Name
    original: Letter
    x: Letter
    answer: Letter
    ms: Milliseconds
    switches: Annotated[int, Field(ge=0, le=100_000)]

    @property
    def correct(self) -> bool:
        """True if the listener recognised X."""
        return self.answer == self.x


class MushraTrial(_Strict):
    """The versions of a song from left to right, and their scores."""

    song: Name
    order: Annotated[list[Name], Field(min_length=2, max_length=MAX_VERSIONS)]
    scores: Annotated[
        list[Annotated[int, Field(ge=0, le=100)]], Field(min_length=2, max_length=MAX_VERSIONS)
    ]
    ms: Milliseconds


class PreferenceTrial(_Strict):
    """Two sounds, and which the listener preferred."""

    kind: Literal["generated", "coding"]
    a: Name
    b: Name
    answer: Literal["a", "b", "none"]
    ms: Milliseconds


class _Test(_Strict):
    format: Literal["latentes-answers-1"]
    study: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    listener: Annotated[str, Field(max_length=40), AfterValidator(_printable)]
    check: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class FixedAbx(_Test):
    """An ABX test of one model, FAMILY.SIZE."""

    test: Literal["abx"]
    mode: Literal["fixed"]
    version: Name
    trials: Annotated[list[AbxTrial], Field(min_length=1, max_length=MAX_TRIALS)]


class StaircaseAbx(_Test):
    """An ABX test whose answers choose the sizes."""

    test: Literal["abx"]
    mode: Literal["staircase"]
    family: Name
    trials: Annotated[list[AbxTrial], Field(min_length=1, max_length=MAX_TRIALS)]


class Mushra(_Test):
    """A test with hidden reference and anchors."""

    test: Literal["mushra"]
    trials: Annotated[list[MushraTrial], Field(min_length=1, max_length=MAX_TRIALS)]


class PreferenceTest(_Test):
    """A test of pairs."""

    test: Literal["preference"]
    trials: Annotated[list[PreferenceTrial], Field(min_length=1, max_length=MAX_TRIALS)]


Answers = FixedAbx | StaircaseAbx | Mushra | PreferenceTest


def _kind(content: Any) -> str:
    test = content.get("test") if isinstance(content, dict) else None
    if test == "abx":
        return "staircase" if content.get("mode") == "staircase" else "fixed"
    return test if test in ("mushra", "preference") else ""


_answers: TypeAdapter[Answers] = TypeAdapter(
    Annotated[
        Annotated[FixedAbx, Tag("fixed")]
        | Annotated[StaircaseAbx, Tag("staircase")]
        | Annotated[Mushra, Tag("mushra")]
        | Annotated[PreferenceTest, Tag("preference")],
        Discriminator(_kind),
    ]
)


class InvalidAnswersError(ValueError):
    """What is wrong with the content of an answer file, on one line."""


def parse(content: dict[str, Any]) -> Answers:
    """The answers in the content of a file.

    Raises:
        InvalidAnswersError: something is missing, unknown or out of range.
    """
    if content.get("format") != FORMAT:
        raise InvalidAnswersError(f"its format is not {FORMAT}")
    try:
        return _answers.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"][1:])) or "test"
        raise InvalidAnswersError(f"{place}: {first['msg']}") from None


def checksum(content: dict[str, Any]) -> str:
    """The `check` of an answer file: FNV-1a (32 bits) of its canonical JSON without it."""
    rest = {key: value for key, value in content.items() if key != "check"}
    digest = FNV_OFFSET
    for byte in canonical_json(rest).encode(errors="surrogatepass"):
        digest = (digest ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return f"{digest:08x}"
