"""What it costs to encode new songs at their own sampling rate."""

from dataclasses import replace
from math import ceil

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number, Song
from report.queries.base import Queries
from report.statistics.inference import Outcome

SIMILAR = (0.8, 1.1)
"""Least and greatest ratio of two counts of numbers that are compared as similar."""


class OwnRateQueries(Queries):
    """Queries on the new songs that were encoded at their own rate; of the first one's rate.

    All but `model` and `songs` need a model that encoded them.
    """

    @property
    def model(self) -> Model | None:
        """The model that encoded them; None if no song was."""
        return next((model for model in self.results.models if self._songs(model)), None)

    @property
    def songs(self) -> list[Song]:
        """The songs."""
        songs = [] if self.model is None else self._songs(self.model)
        return [song for song in songs if self._rate(song) == self._rate(songs[0])]

    @property
    def spent(self) -> int:
        """How many numbers the model spends on what it encodes with `model.size`."""
        assert self.model is not None
        return ceil(self._rate(self.songs[0]) / self.results.data.sampling_rate) * self.model.size

    @property
    def similar_model(self) -> Model | None:
        """The model of the same family whose size is most like what the model spends, if any."""
        assert self.model is not None
        low, high = SIMILAR
        near = [
            other
            for other in self.results.families[self.model.family]
            if other != self.model and low <= other.size / self.spent <= high
        ]
        return min(near, key=lambda other: abs(other.size - self.spent), default=None)

    @property
    def covers_all(self) -> bool:
        """True if all new songs were encoded at that rate."""
        return len(self.songs) == len(self.new_songs)

    @property
    def spending(self) -> Outcome:
        """How many numbers the model spends beside the similar one: `same`, `alike` (the same
        percentage when rounded), `more` or `less`; `value` is the difference in percent."""
        assert self.similar_model is not None
        percent = 100 * self.spent / self.similar_model.size - 100
        name = "more" if percent > 0 else "less" if percent < 0 else "same"
        return Outcome("alike" if percent and not round(percent) else name, (), value=percent)

    @property
    def gain(self) -> Outcome:
        """By how much the SNR is above that of the same model at its own rate.

        Outcomes, in tenths of a decibel: `higher`, `lower` or `same` if every song is; else
        `mixed`; `low` and `high` are the differences.
        """
        return self._against(self.model)

    @property
    def at_similar_size(self) -> Outcome:
        """By how much the SNR is above that of the similar model.

        Outcomes: as of `gain`, but, if less than half of a gain of every song is left, `barely`
        for `higher` and `near` for `mixed`, or `at_most` if no song is below.
        """
        gain, left = self.gain, self._against(self.similar_model)
        explained = max(abs(left.low), abs(left.high)) < gain.low / 2
        mixed = "near" if round(left.low, 1) < 0 else "at_most"
        names = {"higher": "barely", "mixed": mixed} if explained else {}
        return replace(left, name=names.get(left.name, left.name))

    def _against(self, other: Model | None) -> Outcome:
        assert self.model is not None
        assert other is not None
        pairs = [
            (
                self._own(song, self.model),
                self.results.number(f"song.{song.name}.{other.version}.snr"),
            )
            for song in self.songs
        ]
        differences = [own.value - adapted.value for own, adapted in pairs]
        numbers = tuple(number for pair in pairs for number in pair)
        low, high = min(differences), max(differences)
        tenths = (round(low, 1), round(high, 1))
        name = "higher" if tenths[0] > 0 else "lower" if tenths[1] < 0 else "mixed"
        name = "same" if tenths == (0, 0) else name
        return Outcome(name, numbers, low=low, high=high, unit="dB")

    def _songs(self, model: Model) -> list[Song]:
        names = (f"song.{song.name}.own_rate.{model.version}.snr" for song in self.new_songs)
        known = [name in self.results.numbers for name in names]
        return [song for song, is_known in zip(self.new_songs, known, strict=True) if is_known]

    def _own(self, song: Song, model: Model) -> Number:
        return self.results.number(f"song.{song.name}.own_rate.{model.version}.snr")

    def _rate(self, song: Song) -> int:
        assert song.source is not None
        return song.source.sampling_rate
