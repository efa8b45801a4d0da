"""Every figure of the report, drawn from results into a folder."""

from pathlib import Path

from report.results import Model, Results
from report.words import Words


def draw(results: Results, words: Words, folder: Path) -> None:
    """Write each figure of the report as NAME-FAMILY.svg and NAME-FAMILY-dark.svg.

    Raises:
        ReportError: a song's audio cannot be read.
    """
    from report.figures import network, sound, spectrograms, style, training, waveforms

    style.setup()
    folder.mkdir(parents=True)
    rate = results.data.sampling_rate
    song = results.song("test")
    for family, models in results.families.items():
        network.draw(central(models), words, folder / f"network-{family}.svg")
        training.draw(models, logarithmic(models), words, folder / f"training-{family}.svg")
        sounds = sound.versions(results, song, family, words)
        spectrograms.draw(sounds, rate, words, folder / f"spectrograms-{family}.svg")
        waveforms.draw(sounds, rate, words, folder / f"waveforms-{family}.svg")


def central(models: list[Model]) -> Model:
    """The model whose network is drawn: the one of the middle size."""
    return models[len(models) // 2]


def logarithmic(models: list[Model]) -> bool:
    """Whether the losses of a family span so much that their axis is logarithmic."""
    losses = [epoch.validation_rmse for model in models for epoch in model.epochs]
    return max(losses) > 6 * min(losses)
