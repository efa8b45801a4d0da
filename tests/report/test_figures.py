"""Figures: the same bytes, true shapes, colours that survive, labels that do not collide."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from report import figures, words
from report.figures import plan, sound, spectrograms, style, waveforms
from report.readings import Readings
from report.results import ReportError, read

FIGURES = (
    "network-classic", "training-classic", "spectrograms-classic-0", "waveforms-classic-0",
    "spectrograms-classic-1", "waveforms-classic-2", "tuning", "comparison", "elbow-classic",
    "elbows-classic", "clusters-classic", "genres-classic", "components-original",
    "components-classic-9184", "components-classic-18376-averaged", "accuracy-classic",
    "answers-classic", "generation-classic",
)  # fmt: skip


@pytest.fixture(scope="session")
def drawn(results_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "figures"
    figures.draw(read(results_folder("whole")), words.read(), folder)
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_light_and_dark(drawn: Path, name: str) -> None:
    light = (drawn / f"{name}.svg").read_text(encoding="utf-8")
    dark = (drawn / f"{name}-dark.svg").read_text(encoding="utf-8")
    assert style.INK in light
    assert style.INK not in dark
    assert "<text" not in light, "text must be drawn: viewers lack the font"
    assert len(light) < 600_000


def test_the_same_results_give_the_same_bytes(
    drawn: Path, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    figures.draw(read(results_folder("whole")), words.read(), tmp_path / "again")
    for path in drawn.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("sample", ["whole", "small", "hostile", "families"])
def test_nothing_is_drawn_outside_the_figure(
    sample: str,
    results_folder: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Figure] = {}
    monkeypatch.setattr(style, "save", lambda figure, path: made.update({path.stem: figure}))
    style.setup()
    for drawing in plan.drawings(Readings(read(results_folder(sample))), words.read(), tmp_path):
        drawing()
    assert len(made) >= 15
    for name, figure in made.items():
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= 0, f"{name}: {box}"
        assert box.x1 <= width, f"{name}: {box}"
        assert box.y1 <= height, f"{name}: {box}"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 0.2))
def test_labels_stand_apart_in_their_order(places: list[float], gap: float) -> None:
    moved = style.apart(places, gap)
    order = sorted(range(len(places)), key=lambda index: places[index])
    for low, high in itertools.pairwise(order):
        assert moved[high] - moved[low] > gap - 1e-9
    if all(abs(a - b) > gap for a, b in itertools.combinations(places, 2)):
        assert moved == pytest.approx(places)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_the_palette_survives_grey_printing(count: int) -> None:
    shades = [luminance(colour) for colour in style.series(count)]
    assert shades == sorted(shades)
    assert all(contrast(colour, "#ffffff") >= 3 for colour in style.series(count))


def test_dark_ink_can_be_read() -> None:
    page = "#14181a"
    dark = style.counterparts()
    assert contrast(dark[style.INK], page) >= 7
    assert contrast(dark[style.SOFT], page) >= 4.5
    assert all(contrast(dark[colour], page) >= 3 for colour in style.series(5))


def test_spectrogram_levels() -> None:
    rate = 22_050
    tone = np.sin(2 * np.pi * 64 * rate / 1024 * np.arange(rate) / rate).astype(np.float32)
    loud, soft = (spectrograms.decibels(gain * tone) for gain in (1.0, 0.1))
    assert loud[:, 20].argmax() == 64
    assert (loud - soft)[64, 10:-10] == pytest.approx(20, abs=0.01)


def test_the_envelope_holds_every_extreme() -> None:
    sound = np.random.default_rng(0).standard_normal(110_250).astype(np.float32)
    low, high, seconds = waveforms.envelope(sound, 22_050)
    assert low.min() == sound.min()
    assert high.max() == sound.max()
    assert seconds[0] == 0
    assert seconds[-1] < 5


def test_the_detail_is_where_the_sound_is_loudest() -> None:
    sound = np.zeros(1000, dtype=np.float32)
    sound[400:450] = 1
    assert waveforms.loudest(sound, 50) == 400


def test_a_broken_audio_file_is_named(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    results = read(results_folder("small")).model_copy(update={"folder": tmp_path})
    song = results.song("test")
    for version in song.versions:
        (tmp_path / version.audio).parent.mkdir(exist_ok=True)
        (tmp_path / version.audio).write_bytes(b"no sound")
    with pytest.raises(ReportError, match=r"test-original\.flac: cannot be read"):
        sound.versions(results, song, "propia", words.read())
