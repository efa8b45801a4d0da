"""Queries on the frequency responses of the convolutional networks."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.results.model_schema import Model
from report.queries.base import Queries
from report.queries.experiment_effects import ExperimentQueries
from report.statistics import inference
from report.statistics.inference import Outcome

BEYOND = 1.25
"""Ratio of a cut-off to its limit past which it is above it; filters are not steeper than that."""

DISTORTED = 0.1
"""Share of the output to a tone at other frequencies past which a model is not a filter."""


@dataclass(frozen=True)
class ResponseCurve:
    """Arrays of a `Response`, with the size of its model and its limit and tone in Hz."""

    size: int
    limit: float
    tone: float
    frequencies: NDArray[np.float64]
    transfer: NDArray[np.float64]
    coherence: NDArray[np.float64]
    tone_bands: NDArray[np.float64]


class PassbandQueries(Queries):
    """Queries on what frequencies a family lets through."""

    @property
    def families(self) -> dict[str, list[Model]]:
        """The models that have a frequency response, by family."""
        found = {family: self.measured(family) for family in self.results.families}
        return {family: models for family, models in found.items() if models}

    def measured(self, family: str) -> list[Model]:
        """Return the models of a family that have a frequency response."""
        known = {response.model for response in self.results.responses}
        return [model for model in self.results.families[family] if model.version in known]

    def clips(self, family: str) -> int | None:
        """Return on how many clips the cut-offs of a family were found; None if none was."""
        cutoffs = [self._name(model, "cutoff") for model in self.measured(family)]
        known = [name for name in cutoffs if name in self.results.numbers]
        return self.results.number(known[0]).clips if known else None

    def limit(self, model: Model) -> float:
        """Return the bandwidth in Hz of a low-pass filter that keeps as many numbers."""
        return self.results.data.sampling_rate / 2 * model.size / self.results.data.samples

    def passband(self, family: str) -> Outcome:
        """Test whether the cut-offs of a family stay within their limits.

        Outcomes: `within`; `ordered` if they also fall with the size, intervals apart; `beyond` if
        some cut-off is past its limit by more than `BEYOND`; `one` and `one_beyond` if a single
        model passes something; `none` if no model does; `distorted` as in that test.
        `holds` has the sizes that pass something, `fails` the others, `undecided` those beyond;
        `low` and `high` are the smallest and largest ratio of a cut-off to its limit.
        """
        distorted = self._distorted(family)
        if distorted.holds:
            return distorted
        models = self.measured(family)
        passing = [model for model in models if self._name(model, "cutoff") in self.results.numbers]
        fails = tuple(model.size for model in models if model not in passing)
        if not passing:
            return Outcome("none", (), fails=fails)
        cutoffs = [self.results.number(self._name(model, "cutoff")) for model in passing]
        ratios = [c.value / self.limit(m) for c, m in zip(cutoffs, passing, strict=True)]
        beyond = tuple(
            model.size for model, ratio in zip(passing, ratios, strict=True) if ratio > BEYOND
        )
        ends = [cutoff.interval or (np.nan, np.nan) for cutoff in cutoffs]
        apart = [larger[0] > smaller[1] for larger, smaller in pairwise(ends)]
        name = "beyond" if beyond else "ordered" if all(apart) else "within"
        if len(passing) == 1:
            name = "one_beyond" if beyond else "one"
        return Outcome(
            name, tuple(cutoffs), holds=tuple(model.size for model in passing), fails=fails,
            undecided=beyond, low=min(ratios), high=max(ratios),
        )  # fmt: skip

    def _distorted(self, family: str) -> Outcome:
        """Test which models without gaps answer to a tone with other frequencies, by more than
        `DISTORTED` of the output: a transfer does not describe these.

        Always `distorted`. `holds` has their sizes, `fails` the others; `low` and `high` are the
        smallest and largest of those shares.
        """
        models = self.measured(family)
        numbers = [self.results.numbers.get(self._name(model, "alias")) for model in models]
        found = {
            model.size: number
            for model, number in zip(models, numbers, strict=True)
            if number is not None and number.value > DISTORTED and not model.unreached
        }
        shares = [number.value for number in found.values()]
        return Outcome(
            "distorted", tuple(found.values()), holds=tuple(found),
            fails=tuple(model.size for model in models if model.size not in found),
            low=min(shares, default=np.nan), high=max(shares, default=np.nan),
        )  # fmt: skip

    def blocked(self, family: str) -> Outcome:
        """Return whether no frequency passes a model of a family, though some pass another:
        `some`, with the sizes in `holds`, or `none`."""
        found = self.passband(family)
        sizes = found.fails if found.holds and found.name != "distorted" else ()
        return Outcome("some" if sizes else "none", found.numbers, holds=sizes)

    def unreached(self, family: str) -> list[float]:
        """Return the fractions of the output that the models of `holes` do not reach."""
        sizes = self.holes(family).holds
        return [model.unreached for model in self.measured(family) if model.size in sizes]

    def holes(self, family: str) -> Outcome:
        """Test whether gaps in the output of a family's decoders alias a tone.

        Outcomes: `alias` if every model with gaps puts at least half as large a share of its
        output at images of the tone as gaps that are empty would, and every other model less than
        half as much as these; `unclear` if not; `none` if no model with gaps answers to a tone.
        `holds` has the sizes with gaps, `fails` the others; `low` and `high` are the shares of
        the former, `value` is the largest of the latter.
        """
        models = [
            model
            for model in self.measured(family)
            if self._name(model, "alias") in self.results.numbers
        ]
        gaps = [model for model in models if model.unreached > 0]
        others = [model for model in models if model not in gaps]
        if not gaps:
            return Outcome("none", ())
        numbers = [self.results.number(self._name(model, "alias")) for model in gaps + others]
        shares = [number.value for number in numbers]
        found, rest = shares[: len(gaps)], shares[len(gaps) :]
        caused = (
            all(share >= model.unreached / 2 for share, model in zip(found, gaps, strict=True))
            and max(rest, default=0) < min(found) / 2
        )
        return Outcome(
            "alias" if caused else "unclear", tuple(numbers),
            holds=tuple(model.size for model in gaps),
            fails=tuple(model.size for model in others),
            value=max(rest, default=np.nan), low=min(found), high=max(found),
        )  # fmt: skip

    def curves(self, family: str) -> list[ResponseCurve]:
        """Return the responses of a family, largest size first."""
        arrays = {each.model: each.array for each in self.results.responses}
        found = []
        for model in self.measured(family):
            with np.load(self.results.folder / arrays[model.version]) as stored:
                found.append(
                    ResponseCurve(
                        model.size,
                        self.limit(model),
                        self.results.number(self._name(model, "tone")).value,
                        *(stored[name] for name in
                          ("frequencies", "transfer", "coherence", "tone_bands")),
                    )
                )  # fmt: skip
        return found

    def tone_pair(self, family: str) -> list[int]:
        """Return the sizes whose output to a tone is shown.

        The largest with gaps, or else the smallest, after the next larger one without gaps.
        """
        models = self.measured(family)
        shown = next((model for model in models if model.unreached > 0), models[-1])
        larger = [m for m in models if m.size > shown.size and not m.unreached]
        return [model.size for model in [*larger[-1:], shown]]

    def brightness(self, family: str) -> Outcome:
        """Test whether aliasing lowers the log-mel distance, with the two sizes of `tone_pair`.

        Outcomes: `lower`, or `gaps` or `apart` if experiments told why, as in
        `ExperimentQueries.brightness`; `unexplained` if they did not; `none` if it is not lower,
        or without aliasing or such a pair. `holds` has the two sizes.
        """
        sizes = self.tone_pair(family)
        if self.holes(family).name != "alias" or len(sizes) < 2:
            return Outcome("none", ())
        found = inference.difference(
            *(self.results.number(f"reconstruction.{family}.{n}.log_mel") for n in sizes[::-1])
        )
        name = "lower" if found.name == "lower" else "none"
        if name == "lower" and self.results.experiments:
            why = ExperimentQueries(self.results).brightness().name
            name = why if why in ("gaps", "apart") else "unexplained"
        return replace(found, name=name, holds=tuple(sizes))

    @staticmethod
    def _name(model: Model, what: str) -> str:
        return f"response.{model.version}.{what}"
