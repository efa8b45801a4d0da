"""Queries on generated sound: decoded vectors that belong to no song, and new music."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Generated, GeneratedKind, NewMusic
from report.queries.base import Queries
from report.statistics.inference import FEW_CLIPS, Outcome

MEANS: tuple[GeneratedKind, ...] = ("songs", "genre_songs", "genre")
RANDOM: tuple[GeneratedKind, ...] = ("uniform", "gaussian")
PICTURED: tuple[GeneratedKind, ...] = ("genre_songs", "genre", "gaussian")
"""Kinds of decoded vectors that the figure shows."""

HEARD: tuple[GeneratedKind, ...] = (*MEANS, "line", "gaussian")
"""Kinds in the listening table; the site's page has all."""

GENERATORS = ("vae", "process", "flow", "walk")
SCORED = ("real", "vocoder", "reconstructed", "noise", "mix", "means", "draws", *GENERATORS)
"""Rows of the table of scores: what generated music is compared with, then the generators."""

SCORES: dict[str, tuple[int, float]] = {
    "kad": (1, 1), "frechet": (1, 1), "pulse": (2, 1), "genre": (0, 100), "copying": (2, 1),
}  # fmt: skip
"""Columns of the table of scores, each with its decimals and its factor (100 for percentages)."""

NOISE_RATIO = 0.75
"""Share of the flatness of equally filtered white noise from which a sound counts as noise."""

MIXED = 0.5
"""Correlation with the mix of its sources from which a sound counts as similar to it."""

MIN_FALL = 0.1
"""Fall of the similarity along a line from which a song counts as lost on it."""


@dataclass(frozen=True)
class ListeningRow:
    """A sound of the listening table and its names of numbers; None where it has none.

    `what` is its kind or the generator, `clip` its record, `model` the network that decoded it.
    """

    what: str
    clip: Generated | NewMusic
    model: Model | None
    similarity: str | None
    flatness: str | None


@dataclass(frozen=True)
class FlatSound:
    """A sound, as a kind or a generator, and its flatness."""

    what: str
    flatness: Number


