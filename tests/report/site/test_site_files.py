"""The files that the site is made of: sounds at one loudness, small pictures and scripts."""

import base64
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

from report.render import Rendered
from report.results import read
from report.site import assets, compact_svg, sound_files

Render = Callable[[str], Rendered]


def loaded(path: Path) -> tuple[NDArray[np.float64], int]:
    """The sound in a script."""
    name, data = json.loads(f"[{path.read_text(encoding='utf-8')[9:-3]}]")
    assert path.as_posix().endswith(f"/{name}.js")
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)))
    return samples, rate


@pytest.fixture(scope="session")
def compared(rendered: Render) -> list[list[dict[str, object]]]:
    """What the comparators of a site know of each song's versions."""
    text = (rendered("whole").site / "datos/canciones.js").read_text(encoding="utf-8")
    songs: list[list[dict[str, object]]] = json.loads(f"[{text[9:-3]}]")[1]
    return songs


def test_versions_are_equally_loud(
    rendered: Render, compared: list[list[dict[str, object]]]
) -> None:
    for versions in compared:
        files = [rendered("whole").site / f"sonidos/{each['key']}.js" for each in versions]
        levels = [
            pyloudnorm.Meter(rate).integrated_loudness(samples)
            for samples, rate in map(loaded, files)
        ]
        assert max(levels) - min(levels) < 0.05
        assert max(np.abs(loaded(file)[0]).max() for file in files) < 1


def test_stated_gain_and_residual_give_the_results_back(
    rendered: Render, results_folder: Callable[[str], Path], compared: list[list[dict[str, object]]]
) -> None:
    site, results = rendered("whole").site, read(results_folder("whole"))
    for version in compared[0]:
        raised, _ = loaded(site / f"sonidos/{version['key']}.js")
        original, _ = soundfile.read(results.folder / f"audio/{version['key']}.flac")
        lowered = raised * 10 ** (-float(str(version["matched"])) / 20)
        assert np.abs(lowered - original).max() < 2 / 32768


def test_every_version_has_its_native_player_too(
    rendered: Render, compared: list[list[dict[str, object]]]
) -> None:
    for version in (each for versions in compared for each in versions):
        samples, rate = soundfile.read(rendered("whole").site / f"audio/{version['key']}.mp3")
        assert rate == 22_050
        assert len(samples) / rate == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("rate", [6000, 22_050, 30_000, 96_000])
def test_any_rate_becomes_an_mp3(rate: int, tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    path = sound_files._native(
        tmp_path, "tone", np.stack([tone, tone], axis=1), rate, sound_files.FINE
    )
    heard, found = soundfile.read(path)
    assert found in sound_files.MP3_RATES
    spectrum = np.abs(np.fft.rfft(heard[:, 0]))
    assert np.argmax(spectrum) * found / len(heard) == pytest.approx(440, abs=2)


def test_silence_and_moments_have_no_loudness() -> None:
    assert sound_files.loudness(np.zeros(22_050), 22_050) is None
    assert sound_files.loudness(np.ones(100), 22_050) is None


def test_curves_stay_where_they_are() -> None:
    points = np.cumsum(np.random.default_rng(0).normal(size=(400, 2)), axis=0) + 50
    path = "M " + " \nL ".join(f"{x:.6f} {y:.6f}" for x, y in points) + " \nz \n"
    short = compact_svg._short(path)
    assert len(short) < 0.5 * len(path)
    numbers = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", short)]
    steps = np.array(numbers).reshape(-1, 2)
    assert np.abs(np.cumsum(steps, axis=0) - points).max() < 0.06
    assert short.endswith("z")
    assert compact_svg._short("M 1.23 4 \nL 10.504 -0.3 \nz\n") == "M1.23 4L10.5 -0.3z"


def test_scripts_lose_nothing_but_words_and_spaces() -> None:
    script = '// gone\n  const a = b ? "x = (1)" : `y, ${c} = z`; // stays\n  a - -b;\n'
    assert assets.shorter(script) == 'const a=b?"x = (1)":`y, ${c} = z`;// stays\na - -b;\n'
