"""Embedded music, rendered: exact resampling, the GTZAN layout, levels."""

import hashlib
import io
import subprocess
import sys
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from pipeline.data.demo import composition, demo_songs, rendering
from pipeline.data.demo.integer_resampling import (
    FILTER_BITS,
    filter_bank,
    resample,
    saturate,
    scale_to_peak,
)
from pipeline.data.demo.styles import GENRES, SONGS

SEED = 42
CLIPS = 3


@pytest.fixture(scope="module")
def clips() -> dict[str, bytes]:
    """Three clips of each genre."""
    return {
        path: file
        for name in GENRES
        for path, file in rendering.render_genre(name, CLIPS, SEED).items()
    }


@pytest.fixture(scope="module")
def new_songs() -> dict[str, bytes]:
    return rendering.render_songs(SEED)


def samples(file: bytes) -> npt.NDArray[np.int16]:
    return np.asarray(soundfile.read(io.BytesIO(file), dtype="int16")[0])


def digest(*chunks: bytes) -> str:
    return hashlib.sha256(b"".join(chunks)).hexdigest()[:16]


# Resampling


@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_resampling_is_exact_integer_arithmetic(rate: int) -> None:
    """Compare with the same filter computed with Python integers."""
    noise = np.random.default_rng(0).integers(-65_536, 65_536, 3_000)
    divisor = int(np.gcd(48_000, rate))
    step, phases = 48_000 // divisor, rate // divisor
    bank, reach = filter_bank(step, phases)
    out = resample(noise, 48_000, rate)
    assert len(out) == -(-3_000 * rate // 48_000)
    for index in (0, 1, phases - 1, phases, 700, len(out) - 1):
        block, phase = divmod(index, phases)
        total = 0
        for place in range(step + 2 * reach):
            source = block * step - reach + place
            if 0 <= source < len(noise):
                total += int(noise[source]) * int(bank[place, phase])
        assert int(out[index]) == total


@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_resampling_keeps_the_passband_and_attenuates_aliases(rate: int) -> None:
    time = np.arange(48_000) / 48_000
    kept = 0.85 * rate / 2
    for frequency in (100.0, 1_000.0, kept):
        tone = np.round(60_000 * np.sin(2 * np.pi * frequency * time)).astype(np.int64)
        out = resample(tone, 48_000, rate)[2_000:-2_000] / 2**FILTER_BITS
        exact = 60_000 * np.sin(2 * np.pi * frequency * np.arange(rate) / rate)[2_000:-2_000]
        assert 20 * np.log10(np.std(out - exact) / np.std(exact)) < -70
    above = np.round(60_000 * np.sin(2 * np.pi * 1.06 * rate / 2 * time)).astype(np.int64)
    if 1.06 * rate < 48_000:
        out = resample(above, 48_000, rate)[2_000:-2_000] / 2**FILTER_BITS
        assert 20 * np.log10(np.abs(out).max() / 60_000) < -65


@pytest.mark.parametrize(("step", "phases"), [(320, 147), (160, 147)])
def test_filter_is_the_same_everywhere(step: int, phases: int) -> None:
    """No coefficient is closer than 4e-6 to a rounding boundary; the error of a sine is 1e-9."""
    bank, reach = filter_bank(step, phases)
    assert (bank.sum(axis=0) == 2**FILTER_BITS).all()
    expected = {147 / 320: "325312a00d2fd0c9", 147 / 160: "7d37b0b153c86f89"}[phases / step]
    assert digest(bank.tobytes(), str(reach).encode()) == expected


def test_scaling_reaches_the_peak_exactly() -> None:
    loud = scale_to_peak(np.array([-7 * 2**33, 2**33, 0]), 28_000)
    assert loud.tolist() == [-28_000, 4_000, 0]


def test_saturation_is_odd_and_follows_its_formula() -> None:
    values = np.arange(-1_000, 1_001)
    bent = saturate(values, 80)
    for value, got in zip(values.tolist(), bent.tolist(), strict=True):
        x = max(Fraction(-1), min(Fraction(1), Fraction(value, 800)))
        assert abs(got - 800 * (3 * x - x**3) / 2) <= Fraction(1, 2)
    assert (saturate(values, 0) == values).all()


# Rendering


def test_clips_have_the_gtzan_layout(clips: dict[str, bytes]) -> None:
    assert list(clips)[:2] == ["blues/blues.00000.flac", "blues/blues.00001.flac"]
    assert len(clips) == CLIPS * len(GENRES)
    for path, file in clips.items():
        facts = soundfile.info(io.BytesIO(file))
        assert (facts.format, facts.subtype) == ("FLAC", "PCM_16"), path
        assert (facts.channels, facts.samplerate, facts.frames) == (1, 22_050, 110_250), path


def test_clips_are_loud_and_continuous(clips: dict[str, bytes]) -> None:
    for path, file in clips.items():
        clip = samples(file).astype(float) / 32_768
        assert -3.01 < 20 * np.log10(np.abs(clip).max()) < -0.99, path
        assert 20 * np.log10(clip.std()) > -26, path
        # Sound within the first tenth of a second, and no silent half second.
        assert 20 * np.log10(clip[:2_205].std()) > -45, path
        halves = clip.reshape(10, -1).std(axis=1)
        assert 20 * np.log10(halves.min()) > -50, path
        assert abs(clip.mean()) < 0.03, path


def test_the_synthesizer_never_clips() -> None:
    for name in GENRES:
        for index in range(CLIPS):
            loudest = np.abs(
                rendering.synthesize(composition.compose_clip(name, SEED, index).midi)
            ).max()
            assert loudest < 32_767, (name, index)
    for name in SONGS:
        assert (
            np.abs(rendering.synthesize(demo_songs.compose_song(name, SEED).midi)).max() < 32_767
        ), name


def test_all_clips_differ(clips: dict[str, bytes]) -> None:
    spectra = np.array(
        [np.abs(np.fft.rfft(samples(file).astype(float))) for file in clips.values()]
    )
    spectra /= np.linalg.norm(spectra, axis=1, keepdims=True)
    likeness = spectra @ spectra.T - np.eye(len(spectra))
    assert likeness.max() < 0.9


def test_more_clips_do_not_change_earlier_ones(clips: dict[str, bytes]) -> None:
    fewer = rendering.render_genre("metal", 1, SEED)
    assert fewer == {"metal/metal.00000.flac": clips["metal/metal.00000.flac"]}


def test_drums_and_distortion_brighten_the_spectrum(clips: dict[str, bytes]) -> None:
    """Cymbals and distortion have energy above 4 kHz."""

    def bright(name: str) -> float:
        shares = []
        for index in range(CLIPS):
            clip = samples(clips[f"{name}/{name}.{index:05d}.flac"]).astype(float)
            power = np.abs(np.fft.rfft(clip)) ** 2
            shares.append(power[20_000:].sum() / power.sum())
        return float(np.median(shares))

    for drummed in ("disco", "metal", "rock", "pop", "country"):
        assert bright(drummed) > 3 * bright("classical"), drummed


def test_songs_are_stereo_and_start_immediately(new_songs: dict[str, bytes]) -> None:
    assert list(new_songs) == [f"{name}.flac" for name in SONGS]
    for name, file in new_songs.items():
        facts = soundfile.info(io.BytesIO(file))
        assert (facts.channels, facts.samplerate, facts.subtype) == (2, 44_100, "PCM_16"), name
        song = samples(file).astype(float) / 32_768
        assert len(song) > 20 * 44_100, name
        assert -3.01 < 20 * np.log10(np.abs(song).max()) < -0.99, name
        left, right = song.T
        assert np.corrcoef(left, right)[0, 1] < 0.97, name
        assert 0.7 < left.std() / right.std() < 1.4, name
        seconds = song[: 20 * 44_100].reshape(20, -1).std(axis=1)
        assert 20 * np.log10(seconds.min()) > -26, name


@pytest.mark.skipif(sys.platform != "linux", reason="the digest was measured with Linux's libm")
def test_rendering_is_the_same_to_the_sample(
    clips: dict[str, bytes], new_songs: dict[str, bytes]
) -> None:
    """Exact, because no step depends on the processor.

    The synthesizer is scalar IEEE-754 arithmetic with libm's exp, pow and cos; resampling and
    levels are integers. The 16-bit samples are the same with glibc's variants without AVX2 and
    FMA, whose exp differs in the last bit, and with other BLAS kernels.
    """
    both = [samples(file).tobytes() for file in (*clips.values(), *new_songs.values())]
    assert digest(*both) == "328c4d495ad383ed"


# Missing packages


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("package", ["midirenderer", "pretty_midi"])
def test_a_missing_package_is_reported_in_one_line(package: str) -> None:
    """In a subprocess in which the package cannot be imported."""
    done = run(
        f"import sys; sys.modules[{package!r}] = None\n"
        "from pipeline.data.demo import rendering\n"
        "from pipeline.errors import StudyError\n"
        "try:\n"
        "    rendering.render_genre('rock', 1, 42)\n"
        "except StudyError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("DemoUnavailable ")
    assert f"needs the package {package}" in line
    assert "pip install midirenderer pretty_midi" in line
    assert "data.path" in line


def test_rendering_prints_nothing_and_needs_no_torch() -> None:
    done = run(
        "import sys\n"
        "from pipeline.data.demo import rendering\n"
        "rendering.render_genre('rock', 1, 42)\n"
        "sys.exit(sorted({'torch', 'pretty_midi', 'pkg_resources'} & set(sys.modules)) or 0)\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_genre_names_need_no_heavy_import() -> None:
    done = run(
        "import sys\n"
        "from pipeline.data.demo.styles import GENRES, SONGS\n"
        "sys.exit(sorted({'numpy', 'midirenderer', 'soundfile'} & set(sys.modules)) or 0)\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
