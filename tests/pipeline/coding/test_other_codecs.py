"""Opus, MP3 and Vorbis: sizes, alignment and payload of real files."""

import numpy as np
import pytest

from pipeline.coding import other_codecs
from tests.pipeline.plucked_notes import pluck

RATE = 22_050
CLIP = np.asarray(pluck(3, 3, RATE), np.float32).reshape(-1)


@pytest.mark.parametrize("codec", other_codecs.CODECS)
def test_files_are_near_the_wanted_size_and_aligned(codec: str) -> None:
    size = 48 * 125 * 3
    data = other_codecs.encode_near(codec, CLIP, [size], RATE)[size]
    assert len(data) == pytest.approx(size, rel=0.1)
    decoded = other_codecs.decode(data, len(CLIP), RATE)
    assert decoded.shape == CLIP.shape
    shifts = range(-3, 4)
    agreement = [float(np.dot(CLIP[10:-10], np.roll(decoded, shift)[10:-10])) for shift in shifts]
    assert shifts[int(np.argmax(agreement))] == 0


@pytest.mark.parametrize("codec", other_codecs.CODECS)
def test_the_payload_is_less_than_the_file(codec: str) -> None:
    data = other_codecs.encode(codec, CLIP, 0.8, RATE)
    payload = other_codecs.payload_bytes(codec, data)
    assert 0.5 * len(data) < payload < len(data)


def test_an_opus_file_is_resampled_to_a_rate_it_takes() -> None:
    assert other_codecs.coding_rate("opus", RATE) == 24_000
    assert other_codecs.coding_rate("opus", 44_100) == 48_000
    assert other_codecs.coding_rate("mp3", 96_000) == 48_000
    assert other_codecs.coding_rate("vorbis", 12_345) == 12_345
