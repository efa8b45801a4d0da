"""Queries on the hypotheses: which of their predictions the results bear out."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from report.queries.base import Queries
from report.queries.comparison import LOWER_IS_BETTER, ComparisonQueries
from report.queries.generation import GenerationQueries
from report.queries.genre_probes import ProbeQueries
from report.queries.rates import RateQueries
from report.queries.results import Results
from report.statistics import bootstrap, inference
from report.statistics.inference import Outcome

SILENT = 0.05
"""Absolute SNR, in dB, below which a model counts as no better and no worse than silence."""


class VerdictQueries(Queries):
    """Verdicts: `holds` if every prediction is borne out, `fails` if none is, else `partly`;
    `untested` if there is none to test. A prediction is one of a family, or of a size of it."""

    def __init__(self, results: Results) -> None:
        super().__init__(results)
        self._comparison = ComparisonQueries(results)
        self._probes = ProbeQueries(results)
        self._generation = GenerationQueries(results)
        self._rates = RateQueries(results)

    def trend(self, pattern: str) -> Outcome:
        """Return whether a number of every family `rises` or `falls` with the size; `mixed` if
        they do not all, `few` if none can be said to. `pattern` has `{}` for FAMILY.SIZE."""
        names, numbers = set(), []
        for members in self.results.families.values():
            found = [self.results.number(pattern.format(model.version)) for model in members]
            names.add(inference.trend(found, [model.size for model in members]).name)
            numbers += found
        name = names.pop() if len(names) == 1 else "mixed"
        return Outcome("mixed" if name == "unclear" else name, tuple(numbers))

    def size_cost(self, family: str) -> Outcome:
        """Compare the SNR of a family's largest size with that of its smallest one, as
        `inference.difference`; `single` if it has one size."""
        numbers = self._snr(family)
        if len(numbers) == 1:
            return Outcome("single", tuple(numbers))
        return inference.difference(numbers[0], numbers[-1])

    def above_silence(self, family: str) -> Outcome:
        """Return the sizes whose SNR is above the 0 dB of silence, as `inference.above`; `few` on a
        single clip. If all others are surely `below`, or `silent`, less than `SILENT` away, that
        is the outcome; `low` and `high` are the ends of the others' SNR."""
        numbers, sizes = self._snr(family), self._sizes(family)
        found = inference.above(numbers, sizes, 0)
        if numbers[0].clips == 1 or not found.fails:
            return replace(found, name="few") if numbers[0].clips == 1 else found
        others = [n for n, size in zip(numbers, sizes, strict=True) if size in found.fails]
        values = [number.value for number in others]
        ends = [n.value if n.interval is None else n.interval[1] for n in others]
        name = "below" if max(ends) < 0 and max(values) <= -SILENT else found.name
        name = "silent" if max(map(abs, values)) < SILENT else name
        return replace(
            found, name=name, numbers=tuple(others), low=min(values), high=max(values), unit="dB"
        )

    def constant_size(self, family: str) -> Outcome:
        """Return whether a family's smallest size gives every clip the same vector: `constant`, or
        `varied`. `value` is the size."""
        model = self.results.families[family][-1]
        number = self.results.numbers.get(f"pca.{model.version}.explained.1")
        if number is None or number.value > 0:
            return Outcome("varied", (), value=model.size)
        return Outcome("constant", (number,), value=model.size)

    def fidelity_trend(self, family: str, measure: str) -> Outcome:
        """Test whether a measure of a family follows the size, as `inference.trend`; `alone` if it
        has one size, `contrary` for a distance that rises while the SNR does."""
        numbers = [self._mean(model, measure) for model in self.results.families[family]]
        found = inference.trend(numbers, self._sizes(family))
        if measure in LOWER_IS_BETTER and found.name == "rises":
            snr = self.fidelity_trend(family, "snr").name
            return replace(found, name="contrary") if snr == "rises" else found
        return replace(found, name="alone") if len(numbers) == 1 else found

    def first_step(self, family: str) -> Outcome:
        """Return whether the step from the largest size to the next costs most SNR: `largest`, or
        `unscored` if there is no ViSQOL; `smaller`, or `few` without two steps. `value` is what
        it costs, in dB."""
        numbers = self._snr(family)
        steps = [one.value - other.value for one, other in pairwise(numbers)]
        if len(steps) < 2 or numbers[0].clips == 1:
            return Outcome("few", tuple(numbers))
        largest = "largest" if "visqol" in self._comparison.measures else "unscored"
        name = largest if steps[0] == max(steps) else "smaller"
        return Outcome(name, tuple(numbers[:2]), value=steps[0], unit="dB")

    @property
    def size(self) -> Outcome:
        """Shorter is worse, but not most at first, and there is an acceptable size."""
        flags = []
        for choice in self.results.choice.families:
            numbers = self._snr(choice.family)
            if numbers[0].clips != 1:
                sizes = [model.size for model in self.results.families[choice.family]]
                first = self.first_step(choice.family).name
                flags += [inference.trend(numbers, sizes).name == "rises"] if sizes[1:] else []
                flags += [first == "smaller"] if first != "few" else []
                size = choice.by_rule if choice.reason else choice.size
                flags.append(size is not None)
        return _verdict(flags)

    @property
    def comparison(self) -> Outcome:
        """Each network is above every method of its size in SNR, and below in distance."""
        if self._comparison.single_clip:
            return _verdict([])
        return _verdict([
            flag
            for members in self.results.families.values()
            for measure in ("snr", "log_mel")
            for flag in self._comparison.beats_all_baselines(members, measure)
        ])  # fmt: skip

    def wins(self, members: Sequence[Model], measure: str) -> Outcome:
        """Return over which methods models win: `all` at every size, `too` if also in SNR, `some`,
        `none`, or `lost` if they lose to all at every size; `unknown` on a single clip. `holds` has
        pairs of a method and the sizes at which they beat it; `fails`, of a method that they never
        beat and the sizes at which they lose to it."""
        found = {
            method: self._comparison.balance(method, members, measure)
            for method in self._comparison.methods
        }
        numbers = tuple(number for each in found.values() for number in each.numbers)
        names = {each.name for each in found.values()}
        holds = tuple((method, each.holds) for method, each in found.items() if each.holds)
        fails = tuple(
            (method, each.fails) for method, each in found.items() if each.fails and not each.holds
        )
        name = "some" if holds else "none"
        if len(names) == 1:
            name = {"higher": "all", "lower": "lost", "unknown": "unknown"}.get(names.pop(), name)
        if name == "all" and measure != "snr" and self.wins(members, "snr").name == "all":
            name = "too"
        return Outcome(name, numbers, holds=holds, fails=fails)

    def jump(self, method: str) -> Outcome:
        """Return the largest size at which a method's log-mel distance is over thrice that of the
        next larger one: `some`, with the size in `holds` and the distance, or `none`."""
        if method not in self._comparison.methods:
            return Outcome("none", ())
        found = [self.results.number(f"baseline.{method}.{n}.log_mel") for n in self.sizes]
        for size, (one, other) in zip(self.sizes[1:], pairwise(found), strict=True):
            if other.value > 3 * one.value:
                return Outcome("some", (other,), holds=(size,), value=other.value)
        return Outcome("none", ())

    def against_filter(self, members: Sequence[Model]) -> Outcome:
        """Return the balance of layered networks with the low-pass filter in SNR; `unknown` for
        others. If they are worse at every size, `holds` has the measures in which they win."""
        if not members[0].layers:
            return Outcome("unknown", ())
        found = self._comparison.balance("lowpass", members, "snr")
        won = tuple(self.measures_won("lowpass", members))
        return replace(found, holds=won) if found.name == "lower" else found

    def measures_won(self, method: str, members: Sequence[Model]) -> list[str]:
        """Return the measures in which models beat a method at every size."""
        return [
            measure
            for measure in self._comparison.measures
            if self._comparison.balance(method, members, measure).name == "higher"
        ]

    @property
    def adaptation(self) -> Outcome:
        """Choosing raises SNR and lowers log-mel distance, and at each size the design adds more
        than training."""
        flags = [
            self._comparison.contrast_overall(contrast, measure).name == better
            for contrast in self._comparison.contrasts
            for measure, better in (("snr", "higher"), ("log_mel", "lower"))
            if contrast.kind == "choice" and not self._comparison.single_clip
        ]
        for family in self._comparison.untrained_families if flags else []:
            for measure in self._comparison.measures:
                flags += [not flag for flag in self._trained_more(family, measure)]
        return _verdict(flags)

    def training_over_design(self, family: str, measure: str) -> Outcome:
        """Return the sizes at which training adds more to a measure than the design does."""
        members = self.results.families[family]
        flags = self._trained_more(family, measure)
        if not flags:
            return Outcome("absent", ())
        numbers = [self._mean(model, measure) for model in members]
        return inference.which(numbers, [model.size for model in members], flags)

    def untrained_choice(self, family: str) -> Outcome:
        """Compare the smallest acceptable size before training with that after it, by measures.

        Outcomes: `same`, `other`; `untrained` or `trained` if only then a size is acceptable,
        `neither`; `unknown` if nothing was measured before training or listeners decide. `holds`
        has both sizes, None for none.
        """
        choice = self.choice(family)
        if family not in self._comparison.untrained_families or choice.by == "ear":
            return Outcome("unknown", ())
        rule = self.results.choice
        fit: list[int] = []
        numbers: list[Number] = []
        for model in self.results.families[family]:
            found = {
                measure: self.results.number(f"untrained.{model.version}.{measure}")
                for measure in rule.measures
            }
            numbers += found.values()
            fit += [] if rule.unmet({k: n.value for k, n in found.items()}) else [model.size]
        before, after = fit[-1] if fit else None, choice.by_rule
        if before and after:
            name = "same" if before == after else "other"
        else:
            name = "untrained" if before else "trained" if after else "neither"
        return Outcome(name, tuple(numbers), holds=(before, after))

    @property
    def content(self) -> Outcome:
        """Of several genres, every averaged latent vector tells which better than chance."""
        if len(self.results.data.genres) == 1:
            return _verdict([])
        numbers = self._probes.numbers("lda", self.results.models)
        found = inference.above(numbers, self.results.models, self._probes.chance)
        return _verdict([True] * len(found.holds) + [False] * len(found.fails))

    @property
    def new_music(self) -> Outcome:
        """No new song is below the test clips, nor all below their median; means are mixes, and
        not noise; `incomplete` if there are songs but a single test clip."""
        flags, alone = [], False
        for family in self.results.families:
            model = self.featured_model(family)
            found = self.songs_against_clips(model)
            alone = found.name == "alone"
            known = found.name not in ("unknown", "alone")
            flags += [not found.fails, not self.below_median(family).holds] if known else []
            mixed = self._generation.mixing(model).name
            flags += [mixed == "all"] if mixed != "absent" else []
        noise = self._generation.apart("means", ["noise"], "kad").name
        flags += [noise == "lower"] if noise != "unknown" else []
        return Outcome("incomplete", ()) if alone and flags else _verdict(flags)

    @property
    def bits(self) -> Outcome:
        """By each measure, ours is better than the first of the other codecs at every rate of
        several."""
        if self.results.coding is None or not self._rates.others:
            return _verdict([])
        codec = self._rates.others[0]
        tallies = [self._rates.tally(codec, measure) for measure in self._rates.measures]
        return _verdict([tally[1:] == [0, 0] for tally in tallies if sum(tally) > 1])

    def songs_against_clips(self, model: Model) -> Outcome:
        """Compare the SNR of the new songs with the test clips', as `inference.against_clips`;
        `unknown` without new songs, `alone` if there is a single clip."""
        if not self.new_songs:
            return Outcome("unknown", ())
        songs = self.new_song_numbers(model, "snr")
        found = inference.against_clips(songs, self.new_songs, self._mean(model, "snr"), 1)
        return replace(found, name="alone") if found.name == "unknown" else found

    def below_median(self, family: str) -> Outcome:
        """Return the sizes at which every new song is below the median SNR of the test clips."""
        members = self.results.families[family]
        numbers = [self._mean(model, "snr") for model in members]
        flags = []
        for model, number in zip(members, numbers, strict=True):
            values = bootstrap.paired_values([number])
            median = -np.inf if values is None else np.median(values)
            songs = self.new_song_numbers(model, "snr")
            flags.append(bool(songs) and all(song.value < median for song in songs))
        return inference.which(numbers, [model.size for model in members], flags)

    def _sizes(self, family: str) -> list[int]:
        return [model.size for model in self.results.families[family]]

    def _snr(self, family: str) -> list[Number]:
        return [self._mean(model, "snr") for model in self.results.families[family]]

    def _trained_more(self, family: str, measure: str) -> list[bool]:
        """Per size, whether training improves a measure by more than the design does."""
        found = {
            contrast.kind: contrast
            for contrast in self._comparison.contrasts
            if contrast.family == family and contrast.kind in ("design", "learned")
        }
        if len(found) < 2:
            return []
        sign = -1 if measure in LOWER_IS_BETTER else 1
        return [
            sign * self._change(found["learned"].first, found["learned"].second, size, measure)
            > sign * self._change(found["design"].first, found["design"].second, size, measure)
            for size in found["design"].sizes
        ]

    def _change(self, first: str, second: str, size: int, measure: str) -> float:
        one, other = (f"{prefix}.{size}.{measure}" for prefix in (first, second))
        return float(self.results.number(one).value - self.results.number(other).value)


def _verdict(flags: Sequence[bool]) -> Outcome:
    """Say whether all, some or none of the predictions are borne out."""
    if not flags:
        return Outcome("untested", ())
    return Outcome("holds" if all(flags) else "partly" if any(flags) else "fails", ())
