"""Figures of a single song encoded by `latentes encode`."""

from pathlib import Path

import soundfile

from report.language import spanish, words


def draw_encoded_song(folder: Path) -> None:
    """Write `spectrograms-FAMILY.svg` and `waveforms-FAMILY.svg` next to a song's versions.

    Args:
        folder: output of `pipeline.evaluation.whole_song.encode_file`.
    """
    from report.figures import spectrograms, style, waveforms
    from report.figures.song_audio import AudioFile

    style.setup()
    spanish_words = words.read()
    original = folder / "original.flac"
    rate = soundfile.info(original).samplerate
    families: dict[str, dict[int, Path]] = {}
    for path in folder.glob("*.*.flac"):
        family, size_text = path.stem.split(".")
        families.setdefault(family, {})[int(size_text)] = path
    for family, files in families.items():
        versions = {spanish_words("figures.original"): AudioFile(original)}
        for size, file in sorted(files.items(), reverse=True):
            versions[spanish.integer(size)] = AudioFile(file)
        spectrograms.draw(versions, rate, spanish_words, folder / f"spectrograms-{family}.svg")
        waveforms.draw(versions, rate, spanish_words, folder / f"waveforms-{family}.svg")
