"""Queries on bits: our coder beside other codecs, and latent vectors as bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.results.model_schema import Model
from pipeline.results.schema import Coding, Number
from pipeline.results.traced_float import TracedFloat
from report.queries.base import Queries
from report.queries.comparison import LOWER_IS_BETTER
from report.statistics import inference
from report.statistics.inference import Outcome

MEASURES = ("snr", "log_mel", "visqol")
OURS = "latente"


@dataclass(frozen=True)
class RateCurve:
    """The means of a codec at its rates: `rates` in kbit/s as measured, `values` by measure, None
    at a rate that was not scored."""

    label: str
    ours: bool
    rates: Sequence[float]
    values: Mapping[str, Sequence[Number | None]]


@dataclass(frozen=True)
class PackedVector:
    """A latent vector of a model, with its SNR in `exact`, packed into fewer `numbers`, with its
    SNR in `packed`."""

    model: Model
    exact: Number
    numbers: Number
    packed: Number


class RateQueries(Queries):
    """Queries on coded clips; every name needs `results.coding`."""

    @property
    def coding(self) -> Coding:
        """What was coded.

        Raises:
            ValueError: the results are of an earlier version, which coded nothing.
        """
        if self.results.coding is None:
            raise ValueError("these results hold no coded clips; run latentes build")
        return self.results.coding

    @property
    def others(self) -> list[str]:
        """The other codecs that reach some rate."""
        return [codec for codec, rates in self.coding.codecs.items() if codec != OURS and rates]

    @property
    def drawn(self) -> list[str]:
        """The codecs of the figure, ours first."""
        return [OURS, *self.others]

    @property
    def compared(self) -> list[str]:
        """Those of them that share a rate with ours."""
        return [codec for codec in self.others if self.shared_rates(codec, "snr")]

    @property
    def measures(self) -> list[str]:
        """The measures of the comparison; without visqol if nothing was scored."""
        return [m for m in MEASURES if m != "visqol" or self.coding.visqol_rates]

    @property
    def shown_rates(self) -> list[int]:
        """The rates in the table: those scored by ViSQOL, or all."""
        return self.coding.visqol_rates or self.coding.codecs[OURS]

    @property
    def has_intervals(self) -> bool:
        """True if the means have intervals, as those over several clips do."""
        number = self.results.number(f"coding.{OURS}.{self.shown_rates[0]}.snr")
        return number.interval is not None

    @property
    def tabulated(self) -> list[str]:
        """Ours and the other codecs that reach one of these rates."""
        return [
            codec
            for codec in self.drawn
            if any(rate in self.coding.codecs[codec] for rate in self.shown_rates)
        ]

    def names(self, measure: str, rate: int) -> list[str | None]:
        """Return the dotted name of each codec's number, in the order of the table."""
        names = [f"coding.{codec}.{rate}.{measure}" for codec in self.tabulated]
        return [name if name in self.results.numbers else None for name in names]

    def shared_rates(self, codec: str, measure: str) -> list[int]:
        """Return the rates at which ours and another codec were measured."""
        return [
            rate
            for rate in self.coding.codecs[codec]
            if all(
                f"coding.{each}.{rate}.{measure}" in self.results.numbers for each in (OURS, codec)
            )
        ]

    def against(self, codec: str, measure: str) -> Outcome:
        """Compare ours with another codec at each rate that both have; see `inference.compare`."""
        rates = self.shared_rates(codec, measure)
        ours, theirs = (
            [self.results.number(f"coding.{each}.{rate}.{measure}") for rate in rates]
            for each in (OURS, codec)
        )
        return inference.compare(ours, theirs, rates)

    def tally(self, codec: str, measure: str) -> list[int]:
        """Return at how many shared rates ours is better, alike and worse than another codec;
        empty if they share none, or if one clip decides nothing."""
        if not self.shared_rates(codec, measure):
            return []
        found = self.against(codec, measure)
        if found.name == "unknown":
            return []
        better, worse = len(found.holds), len(found.fails)
        if self.lower_is_better(measure):
            better, worse = worse, better
        return [better, len(self.shared_rates(codec, measure)) - better - worse, worse]

    @property
    def tallied(self) -> list[str]:
        """The measures in which some codec has a tally: the columns of the table of tallies."""
        return [m for m in self.measures if any(self.tally(codec, m) for codec in self.compared)]

    @property
    def tallies(self) -> Outcome:
        """Return `some` if some codec has a tally; `single` if none has because there is one test
        clip, else `none`."""
        single = self.coding.clips == 1 and self.compared
        return Outcome("some" if self.tallied else "single" if single else "none", ())

    def saving_name(self, codec: str, measure: str) -> str | None:
        """Return the dotted name of the change of rate at equal values of a measure, if known and
        if one codec is better at every rate of several."""
        name = f"coding.{codec}.bd_rate.{measure}"
        if name not in self.results.numbers or len(self.shared_rates(codec, measure)) < 2:
            return None
        return name if self.against(codec, measure).name in ("higher", "lower") else None

    def saving(self, codec: str, measure: str) -> Outcome:
        """Return whether our files are `smaller` or `larger` than a codec's at equal values of a
        measure, by the fraction `value`; `unknown` if `saving_name` finds none."""
        name = self.saving_name(codec, measure)
        if name is None:
            return Outcome("unknown", ())
        number = self.results.number(name)
        return Outcome(
            "smaller" if number.value < 0 else "larger", (number,), value=abs(number.value)
        )

    def first_saving(self, measure: str) -> Outcome:
        """Return `saving` against the first of the other codecs, whose name is in `holds`; `mixed`
        if neither is better at every rate; `unknown` without them, or if nothing was coded."""
        if self.results.coding is None or not self.others:
            return Outcome("unknown", ())
        codec = self.others[0]
        found = replace(self.saving(codec, measure), holds=(codec,))
        several = len(self.shared_rates(codec, measure)) > 1
        if several and self.against(codec, measure).name in ("mixed", "unclear"):
            return replace(found, name="mixed")
        return found

    def packed(self, family: str) -> Outcome:
        """Compare a packed vector of a family with the smallest one that has at least as many
        numbers: of all pairs, the one in which packing gains most.

        Outcomes: `gamed` if the packed vector's SNR is higher, else `even`. `holds` has the count
        of packed numbers, the size that was packed and the other size.
        """
        members = self.results.families[family]
        found = []
        for model in members:
            packed = self.results.number(f"coding.packed.{model.version}.numbers")
            rival = min((m for m in members if m.size >= packed.value), key=lambda m: m.size)
            snr = self.results.number(f"coding.{model.version}.snr")
            other = self.results.number(f"coding.{rival.version}.exact_snr")
            name = "gamed" if inference.difference(snr, other).name == "higher" else "even"
            sizes = (packed.value, model.size, rival.size)
            found.append(Outcome(name, (packed, snr, other), holds=sizes))
        return max(found, key=_gain)

    @property
    def packed_vectors(self) -> list[PackedVector]:
        """The packed vector of `packed` of each family."""
        found = []
        for family, members in self.results.families.items():
            best = self.packed(family)
            model = next(model for model in members if model.size == best.holds[1])
            exact = self.results.number(f"coding.{model.version}.exact_snr")
            found.append(PackedVector(model, exact, *best.numbers[:2]))
        return found

    @property
    def vector_clips(self) -> int:
        """How many test clips the rates of latent vectors are means over."""
        return self.results.number(f"coding.{self.results.models[0].version}.kbps").clips or 1

    def uncoded(self, size: int, bits: int = 32) -> int:
        """Return the kbit/s of so many numbers per clip."""
        return round(size * bits / self.results.data.seconds / 1000)

    def vector_names(self, size: int) -> list[str | None]:
        """Return, family by family, the names of a latent size's rate and SNR; None for a family
        without the size."""
        found: list[str | None] = []
        for family, members in self.results.families.items():
            has = any(model.size == size for model in members)
            found += [f"coding.{family}.{size}.{what}" if has else None for what in ("kbps", "snr")]
        return found

    @property
    def overhead_rate(self) -> int:
        """The lowest rate in the table at which the file sizes of most codecs are known."""
        return max(self.shown_rates, key=lambda rate: (len(self.coding.others(rate)), -rate))

    @property
    def overheads(self) -> dict[str, TracedFloat]:
        """What the container takes of a file of `overhead_rate`, in kbit/s, by codec; ours
        first."""
        rate = self.overhead_rate
        found = {}
        for codec in (OURS, *self.coding.others(rate)):
            file, payload = (
                self.results.number(f"coding.{codec}.{rate}.{what}") for what in ("kbps", "payload")
            )
            found[codec] = TracedFloat(file.value - payload.value, (file.name, payload.name))
        return found

    def curves(self, labels: dict[str, str]) -> list[RateCurve]:
        """Return the curves of the figure, ours first; `labels` by codec."""
        numbers = self.results.numbers
        curves = []
        for codec in self.drawn:
            rates = self.coding.codecs[codec]
            values = {
                measure: [
                    self.results.number(name)
                    if (name := f"coding.{codec}.{rate}.{measure}") in numbers
                    else None
                    for rate in rates
                ]
                for measure in self.measures
            }
            means = [float(numbers[f"coding.{codec}.{rate}.kbps"].value) for rate in rates]
            curves.append(RateCurve(labels[codec], codec == OURS, means, values))
        return curves

    def lower_is_better(self, measure: str) -> bool:
        """Return whether a measure is a distance."""
        return measure in LOWER_IS_BETTER


def _gain(packed: Outcome) -> float:
    return packed.numbers[1].value - packed.numbers[2].value
