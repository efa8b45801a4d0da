"""Mixing to mono, also where the channels cancel out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.audio.decode import open_audio
from pipeline.audio.files import read_excerpt
from pipeline.audio.mono import CANCELLATION, Mixer
from pipeline.data.clip_cutter import ClipCutter, Cut, Fault
from tests.pipeline.data.users_files import Stream, encoded, music, written

RATE = 8000
ONE = music(7, 1.5, RATE, 1)[:, 0]
OTHER = music(8, 1.5, RATE, 1)[:, 0]
NOTHING = np.zeros_like(ONE)


def mixed(
    *channels: NDArray[np.float32], blocks: int = 7
) -> tuple[NDArray[np.float32], int | None]:
    """The mean of the channels, mixed in blocks, and the channel to use instead."""
    mixer = Mixer()
    sound = np.stack(channels, axis=1)
    mono = np.concatenate([mixer.mix(block) for block in np.array_split(sound, blocks)])
    with np.errstate(invalid="ignore"):
        assert np.allclose(mono, sound.mean(axis=1), atol=1e-6, equal_nan=True)
    return mono, mixer.louder_channel()


@pytest.mark.parametrize(
    ("channels", "louder"),
    [
        ([ONE, -ONE], 0),
        ([0.9 * ONE, -ONE], 1),
        ([ONE, -0.95 * ONE + 0.01 * OTHER], 0),
        ([ONE + 0.3, -0.95 * ONE - 0.3], 0),
        ([ONE + 0.3, -0.95 * ONE + 0.2], 0),
        ([ONE, -ONE, NOTHING], 0),
        ([NOTHING, ONE, -ONE, NOTHING, 0.5 * OTHER, -0.5 * OTHER], 1),
    ],
    ids=[
        "antiphase",
        "of different level",
        "with small differences",
        "with opposite offsets",
        "with other offsets",
        "and a silent channel",
        "of two pairs",
    ],
)
def test_channels_that_cancel_out_are_found(
    channels: list[NDArray[np.float32]], louder: int
) -> None:
    assert mixed(*channels)[1] == louder


@pytest.mark.parametrize(
    "channels",
    [
        [ONE],
        [ONE, ONE],
        [ONE, OTHER],
        [ONE, NOTHING],
        [NOTHING, ONE],
        [ONE, -0.5 * ONE],
        [ONE + 0.4, OTHER - 0.4],
        [NOTHING, NOTHING],
        [NOTHING + 0.5, NOTHING - 0.5],
        [ONE, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING],
        [OTHER, -ONE, ONE],
    ],
    ids=[
        "mono",
        "the same twice",
        "stereo",
        "a silent channel",
        "another",
        "half in antiphase",
        "offsets that cancel out",
        "silence",
        "offsets alone",
        "5.1 with one active channel",
        "two of three",
    ],
)
def test_others_are_mixed(channels: list[NDArray[np.float32]]) -> None:
    assert mixed(*channels)[1] is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_left_to_be_found(value: float) -> None:
    broken = ONE.copy()
    broken[100] = value
    for other in (ONE, -ONE, OTHER, -broken):
        mono, louder = mixed(broken, other)
        assert louder is None
        assert not np.isfinite(mono).all()


def test_cancellation_begins_at_20_db() -> None:
    # Channels a and -a + 2d have a mean of d, and a power of a² each.
    for share, found in ((0.9, True), (1.1, False)):
        difference = np.sqrt(share * CANCELLATION / 2) * np.linalg.norm(ONE)
        change = OTHER - ONE * np.dot(OTHER, ONE) / np.dot(ONE, ONE)
        change *= 2 * difference / np.linalg.norm(change)
        assert (mixed(ONE, -ONE + change)[1] is not None) == found


def test_the_number_of_blocks_does_not_matter() -> None:
    assert [mixed(ONE, -ONE, blocks=blocks)[1] for blocks in (1, 2, 99)] == [0, 0, 0]


def test_an_excerpt_takes_the_louder_channel_of_its_own_stretch() -> None:
    # Antiphase from 1.5 s on, where the second channel is louder.
    left, right = np.concatenate([ONE, 0.9 * ONE]), np.concatenate([OTHER, -ONE])
    data = written(np.stack([left, right], 1), RATE, format="WAV", subtype="FLOAT")
    with open_audio(data) as sound:
        first = read_excerpt(data, sound, RATE, 1.5)
        second = read_excerpt(data, sound, RATE, 1.0)
    assert (first.channel, second.channel) == (None, 1)
    assert np.allclose(first.waveform.numpy(), (ONE + OTHER) / 2, atol=1e-6)
    assert np.allclose(second.waveform.numpy(), -ONE[:RATE], atol=1e-6)


@pytest.mark.parametrize("format_", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_file_in_antiphase_is_used_and_said_to_be(format_: str) -> None:
    sound = np.stack([ONE, -ONE], 1)
    found = list(
        ClipCutter(RATE, RATE, 1, "start", 0).cut("a", written(sound, RATE, format=format_))
    )
    fault, clip = found
    assert isinstance(fault, Fault)
    assert (fault.fault, fault.start) == ("one_channel", 0.0)
    assert "only channel 1 is used" in fault.detail
    assert isinstance(clip, Cut)
    assert np.corrcoef(clip.waveform.numpy(), ONE[:RATE])[0, 1] > 0.9


def test_surround_with_one_active_channel_is_mixed() -> None:
    sound = np.zeros((2 * 48_000, 6), np.float32)
    sound[:, 2] = music(7, 2.0, 48_000, 1)[:, 0]
    data = encoded("matroska", Stream(sound, 48_000, "flac", sample_format="s16"))
    found = list(ClipCutter(RATE, RATE, 1, "start", 0).cut("a", data))
    assert [type(each) for each in found] == [Cut]


def test_channels_that_cancel_out_for_a_while_are_found() -> None:
    long, other = music(7, 20, RATE, 1)[:, 0], music(8, 20, RATE, 1)[:, 0]
    for seconds, louder in ((0.5, None), (6, 0)):
        right = other.copy()
        right[: round(seconds * RATE)] = -long[: round(seconds * RATE)]
        assert mixed(1.5 * long, right, blocks=1)[1] is None
        assert mixed(long, right, blocks=2)[1] == louder
