"""Queries on contrasts: codes of as many numbers that differ in one respect."""

from dataclasses import dataclass
from functools import cached_property

from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from report.queries.base import Queries
from report.statistics import inference

BASELINE_STEPS = (
    ("basis", "klt", "lowpass"),
    ("choice", "mdct", "klt"),
    ("moment", "codec", "mdct"),
)
"""Contrasts between baselines: what the second-named adds, its method, the method before it."""


@dataclass(frozen=True)
class Contrast:
    """Two codes with the same count of numbers that differ in one respect, `kind`.

    `first` and `second` are prefixes of their numbers' names, `sizes` the sizes that both have,
    and `family` the network family that the contrast is about, if any.
    """

    kind: str
    first: str
    second: str
    sizes: list[int]
    family: str | None = None

    @property
    def places(self) -> int:
        """Decimals of a difference in SNR; one in log-mel distance has one more."""
        return 2 if self.kind == "learned" else 1


class ContrastQueries(Queries):
    """Queries on what each step from one code to the next adds."""

    @cached_property
    def contrasts(self) -> list[Contrast]:
        """The contrasts that these results allow, from a low-pass filter to a trained choice."""
        contrasts = []
        for kind, first, second in BASELINE_STEPS:
            if {first, second} <= set(self.methods):
                contrasts.append(
                    Contrast(kind, f"baseline.{first}", f"baseline.{second}", self.sizes)
                )
        for family, members in self.results.families.items():
            sizes = [model.size for model in members]
            trained, untrained = f"reconstruction.{family}", f"untrained.{family}"
            steps = [("linear", trained, "baseline.klt")] if members[0].layers else []
            if family in self.untrained_families:
                steps = [("design", untrained, "baseline.codec"), ("learned", trained, untrained)]
            contrasts += [
                Contrast(kind, first, second, sizes, family)
                for kind, first, second in steps
                if not second.startswith("baseline.")
                or second.removeprefix("baseline.") in self.methods
            ]
        return contrasts

    @property
    def untrained_families(self) -> list[str]:
        """The families that were also measured before training."""
        return [
            family
            for family, members in self.results.families.items()
            if f"untrained.{members[0].version}.snr" in self.results.numbers
        ]

    def contrast(self, kind: str, family: str | None = None) -> Contrast:
        """Return the contrast of that kind and family; without sizes if there is none."""
        for contrast in self.contrasts:
            if (contrast.kind, contrast.family) == (kind, family):
                return contrast
        return Contrast(kind, "", "", [], family)

    def decided(self, kind: str, family: str) -> list[Contrast]:
        """Return the contrast of that kind and family, if its SNR was measured on several clips."""
        return [
            contrast
            for contrast in self.contrasts
            if (contrast.kind, contrast.family) == (kind, family)
            and self.contrast_overall(contrast, "snr").name != "unknown"
        ]

    def contrast_at(self, contrast: Contrast, size: int, measure: str) -> inference.Outcome | None:
        """Return the difference at one size; None if the contrast lacks it."""
        if size not in contrast.sizes:
            return None
        return inference.difference(*self._pair(contrast, size, measure))

    def contrast_overall(self, contrast: Contrast, measure: str) -> inference.Outcome:
        """Return the outcome over all sizes of a contrast; see `inference.compare`. `unknown`
        without sizes."""
        if not contrast.sizes:
            return inference.Outcome("unknown", ())
        pairs = [self._pair(contrast, size, measure) for size in contrast.sizes]
        firsts, seconds = zip(*pairs, strict=True)
        return inference.compare(firsts, seconds, contrast.sizes)

    def changes_in_percent(self, contrast: Contrast, measure: str) -> list[TracedFloat]:
        """Return, per size, by how many percent the first mean is above or below the second."""
        pairs = [self._pair(contrast, size, measure) for size in contrast.sizes]
        return [
            TracedFloat(abs(100 * (one.value / other.value - 1)), (one.name, other.name))
            for one, other in pairs
        ]

    def _pair(self, contrast: Contrast, size: int, measure: str) -> tuple[Number, Number]:
        first, second = (
            f"{prefix}.{size}.{measure}" for prefix in (contrast.first, contrast.second)
        )
        return self.results.number(first), self.results.number(second)

    @cached_property
    def methods(self) -> list[str]:
        """The baselines, in the order of the results."""
        names = (name.split(".") for name in self.results.numbers)
        return list(dict.fromkeys(parts[1] for parts in names if parts[0] == "baseline"))

    def widest(self, contrast: Contrast, measure: str) -> int | None:
        """Return the size at which a contrast's difference is greatest; None without sizes."""
        return max(
            contrast.sizes,
            key=lambda size: abs(inference.difference(*self._pair(contrast, size, measure)).value),
            default=None,
        )

    @property
    def single_size(self) -> bool:
        """True if every family has one size."""
        return len(self.results.models) == len(self.results.families)

    @property
    def coding_gains(self) -> inference.Outcome:
        """Return the coding gains that differ by definition.

        Outcomes: `clips`, a common spectrum and one a clip, and `moments`, also one a moment, if a
        moment is shorter than a clip; `clip` and `clip_moments` likewise on a single test clip,
        whose spectrum is the common one.
        """
        names = [f"data.coding_gain.{of}" for of in ("common", "clip", "moment")]
        numbers = tuple(map(self.results.number, names))
        single, moments = (numbers[1].clips or 1) == 1, self._has_moments
        name = ("clip_moments" if moments else "clip") if single else "moments"
        return inference.Outcome(name if single or moments else "clips", numbers)

    @property
    def moment_gain(self) -> inference.Outcome:
        """Return what a spectrum a moment gains over one a clip, as `inference.difference`;
        `unknown` if a moment is as long as a clip."""
        if not self._has_moments:
            return inference.Outcome("unknown", ())
        return inference.difference(
            *(self.results.number(f"data.coding_gain.{of}") for of in ("moment", "clip"))
        )

    @property
    def moment_seconds(self) -> float:
        """How long a moment of the coding gain lasts."""
        methods = self.results.methods
        return methods.moment_frames * methods.mdct_bins / self.results.data.sampling_rate

    @property
    def _has_moments(self) -> bool:
        return self.moment_seconds < self.results.data.seconds
