"""The sounds of the page Generar: every decoded vector that belongs to no song, and new music.

Each is written as `audio/KEY.mp3`. Scripts load them from bundles, `sonidos/BUNDLE.js`, each an
object of the MP3 files by key: a slider moves within a bundle without loading more.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.pool import cpu_count
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Generated, NewMusic
from report.page_cache import Kept
from report.queries.generation import GENERATORS
from report.queries.results import Results
from report.site.sound_files import sound_key, write_data_script, write_mp3

COMPRESSION = 0.95
"""As in `sound_files`, near the smallest file."""

DECODED = ("genre_songs", "genre", "songs", "path", "line", "uniform", "gaussian")
"""Kinds of decoded vectors in the order of the page, after the generators."""

GENERATORS_SHOWN = ("flow", *(each for each in GENERATORS if each != "flow"))


@dataclass(frozen=True)
class PageSound:
    """A sound: its record, the keys of its file and of its bundle, and what was measured of it.

    `size` and `family` are those of the network that decoded it; None for new music.
    """

    clip: Generated | NewMusic
    key: str
    bundle: str
    size: int | None
    family: str | None
    measures: dict[str, Number]


@dataclass(frozen=True)
class SoundGroup:
    """The sounds of a generator or of a kind of decoded vector, and the measures that they have."""

    what: str
    sounds: list[PageSound]

    @property
    def measures(self) -> list[str]:
        """The names of the measures of the first sound."""
        return list(self.sounds[0].measures)


def groups(results: Results) -> list[SoundGroup]:
    """Return the groups of the page, the flow's first."""
    sounds: dict[str, list[PageSound]] = {}
    for new in results.new_music:
        sounds.setdefault(new.model, []).append(_sound(results, new, ("pulse", "copying")))
    for clip in results.generated:
        sounds.setdefault(clip.kind, []).append(_sound(results, clip, ("similarity", "flatness")))
    order = (*GENERATORS_SHOWN, *DECODED)
    return [SoundGroup(what, sounds[what]) for what in order if what in sounds]


def write(results: Results, kept: Kept, site: Path) -> None:
    """Write all generated sounds and their bundles, in a thread per core.

    Raises:
        ReportError: a sound cannot be read.
    """
    bundles: dict[str, list[str]] = {}
    clips: list[Generated | NewMusic] = [*results.new_music, *results.generated]
    for clip in clips:
        bundles.setdefault(bundle(clip), []).append(clip.audio)

    def write_bundle(name: str, files: list[str]) -> None:
        sounds = {audio: write_mp3(results, audio, COMPRESSION, kept, site) for audio in files}
        by_key = {sound_key(audio): mp3 for audio, mp3 in sounds.items()}
        write_data_script(site / "sonidos" / f"{name}.js", name, by_key)

    with ThreadPoolExecutor(cpu_count()) as pool:
        for done in [pool.submit(write_bundle, *each) for each in bundles.items()]:
            done.result()


def bundle(clip: Generated | NewMusic) -> str:
    """Return the name of a sound's bundle: one per model and kind of decoded vector, or per model
    and genre of new music."""
    if isinstance(clip, NewMusic):
        return sound_key(clip.audio).rpartition("-")[0]
    return f"generated/{clip.model}/{clip.kind}"


def _sound(results: Results, clip: Generated | NewMusic, measures: tuple[str, ...]) -> PageSound:
    size, family = None, None
    if isinstance(clip, Generated):
        (model,) = (model for model in results.models if model.version == clip.model)
        size, family = model.size, model.family
    known = {name: results.numbers.get(f"{clip.number}.{name}") for name in measures}
    found = {name: number for name, number in known.items() if number is not None}
    return PageSound(clip, sound_key(clip.audio), bundle(clip), size, family, found)
