"""Queries on models and songs, shared by chapters and figures."""

import math
from collections.abc import Sequence
from dataclasses import replace

import soundfile

from pipeline.results.model_schema import Model, Part, Trial, Tuning
from pipeline.results.schema import FamilyChoice, Number, Song
from pipeline.results.traced_float import TracedFloat
from report.queries.results import Results
from report.statistics.inference import Outcome, difference, which


class Queries:
    """Queries on models and songs."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def featured_model(self, family: str) -> Model:
        """Return the model that single-model figures show: of the study's `size`, or the middle."""
        members = self.results.families[family]
        chosen = [model for model in members if model.size == self.results.study["size"]]
        return (chosen or [members[len(members) // 2]])[0]

    def shown_models(self, family: str) -> list[Model]:
        """Return a family's models of the largest, the featured and the smallest size."""
        members = self.results.families[family]
        shown = (members[0], self.featured_model(family), members[-1])
        return [model for model in members if model in shown]

    @property
    def trained_from_scratch(self) -> dict[str, list[Model]]:
        """The families whose losses are drawn: those of layers, or all if none is; the others
        begin near their best loss."""
        families = self.results.families
        return {f: m for f, m in families.items() if m[0].layers} or families

    def featured_size(self, family: str) -> int:
        """Return the size of a family's featured model."""
        return self.featured_model(family).size

    @property
    def featured_models(self) -> list[Model]:
        """The featured model of each family."""
        return [self.featured_model(family) for family in self.results.families]

    def models_of_size(self, size: int) -> list[Model | None]:
        """Return, family by family, the model of a size; None for a family without it."""
        return [
            next((model for model in members if model.size == size), None)
            for members in self.results.families.values()
        ]

    @property
    def sizes(self) -> list[int]:
        """Every latent size of the study, largest first."""
        return sorted({model.size for model in self.results.models}, reverse=True)

    @property
    def best_model(self) -> Model:
        """The model of the smallest acceptable size; if no size is, the featured one of best SNR.

        Of two families with the same size, it is of the one with the higher SNR.
        """
        chosen = {choice.family: choice.size for choice in self.results.choice.families}
        models = [model for model in self.results.models if model.size == chosen[model.family]]
        models = models or [self.featured_model(family) for family in self.results.families]
        return min(models, key=lambda model: (
            chosen[model.family] or 0, -self._mean(model, "snr").value
        ))  # fmt: skip

    def choice(self, family: str) -> FamilyChoice:
        """Return the smallest acceptable size of a family, and who chose it."""
        return next(each for each in self.results.choice.families if each.family == family)

    @property
    def rival_model(self) -> Model | None:
        """The model of another family whose size is nearest to the best's; None if alone."""
        best = self.best_model
        others = [model for model in self.results.models if model.family != best.family]
        return min(others, key=lambda model: abs(model.size - best.size), default=None)

    @property
    def best_against_rival(self) -> Outcome:
        """The difference in SNR between the best model and its rival; `unknown` if alone."""
        if self.rival_model is None:
            return Outcome("unknown", ())
        return difference(self._mean(self.best_model, "snr"), self._mean(self.rival_model, "snr"))

    @property
    def learning_rate(self) -> float:
        """The learning rate that the models were trained with."""
        stated: float = self.results.study["training"]["learning_rate"]
        used = self.results.tuning is not None and self.results.tuning.used
        return float(self.results.number("tuning.best").value) if used else stated

    @property
    def trials(self) -> list[Trial]:
        """The trials of the learning-rate search; none without a search."""
        return [] if self.results.tuning is None else self.results.tuning.trials

    def best_at_last_epoch(self, members: Sequence[Model]) -> Outcome:
        """Test which models of a family reached their lowest loss in the last epoch."""
        numbers = [self.results.number(f"training.{model.version}.best_epoch") for model in members]
        sizes = [model.size for model in members]
        last = len(members[0].epochs)
        return which(numbers, sizes, [number.value >= last for number in numbers])

    def rate_search(self, search: Tuning) -> Outcome:
        """Compare the best trial of a search with the one nearest to the rate in use.

        Outcomes: `used` if the best rate is in use; else `same` trial; `tied`, if their losses
        differ by less than one percent; `apart`. `holds` has the nearest trial and the best one.
        """
        number = self.results.number("tuning.best")
        nearest, best = map(search.nearest, (self.learning_rate, number.value))
        losses = (nearest.best or math.inf, best.best or math.inf)
        name = "tied" if losses[0] <= 1.01 * losses[1] else "apart"
        name = "used" if search.used else "same" if nearest is best else name
        return Outcome(name, (number,), holds=(nearest, best))

    def window_ends(self, family: str) -> list[int]:
        """Return the shortest and the longest window of a family's networks; one if all are as
        long."""
        windows = [model.window for model in self.results.families[family]]
        return sorted({min(windows), max(windows)})

    @property
    def layered_models(self) -> list[Model]:
        """The models that are chains of layers."""
        return [model for model in self.results.models if model.layers]

    @property
    def layered_family(self) -> str | None:
        """The first family of layers; None without any."""
        return next((model.family for model in self.layered_models), None)

    @property
    def adaptive_family(self) -> str | None:
        """The family without layers, whose latent vectors have parts instead; None without it."""
        return next((model.family for model in self.results.models if not model.layers), None)

    @property
    def described_families(self) -> list[tuple[str, list[Model], Model]]:
        """The families that the report describes: the first of layers, and the adaptive one.

        Each with its models and, as an example, that of the middle size.
        """
        told = (self.layered_family, self.adaptive_family)
        return [
            (family, members, middle_model(members))
            for family, members in self.results.families.items()
            if family in told
        ]

    def inner_blocks(self, model: Model) -> Outcome:
        """Test whether a layer inside the encoder puts out more numbers than the encoder takes in.

        Outcomes: `wider`, `narrower`; `none` if the encoder has no layer between its ends.
        """
        wider = "wider" if model.overcomplete else "narrower"
        return Outcome(wider if len(model.encoder) > 1 else "none", ())

    def segments(self, model: Model) -> int:
        """Return into how many stretches of time an adaptive model divides a clip."""
        return next(part.numbers for part in model.parts if part.name == "splits")

    def largest_part(self, model: Model) -> Part:
        """Return the part that takes most numbers of a latent vector."""
        return max(model.parts, key=lambda part: part.numbers)

    def largest_parts(self, members: Sequence[Model]) -> Outcome:
        """Test for which sizes the largest part is that of the first model: `all` or `some`."""
        largest = [self.largest_part(model).name for model in members]
        sizes = [model.size for model in members]
        return which([], sizes, [name == largest[0] for name in largest])

    def unmet_bounds(self, members: Sequence[Model]) -> list[list[str]]:
        """Return, per model, the measures whose means are not acceptable."""
        rule = self.results.choice
        return [
            rule.unmet({measure: self._mean(model, measure).value for measure in rule.measures})
            for model in members
        ]

    @property
    def choices(self) -> list[tuple[FamilyChoice, list[Model]]]:
        """The choice of each family's smallest acceptable size, and the family's models."""
        families = self.results.families
        return [(choice, families[choice.family]) for choice in self.results.choice.families]

    def size_choice(self, choice: FamilyChoice) -> Outcome:
        """Return how the smallest acceptable size of a family was chosen.

        Outcomes: `overruled` by the user, `none` acceptable, or `rule`; `heard` and `unheard` if
        listeners chose it, or none.
        """
        members = self.results.families[choice.family]
        measures = self.results.choice.measures
        numbers = tuple(self._mean(model, measure) for model in members for measure in measures)
        overruled = choice.reason is not None
        name = "overruled" if overruled else "none" if choice.size is None else "rule"
        if choice.by == "ear":
            name = "unheard" if choice.size is None else "heard"
        return Outcome(name, numbers)

    def bounded_choice(self, choice: FamilyChoice) -> Outcome:
        """Return `size_choice`, with `rule` told apart by the next smaller size of the family.

        Outcomes: `only` if the family has no other size, `least` if it has no smaller one, and
        `rejected`: `holds` has the next smaller model, `fails` the measures it does not meet.
        """
        found = self.size_choice(choice)
        if found.name != "rule":
            return found
        members = self.results.families[choice.family]
        smaller = [model for model in members if model.size < (choice.size or 0)]
        if not smaller:
            return replace(found, name="least" if len(members) > 1 else "only")
        (unmet,) = self.unmet_bounds(smaller[:1])
        return replace(found, name="rejected", holds=(smaller[0],), fails=tuple(unmet))

    def larger_rejected(self, choice: FamilyChoice) -> Outcome:
        """Return whether the rule rejects sizes larger than the one it chose: `some`, with the
        sizes in `holds`, or `none`."""
        found = self.size_choice(choice)
        members = self.results.families[choice.family] if found.name == "rule" else []
        rejected = tuple(
            model.size
            for model, unmet in zip(members, self.unmet_bounds(members), strict=True)
            if model.size > (choice.size or 0) and unmet
        )
        return Outcome("some" if rejected else "none", found.numbers, holds=rejected)

    def _mean(self, model: Model, measure: str) -> Number:
        return self.results.number(f"reconstruction.{model.version}.{measure}")

    @property
    def new_songs(self) -> list[Song]:
        """The songs from outside the data."""
        return [song for song in self.results.songs if song.role == "new"]

    def error_percentages(self, song: Song, members: Sequence[Model]) -> list[TracedFloat]:
        """Return, per model, the energy of the error that is heard in percent of the song's.

        A failed model's output is clipped by the 16 bits of its sound, but not where it is
        measured.
        """
        found = []
        for model in members:
            name = f"song.{song.name}.{model.version}.snr"
            share = 10 ** (-self.results.number(name).value / 10)
            if share > 1:
                share = self._heard_error(song, model.version)
            found.append(TracedFloat(100 * share, (name,)))
        return found

    def _heard_error(self, song: Song, version: str) -> float:
        original, heard = (
            soundfile.read(self.results.folder / song.audio(each))[0]
            for each in ("original", version)
        )
        return float(((original - heard) ** 2).sum() / (original**2).sum())

    def changed_percentages(
        self, song: Song, members: Sequence[Model], change: str
    ) -> list[TracedFloat]:
        """Return, per model, the percentage of a song's spectrogram that is `lost` or `gained`."""
        names = (f"song.{song.name}.{model.version}.{change}" for model in members)
        return [100 * self.results.number(name).v for name in names]

    def new_song_numbers(self, model: Model, measure: str) -> list[Number]:
        """Return, per new song, a measure of the model's version of it."""
        return [
            self.results.number(f"song.{song.name}.{model.version}.{measure}")
            for song in self.new_songs
        ]


def middle_model(models: Sequence[Model]) -> Model:
    """Return the model of the middle size, the one whose network is drawn."""
    return models[len(models) // 2]


def lowest(numbers: Sequence[Number]) -> TracedFloat:
    """Return the lowest value."""
    return min((number.v for number in numbers), key=float)


def highest(numbers: Sequence[Number]) -> TracedFloat:
    """Return the highest value."""
    return max((number.v for number in numbers), key=float)
