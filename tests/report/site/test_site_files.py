"""Sounds, SVG figures and scripts of the site."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray

from report import byte_text
from report.checks.file_integrity import read_data_script
from report.figures import compact_svg
from report.page_cache import Kept
from report.queries.results import read
from report.render import Rendered
from report.site import assets, sound_files

Render = Callable[[str], Rendered]


def read_sound_script(path: Path) -> tuple[NDArray[np.float64], int]:
    """Return the samples and sampling rate of the sound in a data script."""
    name, data = read_data_script(path)
    assert path.as_posix().endswith(f"/{name}.js")
    samples, rate = soundfile.read(io.BytesIO(byte_text.decode(str(data))))
    return samples, rate


@pytest.fixture(scope="session")
def comparator_data(rendered: Render) -> list[list[dict[str, object]]]:
    """Data of the comparators: the versions of each song."""
    text = (rendered("whole").site / "datos/canciones.js").read_text(encoding="utf-8")
    songs: list[list[dict[str, object]]] = json.loads(f"[{text[9:-3]}]")[1]
    return songs


def test_versions_are_matched_in_loudness(
    rendered: Render, comparator_data: list[list[dict[str, object]]]
) -> None:
    for versions in comparator_data:
        files = [rendered("whole").site / f"sonidos/{each['key']}.js" for each in versions]
        levels = [
            pyloudnorm.Meter(rate).integrated_loudness(samples)
            for samples, rate in map(read_sound_script, files)
        ]
        assert max(levels) - min(levels) < 0.05
        assert max(np.abs(read_sound_script(file)[0]).max() for file in files) < 1


def test_undoing_the_gain_gives_the_original_samples(
    rendered: Render,
    results_folder: Callable[[str], Path],
    comparator_data: list[list[dict[str, object]]],
) -> None:
    site, results = rendered("whole").site, read(results_folder("whole"))
    for version in comparator_data[0]:
        matched, _ = read_sound_script(site / f"sonidos/{version['key']}.js")
        original, _ = soundfile.read(results.folder / f"audio/{version['key']}.flac")
        samples = matched * 10 ** (-float(str(version["matched"])) / 20)
        assert np.abs(samples - original).max() < 2 / 32768


def test_every_version_has_an_mp3(
    rendered: Render, comparator_data: list[list[dict[str, object]]]
) -> None:
    for version in (each for versions in comparator_data for each in versions):
        samples, rate = soundfile.read(rendered("whole").site / f"audio/{version['key']}.mp3")
        assert rate == 22_050
        assert len(samples) / rate == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("rate", [6000, 22_050, 30_000, 96_000])
def test_any_sampling_rate_is_resampled_for_mp3(rate: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    mp3 = sound_files._encoded_mp3(
        np.stack([tone, tone], axis=1), rate, sound_files.SONG_COMPRESSION
    )
    samples, mp3_rate = soundfile.read(io.BytesIO(mp3))
    assert mp3_rate in sound_files.MP3_RATES
    spectrum = np.abs(np.fft.rfft(samples[:, 0]))
    assert np.argmax(spectrum) * mp3_rate / len(samples) == pytest.approx(440, abs=2)


def test_silent_and_short_sounds_have_no_loudness() -> None:
    assert sound_files.loudness(np.zeros(22_050), 22_050) is None
    assert sound_files.loudness(np.ones(100), 22_050) is None


def test_rounding_keeps_curves_in_place() -> None:
    points = np.cumsum(np.random.default_rng(0).normal(size=(400, 2)), axis=0) + 50
    path = "M " + " \nL ".join(f"{x:.6f} {y:.6f}" for x, y in points) + " \nz \n"
    short = compact_svg._round_path(path)
    assert len(short) < 0.5 * len(path)
    numbers = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", short)]
    steps = np.array(numbers).reshape(-1, 2)
    assert np.abs(np.cumsum(steps, axis=0) - points).max() < 0.06
    assert short.endswith("z")
    assert compact_svg._round_path("M 1.23 4 \nL 10.504 -0.3 \nz\n") == "M1.23 4L10.5 -0.3z"


def test_scripts_are_minified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    script = '// gone\n  const a = b ? "x = (1)" : `y, ${c} = z`; // gone\n  a - -b;\n'
    (tmp_path / "assets" / "a.js").write_text(script)
    monkeypatch.setattr(assets, "ASSETS", tmp_path / "assets")
    assets.copy(tmp_path / "site", Kept(tmp_path / "kept"))
    minified = (tmp_path / "site" / "a.js").read_text()
    assert minified == 'let a=b?"x = (1)":`y, ${c} = z`;a- -b;\n'
