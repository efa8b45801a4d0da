"""Queries on what listeners answered to the blind tests."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.results.listening_schema import AbxFamily, AbxSize, Curve, Listening, Preference
from pipeline.results.listening_stimuli import ANCHORS
from pipeline.results.schema import FamilyChoice, Number
from report.language import spanish
from report.language.words import Words
from report.queries.base import Queries
from report.statistics.inference import Outcome, which

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class AbxPoints:
    """What the figure shows of a family: shares of correct answers with a fixed size, those of
    staircases with the number of trials, and the curve fitted to both."""

    label: str
    fixed: Sequence[tuple[int, Number]]
    adaptive: Sequence[tuple[int, float, int]]
    curve: Curve | None


@dataclass(frozen=True)
class RatedVersion:
    """The mean score of a version."""

    label: str
    score: Number


class ListeningQueries(Queries):
    """Queries on listeners; most names need `results.listening`."""

    @property
    def heard(self) -> Listening:
        """What listeners answered.

        Raises:
            ValueError: the study has no answers.
        """
        if self.results.listening is None:
            raise ValueError(
                "this study has no answers of listeners; see [listening] in study.toml"
            )
        return self.results.listening

    def judged(self, found: AbxFamily) -> list[AbxSize]:
        """Return the sizes of a family with enough ABX trials."""
        return [each for each in found.sizes if each.trials >= self.heard.min_trials]

    def told_apart(self, found: AbxFamily) -> Outcome:
        """Return which sizes listeners tell from the original; `few` if none has enough trials."""
        sizes = self.judged(found)
        prefix = f"listening.abx.{found.family}"
        numbers = [self.results.number(f"{prefix}.{each.size}.proportion") for each in sizes]
        flags = [
            self.results.number(f"{prefix}.{each.size}.p").value < SIGNIFICANT for each in sizes
        ]
        if not sizes:
            return Outcome("few", ())
        return which(numbers, [each.size for each in sizes], flags)

    @property
    def least_power(self) -> AbxSize | None:
        """The size with the fewest trials of those that listeners did not tell apart, if any."""
        undetected = [
            each
            for found in self.heard.abx
            for each in self.judged(found)
            if each.size in self.told_apart(found).fails
        ]
        return min(undetected, key=lambda each: each.trials, default=None)

    def threshold(self, family: str) -> Outcome:
        """Return the size with three correct answers of four, with its interval if there is one:
        `known` or `unknown`."""
        number = self.results.numbers.get(f"listening.abx.{family}.threshold")
        if number is None:
            return Outcome("unknown", ())
        low, high = number.interval or (math.nan, math.nan)
        return Outcome("known", (number,), value=number.value, low=low, high=high)

    @property
    def raters(self) -> int:
        """The listeners whose MUSHRA scores count."""
        return max((rating.listeners for rating in self.heard.ratings), default=0)

    @property
    def panel(self) -> Outcome:
        """Whether the MUSHRA scores of `all`, `some` or `none` of the listeners count."""
        screened = self.heard.screened
        return Outcome("none" if not self.heard.ratings else "some" if screened else "all", ())

    def good(self, family: str) -> Outcome:
        """Return which sizes of a family reach a good score on average; `few` if too few listeners
        rated them."""
        sizes = [
            model.size for model in self.results.families[family] if self.heard.rated(model.version)
        ]
        numbers = [self.results.number(f"listening.mushra.{family}.{size}.score") for size in sizes]
        if not sizes:
            return Outcome("few", ())
        return which(numbers, sizes, [number.value >= self.heard.good for number in numbers])

    def agreement(self, measure: str) -> Outcome | None:
        """Return whether scores rise with a measure: `agrees`, `opposes` or `unclear`; None without
        a correlation."""
        number = self.results.numbers.get(f"listening.agreement.{measure}")
        if number is None:
            return None
        low, high = number.interval or (-1.0, 1.0)
        outcome = "agrees" if low > 0 else "opposes" if high < 0 else "unclear"
        return Outcome(outcome, (number,), value=number.value, low=low, high=high)

    def preferred(self, each: Preference) -> Outcome:
        """Return which of two is preferred: `first`, `second`, `unclear`, or `unknown` if nobody
        decided."""
        name = f"listening.preference.{each.kind}.{each.a}.{each.b}.share"
        if name not in self.results.numbers:
            return Outcome("unknown", ())
        number = self.results.number(name)
        low, high = number.interval or (0.0, 1.0)
        outcome = "first" if low > 0.5 else "second" if high < 0.5 else "unclear"
        return Outcome(outcome, (number,), value=number.value, low=low, high=high)

    @property
    def decided(self) -> list[Preference]:
        """The pairs of which one is preferred, which comes first."""
        found = []
        for each in self.heard.preferences:
            name = self.preferred(each).name
            if name == "first":
                found.append(each)
            elif name == "second":
                swapped = {"a": each.b, "b": each.a, "won": each.lost, "lost": each.won}
                found.append(each.model_copy(update=swapped))
        return found

    @property
    def undecided(self) -> list[Preference]:
        """The pairs of which neither is preferred for sure."""
        pairs = self.heard.preferences
        return [each for each in pairs if self.preferred(each).name not in ("first", "second")]

    @property
    def fell_back(self) -> list[FamilyChoice]:
        """Families whose size listeners should have chosen, without enough answers for it."""
        wanted = self.results.study["choice"].get("by") == "ear"
        families = self.results.choice.families
        return [c for c in families if wanted and c.by != "ear" and not c.reason]

    def points(self, words: Words) -> list[AbxPoints]:
        """Return what the figure shows of each family's ABX trials."""
        return [
            AbxPoints(
                words.get(f"families.{found.family}", found.family),
                [
                    (each.size, self.results.number(f"{prefix}.{each.size}.proportion"))
                    for each in found.sizes
                    if each.trials
                ],
                [
                    (each.size, each.adaptive_correct / each.adaptive_trials, each.adaptive_trials)
                    for each in found.sizes
                    if each.adaptive_trials
                ],
                found.curve,
            )
            for found in self.heard.abx
            for prefix in [f"listening.abx.{found.family}"]
        ]

    def rated(self, words: Words) -> list[RatedVersion]:
        """Return the mean scores that the figure shows, highest first."""
        found = [
            RatedVersion(
                version_label(rating.version, words),
                self.results.number(f"listening.mushra.{rating.version}.score"),
            )
            for rating in self.heard.ratings
        ]
        return sorted(found, key=lambda each: -each.score.value)


def version_label(version: str, words: Words) -> str:
    """Return the Spanish name of a version in the MUSHRA test."""
    if version in ANCHORS:
        kilohertz = spanish.plain(ANCHORS[version] / 1000)
        return words.fill("listening.anchor", kilohertz=kilohertz)
    if version == "original":
        return words("listening.original")
    *kind, name, size = version.split(".")
    if kind:
        return words.fill("listening.coded", codec=words(f"codecs.{name}"), rate=size)
    family = words.get(f"families.{name}", name)
    return words.fill("listening.sized", family=family, size=spanish.integer(int(size)))