class GenerationQueries(Queries):
    """Queries on generated sound, by model and kind."""

    @cached_property
    def featured_genre(self) -> str:
        """The genre that the chapter shows: the study's, else jazz, else the first."""
        names = [genre.name for genre in self.results.data.genres]
        stated = self.results.study["report"]["genre"]
        return stated if stated in names else "jazz" if "jazz" in names else names[0]

    @cached_property
    def featured(self) -> list[Model]:
        """The model of each family of which every kind was decoded."""
        return [self.featured_model(family) for family in self.results.families]

    @property
    def scored_model(self) -> Model:
        """The model whose means and random vectors are scored and drawn: the convolutional one,
        else the first."""
        return next((m for m in self.featured if m.family == "classic"), self.featured[0])

    def clips(self, model: Model, kind: GeneratedKind) -> list[Generated]:
        """Return a model's clips of a kind, of the featured genre if the kind is per genre."""
        return [
            clip
            for clip in self.results.generated
            if (clip.model, clip.kind) == (model.version, kind)
            and clip.genre in (None, self.featured_genre)
        ]

    @property
    def path(self) -> list[Generated]:
        """The points between two songs, decoded by the first featured model; none of one song."""
        return self.clips(self.featured[0], "path")

    def numbers(
        self, members: Sequence[Model], kinds: Sequence[GeneratedKind], measure: str
    ) -> list[Number]:
        """Return a measure of all clips of these models and kinds, of the featured genre."""
        return [
            self.results.number(f"{clip.number}.{measure}")
            for model in members
            for kind in kinds
            for clip in self.clips(model, kind)
        ]

    def similar(
        self, model: Model, kinds: Sequence[GeneratedKind], limit: float, inner: bool = False
    ) -> Outcome:
        """Return whether all clips of these kinds are at least so similar to their sources; with
        `inner`, all but the first and the last.

        Outcomes: `all`, `some`, `none`; `absent` without such clips. `low` and `high` are the
        lowest and highest similarity.
        """
        found = self.numbers([model], kinds, "similarity")
        found = found[1:-1] if inner else found
        values = [number.value for number in found]
        return _share([value >= limit for value in values], found, values)

    def mixing(self, model: Model) -> Outcome:
        """Return whether means of latent vectors are similar to the mixes of their sources."""
        return self.similar(model, MEANS, MIXED)

    def reconstructs(self, model: Model) -> bool:
        """True unless the error of a model's reconstructions has as much energy as the music: an
        SNR of 0 dB or less, as of silence."""
        snr = self.results.numbers.get(f"reconstruction.{model.version}.snr")
        return snr is None or snr.value > 0

    @property
    def mixers(self) -> list[Model]:
        """The featured models of which means were decoded, those most similar to mixes first."""
        found = [model for model in self.featured if self.mixing(model).name != "absent"]
        return sorted(found, key=lambda model: -self.mixing(model).low)

    def noisy(self, model: Model) -> Outcome:
        """Return whether random vectors give noise: a flatness near that of white noise that is
        filtered alike (`NOISE_RATIO`).

        Outcomes: `all`, `some`, `none`; `absent` without random vectors. `low` and `high` are the
        lowest and highest ratio of the two.
        """
        names = [clip.number for kind in RANDOM for clip in self.clips(model, kind)]
        known = self.results.numbers
        pairs = [
            (known[f"{name}.flatness"], known[f"{name}.noise_flatness"])
            for name in names
            if f"{name}.noise_flatness" in known  # not in results of earlier versions
        ]
        ratios = [one.value / other.value if other.value else 0.0 for one, other in pairs]
        found = [number for pair in pairs for number in pair]
        return _share([ratio >= NOISE_RATIO for ratio in ratios], found, ratios)

    def along_line(self, model: Model) -> Outcome:
        """Return whether a song is lost on the line from the mean vector through its own.

        Outcomes: `lost` or `kept` by the similarity to the song, from the first point, which is
        the song, to the last; `unlike` if even the first is not similar to it (`MIXED`); `absent`
        without a line. `high` and `low` are the two similarities, `value` how many times
        farther than the song the last point is.
        """
        clips = self.clips(model, "line")
        found = self.numbers([model], ["line"], "similarity")
        if len(clips) < 2:
            return Outcome("absent", ())
        first, last = found[0].value, found[-1].value
        farther = clips[-1].sources[0].weight / clips[0].sources[0].weight
        name = "unlike" if first < MIXED else "lost" if first - last > MIN_FALL else "kept"
        return Outcome(name, (found[0], found[-1]), value=farther, low=last, high=first)

    # Scores -------------------------------------------------------------------------------------

    @cached_property
    def scored(self) -> list[str]:
        """The rows of the table of scores."""
        return [row for row in SCORED if any(self.score(row, each) for each in SCORES)]

    @cached_property
    def scores(self) -> list[str]:
        """The columns of the table of scores."""
        return [each for each in SCORES if any(self.score(row, each) for row in self.scored)]

    @property
    def sounds(self) -> list[int]:
        """How many sounds the rows' scores are means of, in increasing order."""
        found = [self.score(row, each) for row in self.scored for each in self.scores]
        return sorted({number.clips for number in found if number and number.clips})

    @property
    def few_sounds(self) -> int | None:
        """How many sounds the rows' scores are means of, at most, if fewer than `FEW_CLIPS`."""
        most = max(self.sounds, default=FEW_CLIPS)
        return most if most < FEW_CLIPS else None

    @property
    def more_typical(self) -> bool:
        """True if the classifier finds the genre clearly more often in the flow than in music."""
        return self.apart("flow", ["real"], "genre").name == "higher"

    @property
    def has_intervals(self) -> bool:
        """True if any score has an interval."""
        found = [self.score(row, each) for row in self.scored for each in self.scores]
        return any(number.interval for number in found if number is not None)

    def score_names(self, row: str) -> dict[str, str | None]:
        """Return, per column of the table, the dotted name of a row's score, or None."""
        found = {score: self.score(row, score) for score in self.scores}
        return {score: None if number is None else number.name for score, number in found.items()}

    def apart(self, row: str, others: Sequence[str], score: str) -> Outcome:
        """Compare a row's score with those of others: they differ if their intervals are apart.

        Outcomes: `higher`, `lower` or `unclear` if all agree, else `mixed`; `unknown` if the score
        or all others are missing, or there are no intervals. `holds` has the rows that it is
        above, `fails` those it is below, `undecided` the others. `value` is the row's score, `low`
        and `high` are the lowest and highest of the others.
        """
        one = self.score(row, score)
        pairs = [(other, self.score(other, score)) for other in others]
        known = [(other, number) for other, number in pairs if number is not None]
        if one is None or not any(number.interval for _, number in [(row, one), *known]):
            return Outcome("unknown", ())
        if not known:
            return Outcome("unknown", (one,))
        groups: dict[str, tuple[str, ...]] = {"higher": (), "lower": (), "unclear": ()}
        for other, number in known:
            groups[_order(one, number)] += (other,)
        present = [name for name, group in groups.items() if group]
        values = [number.value for _, number in known]
        return Outcome(
            present[0] if len(present) == 1 else "mixed", (one, *(n for _, n in known)),
            holds=groups["higher"], fails=groups["lower"], undecided=groups["unclear"],
            value=one.value, low=min(values), high=max(values),
        )  # fmt: skip

    def score(self, row: str, score: str) -> Number | None:
        """Return a score of a row, if it has it."""
        return self.results.numbers.get(f"generation.{row}.{score}")

    # Sounds -------------------------------------------------------------------------------------

    @property
    def generators(self) -> list[str]:
        """The generative models that the study has."""
        present = {clip.model for clip in self.results.new_music}
        return [model for model in GENERATORS if model in present]

    def new_clips(self, generator: str) -> list[NewMusic]:
        """Return a generator's clips of the featured genre, or of the first that it has."""
        clips = [clip for clip in self.results.new_music if clip.model == generator]
        genres = [clip.genre for clip in clips]
        genre = self.featured_genre if self.featured_genre in genres else genres[0]
        return [clip for clip in clips if clip.genre == genre]

    @property
    def listening_rows(self) -> Iterator[ListeningRow]:
        """Yield the rows of the listening table: of some kinds one sound of each family (the end
        of the line), then one of each generator."""
        for kind in HEARD:
            for model in self.featured:
                clips = self.clips(model, kind)
                for clip in clips[-1:] if kind == "line" else clips[:1]:
                    similarity = f"{clip.number}.similarity" if clip.sources else None
                    yield ListeningRow(kind, clip, model, similarity, f"{clip.number}.flatness")
        for generator in self.generators:
            new = self.new_clips(generator)[0]
            name = f"{new.number}.flatness"
            flatness = name if name in self.results.numbers else None
            yield ListeningRow(generator, new, None, None, flatness)

    @property
    def flattest(self) -> FlatSound:
        """The generated sound of the figure that is nearest to noise."""
        clips: list[tuple[str, Generated | NewMusic]] = [
            (kind, clip) for kind in PICTURED for clip in self.clips(self.scored_model, kind)[:1]
        ]
        clips += [(generator, self.new_clips(generator)[0]) for generator in self.generators]
        found = [
            FlatSound(what, self.results.number(f"{clip.number}.flatness")) for what, clip in clips
        ]
        return max(found, key=lambda sound: sound.flatness.value)

    @property
    def pictures(self) -> dict[str, str]:
        """The sounds of the figure, `original` or a kind or generator to its file in the results:
        a real clip, means, a random vector, each generator."""
        results = self.results
        heard = [clip for clip in results.data.clips if clip.audio is not None]
        real = [clip for clip in heard if clip.genre == self.featured_genre] or heard
        song = results.song("test").audio("original")
        files = {"original": str(real[0].audio) if real else song}
        for kind in PICTURED:
            for clip in self.clips(self.scored_model, kind)[:1]:
                files[kind] = clip.audio
        for generator in self.generators:
            files[generator] = self.new_clips(generator)[0].audio
        return files


def _order(first: Number, second: Number) -> str:
    (low, high), (other_low, other_high) = (
        number.interval or (number.value, number.value) for number in (first, second)
    )
    return "higher" if low > other_high else "lower" if high < other_low else "unclear"


def _share(flags: Sequence[bool], numbers: Sequence[Number], values: Sequence[float]) -> Outcome:
    """Return the outcome `all`, `some` or `none` of flags; `absent` if there are none."""
    if not flags:
        return Outcome("absent", (), low=math.nan, high=math.nan)
    name = "all" if all(flags) else "some" if any(flags) else "none"
    return Outcome(name, tuple(numbers), low=min(values), high=max(values))
