"""The settings on which the results depend: the rows of the appendix's table of settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from report.queries.base import Queries

NOT_LISTED = {
    "publish_unlicensed": "changes what is published, not what is computed",
    "data.path": "the music itself; section 1.1 names it",
    "data.licence": "said of the music",
    "new_songs.file": "the music itself; the chapter on new music names it",
    "new_songs.name": "said of a song",
    "new_songs.genre": "said of a song",
    "new_songs.licence": "said of a song",
    "choice.reason": "said of a choice",
    "listening.answers": "their chapter tells how many there are",
    "experiments.run": "their section is in the report, or not",
    "generation.run": "its sections are in the report, or not",
}
"""Settings of `results.study` that change no result, each with what it is instead."""

UNITS = {
    "data.seconds": "s",
    "data.sampling_rate": "Hz",
    "data.validation": "%",
    "data.test": "%",
    "new_songs.start": "s",
    "choice.snr": "dB",
}
"""Units of settings; fractions are shown in percent."""


@dataclass(frozen=True)
class SettingRow:
    """A setting as used. `label` is its name in words.toml, `subject` the family or song that it
    is about, if any."""

    name: str
    label: str
    value: Any
    unit: str = ""
    subject: str = ""


class SettingQueries(Queries):
    """Queries on the settings of the study."""

    @property
    def rows(self) -> list[SettingRow]:
        """Every setting that is in use, in the order of the schema."""
        return list(self._rows("", self.results.study))

    @property
    def software(self) -> list[str]:
        """Python and the libraries that the numbers were computed with, with their versions."""
        machine = self.results.machine
        versions = [("Python", machine.python), *sorted(machine.libraries.items())]
        return [f"{name} {version}" for name, version in versions]

    def _rows(self, prefix: str, table: dict[str, Any]) -> Iterator[SettingRow]:
        for key, value in table.items():
            name = prefix + key
            if name in ("report", "size") or name in NOT_LISTED or not self._is_used(name):
                continue
            if name == "models":
                for family, members in self.results.families.items():
                    sizes = [model.size for model in members]
                    yield SettingRow(f"models.{family}", name, sizes, subject=family)
            elif name == "new_songs":
                for song in value:
                    for row in self._rows("new_songs.", song):
                        yield SettingRow(
                            row.name, row.label, row.value, row.unit, song["name"] or song["file"]
                        )
            elif isinstance(value, dict):
                yield from self._rows(f"{name}.", value)
            elif value is not None:
                unit = UNITS.get(name, "")
                shown = round(100 * value, 9) if unit == "%" else value
                yield SettingRow(name, name, shown, unit)

    def _is_used(self, name: str) -> bool:
        """Whether the study at hand has a use for a setting, or for a table of them."""
        results = self.results
        layered = any(model.layers for model in results.models)
        tuned = results.tuning is not None and results.tuning.used
        uses = {
            "data.demo_clips": results.data.synthetic,
            "training.learning_rate": layered and not tuned,
            "training.epochs": layered,
            "training.batch": layered,
            "training.adaptive": not all(model.layers for model in results.models),
            "tuning": results.tuning is not None,
            "generation": bool(results.new_music),
            "visqol_clips": f"reconstruction.{results.models[0].version}.visqol" in results.numbers,
            "choice.visqol": results.choice.visqol is not None,
        }
        return uses.get(name, True)
