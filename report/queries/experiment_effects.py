"""Queries on the experiments: what each change to the classic network does."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.results.model_schema import Experiment
from pipeline.results.traced_float import TracedFloat
from report.queries.base import Queries
from report.statistics import inference
from report.statistics.inference import Outcome

PRINTED = {"snr": 0.1, "log_mel": 0.01}
"""Last decimal of each measure in the report."""


@dataclass(frozen=True)
class Effect:
    """A variant, and its mean differences from the one that it is compared with."""

    name: str
    snr: Outcome
    log_mel: Outcome


class ExperimentQueries(Queries):
    """Queries on the experiments, which are named as in results.experiments."""

    @property
    def base(self) -> Experiment:
        """The network that is varied."""
        return self.results.experiments[0]

    def named(self, name: str) -> Experiment:
        """Return an experiment by its name."""
        return next(each for each in self.results.experiments if each.name == name)

    @property
    def tested(self) -> bool:
        """True if differences can be tested: over two test clips or more."""
        return self.effect("relu", "snr").has_interval

    @property
    def gapped(self) -> Experiment:
        """The network whose decoder leaves gaps."""
        return self.named("9184")

    @property
    def mended_base(self) -> Experiment:
        """The base without a kernel shorter than its stride."""
        return self.named("18376_mended")

    @property
    def mended_gaps(self) -> Outcome:
        """Compare the SNR of the network with gaps to that of the same without."""
        return self.effect("9184_mended", "snr", "9184")

    @property
    def gains(self) -> Outcome:
        """Return whether mending gaps, more channels or more epochs raises SNR: `some` or `none`;
        `unknown` on a single clip or without experiments. `low` and `high` are the smallest and
        largest gain."""
        if not self.results.experiments:
            return Outcome("unknown", ())
        names = ("18376_mended", "9184_mended", "wide", f"epochs_{self.epoch_counts[-1]}")
        found = {name: self.effect(name, "snr", self.named(name).against) for name in names}
        raised = {name: each.value for name, each in found.items() if each.name == "higher"}
        numbers = tuple(number for each in found.values() for number in each.numbers)
        if not raised:
            known = {each.name for each in found.values()} - {"unknown"}
            return Outcome("none" if known else "unknown", numbers)
        low, high = min(raised.values()), max(raised.values())
        return Outcome("some", numbers, holds=tuple(raised), low=low, high=high, unit="dB")

    @property
    def contrary(self) -> Outcome:
        """Return the variants whose SNR and log-mel distance both rise (`fails`) or both fall
        (`holds`): `higher`, `lower`, `both` or `none`."""
        both: dict[str, list[str]] = {"lower": [], "higher": []}
        for each in self.results.experiments[1:]:
            if each.name != self.gapped.name:
                snr, log_mel = (
                    self.effects((each.name,), measure, each.against).name for measure in PRINTED
                )
                if snr == log_mel in both:
                    both[snr].append(each.name)
        holds, fails = map(tuple, both.values())
        numbers = (self.results.number("experiment.base.log_mel"),)
        name = ("both" if fails else "lower") if holds else "higher" if fails else "none"
        return Outcome(name, numbers, holds=holds, fails=fails)

    def overlap(self, measure: str) -> Outcome:
        """Compare kernels of two and four times their strides with kernels as long as these."""
        return self.effects(("kernel_2", "kernel_4"), measure, "kernel_1")

    @property
    def batches(self) -> Outcome:
        """Compare the SNR with other batches to that of the base."""
        return self.effects(("batch_5", "batch_80"), "snr")

    @property
    def most_epochs(self) -> Outcome:
        """Compare the SNR after the most epochs to that of the base."""
        return self.effect(f"epochs_{self.epoch_counts[-1]}", "snr")

    @property
    def epoch_counts(self) -> list[int]:
        """Epochs after which the base was measured, in order."""
        shown = [e for e in self.results.experiments if e.group in ("base", "epochs")]
        return sorted(len(each.epochs) for each in shown)

    def names(self, measure: str) -> list[str]:
        """Return the name of each experiment's number."""
        return [f"experiment.{each.name}.{measure}" for each in self.results.experiments]

    def value(self, experiment: Experiment, measure: str) -> TracedFloat:
        """Return a measure of an experiment."""
        return self.results.number(f"experiment.{experiment.name}.{measure}").v

    @property
    def cost_ratios(self) -> list[float]:
        """How many times as many operations as the base the two other shapes take."""
        return [self.named(name).operations / self.base.operations for name in ("expand", "wide")]

    @property
    def groups(self) -> dict[str, list[Effect]]:
        """The effect of each variant, by group, in the order of the results."""
        groups: dict[str, list[Effect]] = {}
        for each in self.results.experiments[1:]:
            effects = (self.effect(each.name, m, each.against) for m in ("snr", "log_mel"))
            groups.setdefault(each.group, []).append(Effect(each.name, *effects))
        return groups

    @property
    def variants(self) -> list[Effect]:
        """The effect of each variant, group by group."""
        return [effect for effects in self.groups.values() for effect in effects]

    def effect(self, name: str, measure: str, against: str = "base") -> Outcome:
        """Test whether a measure of a variant is above that of another; see `difference`."""
        return inference.difference(
            *(self.results.number(f"experiment.{each}.{measure}") for each in (name, against))
        )

    def effects(self, names: Sequence[str], measure: str, against: str = "base") -> Outcome:
        """Test each variant against the same other one; see `compare`. What prints as no
        difference is none."""
        numbers = [self.results.number(f"experiment.{name}.{measure}") for name in names]
        other = self.results.number(f"experiment.{against}.{measure}")
        return inference.compare(numbers, [other] * len(names), names, PRINTED[measure] / 2)

    def brightness(self) -> Outcome:
        """Test whether gaps explain that 9184 has a lower log-mel distance than 18376.

        Outcomes: `gaps` if it has, and mending the gaps raises it; `apart` if it has but mending
        does not raise it; `none` if it has not; `unknown` with a single clip. Value and interval
        are of mending.
        """
        lower, mended = (
            self.effect("9184", "log_mel"),
            self.effect("9184_mended", "log_mel", "9184"),
        )
        name = (
            "unknown"
            if "unknown" in (lower.name, mended.name)
            else "none"
            if lower.name != "lower"
            else "gaps"
            if mended.name == "higher"
            else "apart"
        )
        return Outcome(
            name, (*lower.numbers, *mended.numbers[:1]), value=mended.value, low=mended.low,
            high=mended.high,
        )  # fmt: skip
