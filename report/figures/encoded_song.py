"""Draws the figures of one song encoded outside a study."""

from pathlib import Path

import soundfile

from report.prose import spanish, words


def draw(folder: Path) -> None:
    """Add `spectrograms-FAMILY.svg` and `waveforms-FAMILY.svg` to a folder of versions.

    `folder` holds what `pipeline.evaluation.whole_song.encode_file` wrote.
    """
    from report.figures import spectrograms, style, waveforms
    from report.figures.song_audio import Recording

    style.setup()
    spanish_words = words.read()
    original = folder / "original.flac"
    rate = soundfile.info(original).samplerate
    families: dict[str, dict[int, Path]] = {}
    for path in folder.glob("*.*.flac"):
        family, stated = path.stem.split(".")
        families.setdefault(family, {})[int(stated)] = path
    for family, files in families.items():
        sounds = {spanish_words("figures.original"): Recording(original)}
        for size, file in sorted(files.items(), reverse=True):
            sounds[spanish.integer(size)] = Recording(file)
        spectrograms.draw(sounds, rate, spanish_words, folder / f"spectrograms-{family}.svg")
        waveforms.draw(sounds, rate, spanish_words, folder / f"waveforms-{family}.svg")
