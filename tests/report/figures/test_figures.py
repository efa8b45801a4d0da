"""Figures: reproducible bytes, correct data, readable colours, labels without overlap."""

import csv
import importlib
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from report.errors import ReportError
from report.figures import (
    catalogue,
    draw,
    generated_spectrograms,
    song_audio,
    spectrograms,
    style,
    waveforms,
)
from report.language import words
from report.queries.results import Results, read

FIGURES = (
    "network-classic", "training", "spectrograms", "spectrograms-classic-1",
    "waveforms-classic-2", "comparison", "vector-clusters", "component-grid", "genre-accuracy",
    "new-songs", "elbows-classic", "clusters-classic", "genres-classic", "components-original",
    "components-classic-9184", "components-classic-18376-averaged", "answers-classic",
    "generated", "response-classic",
)  # fmt: skip


@pytest.fixture(scope="session")
def figures_folder(
    results_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw.draw_all(read(results_folder("whole")), words.read(), folder / "cache", folder)
    return folder / "figures"


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_light_and_dark(figures_folder: Path, name: str) -> None:
    light = (figures_folder / f"{name}.svg").read_text(encoding="utf-8")
    web = (figures_folder.parent / "web" / f"{name}.svg").read_text(encoding="utf-8")
    assert style.INK in light
    rules = re.search(r"<style>@media \(prefers-color-scheme:dark\)\{(.+?)\}</style>", web)
    assert rules is not None
    assert f"{style.INK}" in rules[1]
    assert style.dark_colours()[style.INK] in rules[1]
    assert "<text" not in light, "text must be paths: viewers lack the font"
    assert len(light) < 600_000


def test_the_same_results_give_the_same_bytes(
    figures_folder: Path, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    draw.draw_all(read(results_folder("whole")), words.read(), tmp_path / "cache", tmp_path)
    for path in [*figures_folder.iterdir(), *(figures_folder.parent / "datos").iterdir()]:
        again = tmp_path / path.relative_to(figures_folder.parent)
        assert path.read_bytes() == again.read_bytes(), path.name


def test_cached_figures_are_not_drawn_again(
    results_folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, cache = read(results_folder("small")), tmp_path / "cache"
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
    draw.draw_all(results, words.read(), cache, tmp_path / "one")
    before = {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    monkeypatch.setattr(draw, "_draw_missing", lambda *_: pytest.fail("drawn again"))
    draw.draw_all(read(results_folder("small")), words.read(), cache, tmp_path / "two")
    assert {path.name: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    monkeypatch.undo()
    epochs = [
        epoch.model_copy(update={"validation_rmse": 0.5}) for epoch in results.models[0].epochs
    ]
    changed = results.models[0].model_copy(update={"epochs": epochs})
    (tmp_path / "three").mkdir()
    draw.draw_all(
        results.model_copy(update={"models": [changed]}), words.read(), cache, tmp_path / "three"
    )
    after = {path.name for path in cache.iterdir()}
    assert len(after - set(before)) == len(set(before) - after) == 1, "only one figure changed"


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_a_csv_table(figures_folder: Path, name: str) -> None:
    path = figures_folder.parent / "datos" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert len(rows) >= 5
    assert all(len(row) == len(head) == len(set(head)) for row in rows)
    assert path.stat().st_size < 1_000_000


def test_csv_values_equal_the_results(
    figures_folder: Path, results_folder: Callable[[str], Path]
) -> None:
    results = read(results_folder("whole"))
    with (figures_folder.parent / "datos" / "comparison.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (row,) = [r for r in rows if r["metodo"] == "redes" and r["numeros"] == "18376"]
    expected = results.number("reconstruction.classic.18376.snr")
    assert float(row["snr_db"]) == pytest.approx(expected.value, rel=1e-5)
    assert expected.interval is not None
    assert float(row["snr_inferior"]) == pytest.approx(expected.interval[0], rel=1e-5)


@pytest.mark.parametrize(
    "sample",
    [
        "whole",
        "small",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("families", "hostile", "constant")
        ),
    ],
)
def test_nothing_is_drawn_outside_the_figure(
    sample: str,
    results_folder: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Figure] = {}
    monkeypatch.setattr(style, "save", lambda figure, path: made.update({path.stem: figure}))
    style.setup()
    spanish = words.read()
    for spec in catalogue.figure_specs(read(results_folder(sample)), spanish):
        module, _, function = spec.function.partition(":")
        draw = getattr(importlib.import_module(f"report.figures.{module}"), function)
        draw(*spec.arguments, spanish, tmp_path / f"{spec.name}.svg")
    assert len(made) >= 15
    for name, figure in made.items():
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(box.x0, box.y0) >= 0, f"{name}: {box}"
        assert box.x1 <= width, f"{name}: {box}"
        assert box.y1 <= height, f"{name}: {box}"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[Results, str], Figure]:
    """Draw the figure of that name."""

    def of(results: Results, name: str) -> Figure:
        made: list[Figure] = []
        monkeypatch.setattr(style, "save", lambda figure, _: made.append(figure))
        spanish = words.read()
        (spec,) = (s for s in catalogue.figure_specs(results, spanish) if s.name == name)
        module, _, function = spec.function.partition(":")
        draw = getattr(importlib.import_module(f"report.figures.{module}"), function)
        draw(*spec.arguments, spanish, Path())
        return made[0]

    return of


def test_methods_of_one_size_have_a_row_each(
    results_folder: Callable[[str], Path], drawn: Callable[[Results, str], Figure]
) -> None:
    results = read(results_folder("small"))
    figure = drawn(results, "comparison")
    names = {"red": "reconstruction.propia", "pasabajos": "baseline.lowpass"}
    names |= {"KLT": "baseline.klt", "MDCT": "baseline.mdct"}
    snr = {label: results.number(f"{name}.9184.snr").value for label, name in names.items()}
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert [snr[label] for label in labels] == sorted(snr.values(), reverse=True)
    for axes, measure in zip(figure.axes, ("snr", "log_mel", "visqol"), strict=True):
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert [line.get_xdata() for line in dots] == [
            [results.number(f"{names[label]}.9184.{measure}").value] for label in labels
        ]


def test_a_test_set_of_one_clip_has_no_panel(
    results_folder: Callable[[str], Path], drawn: Callable[[Results, str], Figure]
) -> None:
    results = read(results_folder("whole"))
    assert len(drawn(results, "genre-accuracy").axes) == 3
    number = results.number("tree.original.accuracy").model_copy(update={"clips": 1})
    numbers = results.numbers | {"tree.original.accuracy": number}
    results = results.model_copy(update={"numbers": numbers})
    assert len(drawn(results, "genre-accuracy").axes) == 2


@pytest.mark.parametrize("low", [0.0, 1e-9, 1e-4, 0.04, 0.9])
def test_log_axes_have_a_few_labels(low: float) -> None:
    axes = style.figure(5).add_axes((0.1, 0.1, 0.8, 0.8))
    axes.plot([low, 0.5, 2])
    style.log_axis(axes)
    bottom, top = axes.get_ylim()
    assert 2 <= sum(bottom <= place <= top for place in axes.get_yticks()) <= 9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 0.2))
def test_spread_labels_keep_order_and_gap(places: list[float], gap: float) -> None:
    moved = style.spread_labels(places, gap)
    order = sorted(range(len(places)), key=lambda index: places[index])
    for low, high in itertools.pairwise(order):
        assert moved[high] - moved[low] > gap - 1e-9
    if all(abs(a - b) > gap for a, b in itertools.combinations(places, 2)):
        assert moved == pytest.approx(places)


def luminance(colour: str) -> float:
    """Return the relative luminance defined in WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_the_palette_survives_grey_printing(count: int) -> None:
    shades = [luminance(colour) for colour in style.size_colours(count)]
    assert shades == sorted(shades)
    assert all(contrast(colour, "#ffffff") >= 3 for colour in style.size_colours(count))


def test_dark_ink_can_be_read() -> None:
    page = "#14181a"
    dark = style.dark_colours()
    assert contrast(dark[style.INK], page) >= 7
    assert contrast(dark[style.SOFT], page) >= 4.5
    assert all(contrast(dark[colour], page) >= 3 for colour in style.size_colours(5))


def test_spectrogram_levels() -> None:
    rate = 22_050
    tone = np.sin(2 * np.pi * 64 * rate / 1024 * np.arange(rate) / rate).astype(np.float32)
    loud, soft = (spectrograms.decibels(gain * tone) for gain in (1.0, 0.1))
    assert loud[:, 20].argmax() == 64
    assert (loud - soft)[64, 10:-10] == pytest.approx(20, abs=0.01)


def test_mel_levels_are_below_the_sounds_own_maximum() -> None:
    rate = 22_050
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate).astype(np.float32)
    levels = generated_spectrograms.mel_levels(tone, rate)
    centres = generated_spectrograms.band_centres(rate)
    band = levels[:, 10].argmax()
    assert abs(centres[band] - 1000) < centres[band + 1] - centres[band]
    assert levels.max() == 0
    assert levels.min() == -generated_spectrograms.DYNAMIC_RANGE
    silent = generated_spectrograms.mel_levels(np.zeros(500, dtype=np.float32), rate)
    assert (silent == -generated_spectrograms.DYNAMIC_RANGE).all()


def test_the_envelope_holds_every_extreme() -> None:
    sound = np.random.default_rng(0).standard_normal(110_250).astype(np.float32)
    low, high, seconds = waveforms.envelope(sound, 22_050)
    assert low.min() == sound.min()
    assert high.max() == sound.max()
    assert seconds[0] == 0
    assert seconds[-1] < 5


def test_the_detail_is_the_loudest_window() -> None:
    sound = np.zeros(1000, dtype=np.float32)
    sound[400:450] = 1
    assert waveforms.loudest_window(sound, 50) == 400


def test_a_broken_audio_file_is_named(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    results = read(results_folder("small")).model_copy(update={"folder": tmp_path})
    song = results.song("test")
    for version in song.versions:
        (tmp_path / version.audio).parent.mkdir(exist_ok=True)
        (tmp_path / version.audio).write_bytes(b"no sound")
    with pytest.raises(ReportError, match=r"test-original\.flac: cannot be read"):
        song_audio.read_files([("Original", tmp_path / song.audio("original"))])
